/* SPDX-License-Identifier: Apache-2.0 */
/* The remote of a bucket as its files share it, and the small conversions that they all need. */
#ifndef PAIL_SRC_S3_REMOTE_HANDLE_H
#define PAIL_SRC_S3_REMOTE_HANDLE_H

#include <stdatomic.h>

#include "pail/remote/remote.h"
#include "pail/s3/bucket.h"

struct pail_s3_remote {
        struct pail_remote base;
        atomic_uint refs;
        struct pail_bucket *bucket;
        struct pail_s3_client *client;
        atomic_bool doubts_declared_copies; /* an upload that declared checksums and copied parts was refused */
        uint64_t copy_threshold_bytes;      /* of struct pail_s3_remote_options */
};

static inline struct pail_s3_remote *pail_s3_remote_of(struct pail_remote *remote)
{
        return (struct pail_s3_remote *)remote;
}

struct pail_remote *pail_s3_remote_ref(struct pail_remote *remote);
void pail_s3_remote_unref(struct pail_remote *base); /* NULL is fine */

enum pail_http_priority pail_s3_remote_priority(enum pail_remote_priority priority);
struct pail_http_body pail_s3_remote_body(const struct pail_remote_bytes *bytes, struct iovec *vector);
/* What a new version was stored with, as its writer sees it. headers as they were sent. */
int pail_s3_remote_stored(struct pail_s3_remote *remote, const struct pail_s3_headers *headers, const char *etag,
                          struct pail_remote_stored *ret_stored);

#endif
