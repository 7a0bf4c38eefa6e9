/* SPDX-License-Identifier: Apache-2.0 */
/* Multipart uploads of the remote. */
#ifndef PAIL_SRC_S3_REMOTE_UPLOAD_H
#define PAIL_SRC_S3_REMOTE_UPLOAD_H

#include "pail/remote/remote.h"

int pail_s3_remote_begin_upload(struct pail_remote *remote, const char *key, const struct pail_remote_content *content,
                                bool may_copy, struct pail_remote_upload **ret_upload,
                                struct pail_remote_error *ret_error);
int pail_s3_remote_send_part(struct pail_remote_upload *upload, const struct pail_remote_part_source *source,
                             struct pail_remote_part *part, pail_remote_part_done *done, void *context,
                             struct pail_remote_call **ret_call, struct pail_remote_error *ret_error);
int pail_s3_remote_complete_upload(struct pail_remote_upload *upload, const struct pail_remote_part *parts,
                                   size_t count, const struct pail_remote_condition *condition,
                                   struct pail_remote_stored *ret_stored, struct pail_remote_error *ret_error);
void pail_s3_remote_end_upload(struct pail_remote_upload *upload, bool has_cancelled);

#endif
