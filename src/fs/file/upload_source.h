/* SPDX-License-Identifier: Apache-2.0 */
/* What goes with the bytes of a draft: key, metadata, and the upload's view of which parts are new. */
#ifndef PAIL_FS_WRITE_HEADERS_H
#define PAIL_FS_WRITE_HEADERS_H

#include "fs/file/file.h"

/*
 * A snapshot. -ENOENT when the file has no name any more. ret_content_type: of a file that was not there before, by its
 * name; NULL: none, or it was and keeps what it has. Borrowed from the mount's table of types.
 */
int pail_draft_metadata(struct pail_draft *draft, char **ret_key, struct pail_remote_metadata *ret_metadata,
                        const char **ret_content_type, struct pail_attributes *ret_attributes);
int pail_draft_new_upload(struct pail_draft *draft, const char *key, struct pail_fs_upload **ret_upload);

#endif
