/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A body is read by position, because curl may ask for it from the start again: a vector is walked from its first piece
 * each time (it has one or two), and a file is read without its offset, which others may be using.
 */
#include "body.h"

#include <errno.h>
#include <unistd.h>

#include "pail/util/cleanup.h"
#include "pail/util/file.h"

enum { WALK_BYTES = 256 * 1024 };

static int read_vector(const struct pail_http_body *body, uint64_t position, char *buffer, size_t size,
                       size_t *ret_size)
{
        size_t done = 0;
        for (size_t i = 0; i < body->vector_count && done < size; i++) {
                const struct iovec *piece = &body->vector[i];
                if (position >= piece->iov_len) {
                        position -= piece->iov_len;
                        continue;
                }
                size_t left = piece->iov_len - (size_t)position;
                size_t n = left < size - done ? left : size - done;
                memcpy(buffer + done, (const char *)piece->iov_base + position, n);
                done += n;
                position = 0;
        }
        if (done == 0)
                return -ENODATA;
        *ret_size = done;
        return 0;
}

static int read_file(const struct pail_http_body *body, uint64_t position, char *buffer, size_t size, size_t *ret_size)
{
        off_t offset;
        if (__builtin_add_overflow(body->offset, position, &offset))
                return -EOVERFLOW;
        ssize_t n = 0;
        do
                n = pread(body->fd, buffer, size, offset);
        while (n < 0 && errno == EINTR);
        if (n < 0)
                return -errno;
        if (n == 0)
                return -ENODATA;
        *ret_size = (size_t)n;
        return 0;
}

int pail_http_body_read(const struct pail_http_body *body, uint64_t position, void *buffer, size_t size,
                        size_t *ret_size)
{
        if (position >= body->size_bytes || size == 0) {
                *ret_size = 0;
                return 0;
        }
        if (size > body->size_bytes - position)
                size = (size_t)(body->size_bytes - position);
        return body->vector ? read_vector(body, position, buffer, size, ret_size)
                            : read_file(body, position, buffer, size, ret_size);
}

static int walk_vector(const struct pail_http_body *body, int (*see)(void *context, const void *data, size_t size),
                       void *context)
{
        int r = 0;
        for (size_t i = 0; r >= 0 && i < body->vector_count; i++) {
                if (body->vector[i].iov_len > 0)
                        r = see(context, body->vector[i].iov_base, body->vector[i].iov_len);
        }
        return r;
}

int pail_http_body_walk(const struct pail_http_body *body, int (*see)(void *context, const void *data, size_t size),
                        void *context)
{
        if (body->vector || body->size_bytes == 0)
                return walk_vector(body, see, context);
        _cleanup_free_ char *piece = malloc(WALK_BYTES);
        if (!piece)
                return -ENOMEM;
        int r = 0;
        for (uint64_t done = 0; r >= 0 && done < body->size_bytes;) {
                uint64_t left = body->size_bytes - done;
                size_t size = left < WALK_BYTES ? (size_t)left : WALK_BYTES;
                r = pail_file_pread_all(body->fd, piece, size, body->offset + (off_t)done);
                if (r >= 0)
                        r = see(context, piece, size);
                done += size;
        }
        return r;
}
