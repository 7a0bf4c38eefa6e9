/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between the headers of an object and the values of the remote. The attributes are those of s3fs (mode, uid, gid,
 * mtime, ctime, atime, rdev); other programs' are read where they are absent. All other headers are packed into one
 * string, "name:value\n" each.
 */
#ifndef PAIL_SRC_S3_REMOTE_METADATA_H
#define PAIL_SRC_S3_REMOTE_METADATA_H

#include "pail/remote/remote.h"
#include "pail/s3/types.h"

/* -ENOMEM. ret_metadata: pail_remote_metadata_done(). */
int pail_remote_metadata_unpack(const struct pail_s3_headers *headers, struct pail_remote_metadata *ret_metadata);
/* What is stored beside the attributes, packed; NULL when that is nothing. */
int pail_remote_extra_pack(const struct pail_s3_headers *headers, char **ret_extra);
/* And back. -EINVAL: not what extra_pack makes. -E2BIG: more user metadata than S3 takes. */
int pail_remote_metadata_pack(const struct pail_remote_metadata *metadata, struct pail_s3_headers *ret_headers);
/* With its content type. */
int pail_remote_content_pack(const struct pail_remote_content *content, struct pail_s3_headers *ret_headers);
int pail_remote_object_from(const struct pail_s3_object_metadata *metadata, struct pail_remote_object *ret_object);

#endif
