/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PAIL_SRC_S3_RESOURCE_OBJECT_H
#define PAIL_SRC_S3_RESOURCE_OBJECT_H

#include "pail/s3/object.h"

struct pail_object {
        struct pail_bucket *bucket; /* a reference */
        char *version_id;           /* NULL: the current one */
        bool is_loaded;
        bool is_assumed; /* info is what the caller knew */
        struct pail_s3_object_metadata metadata;
        bool is_listed;
        struct pail_s3_entry entry; /* what a listing told, without its key and id */
        char key[];
};

bool pail_object_shares_bucket(const struct pail_object *object, const struct pail_object *other);
/* Nothing is known of it any more, neither from a listing nor from a load. */
void pail_object_forget(struct pail_object *object);
/* The object was just written with these: what a load() would tell, but for the times. */
void pail_object_set_put(struct pail_object *object, const struct pail_s3_headers *headers, uint64_t size_bytes,
                         const char *etag);

#endif
