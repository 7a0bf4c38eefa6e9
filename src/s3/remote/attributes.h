/* SPDX-License-Identifier: Apache-2.0 */
/* POSIX attributes in user metadata. */
#ifndef PAIL_SRC_S3_REMOTE_ATTRIBUTES_H
#define PAIL_SRC_S3_REMOTE_ATTRIBUTES_H

#include "pail/http/request.h"
#include "pail/remote/remote.h"

/* In this order of preference: s3fs, s3sync, gcsfuse (goog-reserved), DataSync. What cannot be parsed is not there. */
void pail_remote_attributes_read(const struct pail_http_headers *metadata,
                                 struct pail_remote_attributes *ret_attributes);
/* Sets s3fs's headers of those that are present, and leaves all others. -ENOMEM, -EMSGSIZE. */
int pail_remote_attributes_write(const struct pail_remote_attributes *attributes, struct pail_http_headers *metadata);

#endif
