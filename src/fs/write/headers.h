/* SPDX-License-Identifier: Apache-2.0 */
/* What goes with the bytes of a draft: key, headers, and the upload's view of which parts are new. */
#ifndef PAIL_FS_WRITE_HEADERS_H
#define PAIL_FS_WRITE_HEADERS_H

#include "fs/write/draft.h"

/* A snapshot. -ENOENT when the file has no name any more. headers: pail_s3_headers_done. */
int pail_draft_headers(struct pail_draft *draft, char **ret_key, struct pail_s3_headers *ret_headers,
                       struct pail_attributes *ret_attributes);
/* Headers of a node's object: what is stored with it beside our attributes, and these. */
int pail_node_headers_locked(const struct pail_node *node, const struct pail_attributes *attributes,
                             struct pail_s3_headers *ret_headers);
/*
 * Adds what new content is stored with: class and encryption by the mount's options, and the type, from its name, of a file that was not there
 * before (new_name NULL: it was, and keeps what it has).
 */
int pail_node_content_headers(const struct pail_fs *fs, const char *new_name, struct pail_s3_headers *headers);
int pail_draft_new_upload(struct pail_draft *draft, const char *key, struct pail_upload **ret_upload);

#endif
