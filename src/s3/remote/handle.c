/* SPDX-License-Identifier: Apache-2.0 */
/* The life of the remote of a bucket, and the conversions that several of its requests need. */
#include "handle.h"

#include "metadata.h"
#include "pail/util/str.h"

struct pail_remote *pail_s3_remote_ref(struct pail_remote *remote)
{
        atomic_fetch_add(&pail_s3_remote_of(remote)->refs, 1);
        return remote;
}

void pail_s3_remote_unref(struct pail_remote *base)
{
        struct pail_s3_remote *remote = pail_s3_remote_of(base);

        if (!remote || atomic_fetch_sub(&remote->refs, 1) > 1)
                return;
        pail_bucket_unref(remote->bucket);
        free(remote);
}

enum pail_http_priority pail_s3_remote_priority(enum pail_remote_priority priority)
{
        switch (priority) {
        case PAIL_REMOTE_READER:
                return PAIL_HTTP_PRIORITY_READER;
        case PAIL_REMOTE_WAITED:
                return PAIL_HTTP_PRIORITY_WAITED;
        default:
                return PAIL_HTTP_PRIORITY_BACKGROUND;
        }
}

struct pail_http_body pail_s3_remote_body(const struct pail_remote_bytes *bytes, struct iovec *vector)
{
        if (!bytes->data)
                return (struct pail_http_body){ .fd = bytes->fd,
                                                .offset = (off_t)bytes->offset,
                                                .size_bytes = bytes->size_bytes };
        *vector = (struct iovec){ .iov_base = (void *)(uintptr_t)bytes->data, .iov_len = bytes->size_bytes };
        return (struct pail_http_body){ .vector = vector, .vector_count = 1, .size_bytes = bytes->size_bytes };
}

int pail_s3_remote_stored(struct pail_s3_remote *remote, const struct pail_s3_headers *headers, const char *etag,
                          struct pail_remote_stored *ret_stored)
{
        struct pail_s3_headers stored = { 0 };
        char *extra = NULL;
        int r = pail_s3_headers_copy(headers, &stored);

        if (r == 0)
                r = pail_bucket_content_headers(remote->bucket, &stored);
        if (r == 0)
                r = pail_remote_extra_pack(&stored, &extra);
        pail_s3_headers_done(&stored);
        if (r < 0)
                return r;
        pail_str_copy(ret_stored->etag, sizeof(ret_stored->etag), etag);
        ret_stored->extra = extra;
        return 0;
}
