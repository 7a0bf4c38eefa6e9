/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A read: pin what is in memory, ask for what is not, let the stream start its read-ahead, and only then wait: so that
 * the reader's request and those ahead of it are under way together. The bytes are lent to the caller where they lie.
 */
#include "read.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pail/util/cleanup.h"

#define MAX_BYTES ((uint64_t)1 << 20) /* of one request of the kernel */

PAIL_DEFINE_CLEANUP(struct pail_read_stream, pail_read_stream_free);

static void result_release(struct pail_content_result *result)
{
        pail_view_release(result->owner);
        free(result->owner);
}

/* The view begins with block first. */
static void fill_result(struct pail_content_result *result, struct pail_view *view, uint64_t first, uint64_t offset,
                        size_t size)
{
        size_t skip = offset % PAIL_BLOCK_SIZE;
        unsigned before = (unsigned)(offset / PAIL_BLOCK_SIZE - first);

        *result = (struct pail_content_result){ .size_bytes = size, .owner = view, .release = result_release };
        for (unsigned i = 0; size > 0; i++) {
                size_t n = size < PAIL_BLOCK_SIZE - skip ? size : PAIL_BLOCK_SIZE - skip;
                result->iov[i] = (struct iovec){ .iov_base = pail_view_data(view, before + i) + skip, .iov_len = n };
                result->count = i + 1;
                size -= n;
                skip = 0;
        }
}

/* A small file is worth one request: the rest of it comes with its first bytes. */
static unsigned extra_blocks(const struct pail_object_data *data, struct pail_read_stream *stream, uint64_t offset,
                             uint64_t blocks_end)
{
        uint64_t size_bytes = data->origin.location->size_bytes;

        if (!stream || offset > 0 || size_bytes > MAX_BYTES || !pail_read_stream_is_new(stream))
                return 0;
        return (unsigned)((size_bytes + PAIL_BLOCK_SIZE - 1) / PAIL_BLOCK_SIZE - blocks_end);
}

/* Reads [offset, offset + size), which lies inside the data and is at most MAX_BYTES long. */
static int read_inside(struct pail_object_data *data, struct pail_read_stream *stream, uint64_t offset, size_t size,
                       struct pail_content_result *ret_result)
{
        bool is_whole = atomic_load(&data->origin.location->is_suspect) &&
                        data->origin.location->size_bytes <= MAX_BYTES;
        uint64_t first = is_whole ? 0 : offset / PAIL_BLOCK_SIZE;
        uint64_t stop = is_whole ? data->origin.location->size_bytes : offset + size;
        uint64_t end = (stop + PAIL_BLOCK_SIZE - 1) / PAIL_BLOCK_SIZE;
        _cleanup_free_ struct pail_view *view = malloc(sizeof(*view));
        int r;

        if (!view)
                return -ENOMEM;
        r = pail_blocks_acquire(data->blocks, first, (unsigned)(end - first), extra_blocks(data, stream, offset, end),
                                view);
        if (r < 0)
                return r;
        if (stream)
                pail_read_stream_advance(stream, data, offset, offset + size, view->has_waited);
        r = pail_view_wait(view);
        if (r < 0)
                return r;
        fill_result(ret_result, pail_steal(&view), first, offset, size);
        return 0;
}

int pail_read(struct pail_object_data *data, struct pail_read_stream *stream, uint64_t offset, size_t size,
              struct pail_content_result *ret_result)
{
        uint64_t size_bytes = data->origin.location->size_bytes;

        if (size > MAX_BYTES)
                return -EINVAL;
        if (offset >= size_bytes || size == 0) {
                *ret_result = (struct pail_content_result){ 0 };
                return 0;
        }
        if (size > size_bytes - offset)
                size = (size_t)(size_bytes - offset);
        return read_inside(data, stream, offset, size, ret_result);
}

static char *copy_out(const struct pail_content_result *result, char *target)
{
        for (unsigned i = 0; i < result->count; i++) {
                memcpy(target, result->iov[i].iov_base, result->iov[i].iov_len);
                target += result->iov[i].iov_len;
        }
        return target;
}

int pail_read_copy(struct pail_object_data *data, uint64_t offset, size_t size, void *target)
{
        _cleanup_(pail_read_stream_free_p) struct pail_read_stream *stream = NULL;
        char *to = target;
        int r;

        if (offset > data->origin.location->size_bytes || size > data->origin.location->size_bytes - offset)
                return -ENODATA;
        if (size > MAX_BYTES) {
                r = pail_read_stream_new(&stream);
                if (r < 0)
                        return r;
                pail_read_stream_expect(stream, data, offset, offset + size);
        }
        while (size > 0) {
                struct pail_content_result result;
                size_t n = size < MAX_BYTES ? size : MAX_BYTES;

                r = read_inside(data, stream, offset, n, &result);
                if (r < 0)
                        return r;
                to = copy_out(&result, to);
                pail_content_result_done(&result);
                offset += n;
                size -= n;
        }
        return 0;
}
