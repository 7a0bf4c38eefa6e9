/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes that a request sends. */
#ifndef PAIL_HTTP_BODY_H
#define PAIL_HTTP_BODY_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

/* Body of the request: memory (vector != NULL), or a range of a file, or nothing (size 0). All borrowed until done. */
struct pail_http_body {
        const struct iovec *vector;
        size_t vector_count;
        int fd; /* read with pread: the file offset is not used. Sparse holes read as zeros. */
        off_t offset;
        uint64_t size_bytes;
        /*
         * Told how many bytes more were taken for sending, on the engine's thread; must not block; NULL: nobody is.
         * Negative when they have to be sent again, and when the request has failed or its answer is outside 2xx: the
         * sum is then back at 0.
         */
        void (*progress)(void *context, int64_t delta_bytes);
        void *progress_context;
};
/*
 * Shows the bytes to see(), in order, for a digest of them; a file is read once, in pieces. The error of see, of
 * pread, or -ENODATA when the file ends early; -ENOMEM. Reads the file: not on an engine's thread for large ones.
 */
int pail_http_body_walk(const struct pail_http_body *body, int (*see)(void *context, const void *data, size_t size),
                        void *context);

#endif
