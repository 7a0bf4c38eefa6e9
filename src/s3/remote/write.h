/* SPDX-License-Identifier: Apache-2.0 */
/* Changes of single objects, and deletions of many. */
#ifndef PAIL_SRC_S3_REMOTE_WRITE_H
#define PAIL_SRC_S3_REMOTE_WRITE_H

#include "pail/remote/remote.h"

int pail_s3_remote_put(struct pail_remote *remote, const struct pail_remote_put *put,
                       struct pail_remote_stored *ret_stored, struct pail_remote_error *ret_error);
int pail_s3_remote_copy(struct pail_remote *remote, const struct pail_remote_copy *copy,
                        struct pail_remote_stored *ret_stored, struct pail_remote_error *ret_error);
int pail_s3_remote_remove(struct pail_remote *remote, const char *key, struct pail_remote_error *ret_error);
int pail_s3_remote_remove_many(struct pail_remote *remote, const char *const *keys, size_t count,
                               struct pail_remote_error *ret_error);

#endif
