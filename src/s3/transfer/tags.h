/* SPDX-License-Identifier: Apache-2.0 */
/* Tags of what was just written, on servers that do not take them from a header. */
#ifndef PAIL_SRC_S3_TRANSFER_TAGS_H
#define PAIL_SRC_S3_TRANSFER_TAGS_H

#include "pail/s3/client.h"
#include "pail/s3/types.h"

/* metadata: what HEAD has just told of the object. Puts the tags where it has another number of them. tagging NULL: none. */
int pail_s3_ensure_tags(struct pail_s3_client *client, const char *bucket, const char *key,
                        const struct pail_s3_object_metadata *metadata, const char *tagging,
                        struct pail_error *ret_error);
/* With that HEAD. tagging NULL or "": nothing to do. An object that is not etag is left alone. */
int pail_s3_ensure_tags_of(struct pail_s3_client *client, const char *bucket, const char *key, const char *etag,
                           const char *tagging, struct pail_error *ret_error);

#endif
