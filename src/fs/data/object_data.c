/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A read: pin what is in memory, ask for what is not, let the stream start its read-ahead, and only then wait: so that
 * the reader's request and those ahead of it are under way together. The bytes are lent to the caller where they lie.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fs/data/private.h"
#include "pail/util/cleanup.h"

PAIL_DEFINE_CLEANUP(struct pail_content, pail_content_unref);
PAIL_DEFINE_CLEANUP(struct pail_content_stream, pail_content_stream_free);

int pail_content_new(struct pail_content_engine *engine, struct pail_remote *remote, const char *key, const char *etag,
                     uint64_t size_bytes, struct pail_content **ret_content)
{
        _cleanup_(pail_content_unref_p) struct pail_content *content = calloc(1, sizeof *content);
        int r;

        if (!content)
                return -ENOMEM;
        if (size_bytes > INT64_MAX)
                return -EFBIG;
        atomic_init(&content->refs, 1);
        content->engine = engine;
        r = read_place_new(remote, key, etag, size_bytes, &content->place);
        if (r < 0)
                return r;
        r = pail_blocks_new(engine->pool, size_bytes, &read_source, content, &content->blocks);
        if (r < 0)
                return r;
        *ret_content = pail_steal(&content);
        return 0;
}

struct pail_content *pail_content_ref(struct pail_content *content)
{
        atomic_fetch_add(&content->refs, 1);
        return content;
}

void pail_content_unref(struct pail_content *content)
{
        if (!content || atomic_fetch_sub(&content->refs, 1) > 1)
                return;
        pail_blocks_free(content->blocks);
        read_place_unref(content->place);
        free(content);
}

int pail_content_rebase(struct pail_content *content, const char *key, const char *etag)
{
        return read_place_move(content->place, key, etag);
}

void pail_content_move_begin(struct pail_content *content)
{
        read_place_move_begin(content->place);
}

void pail_content_move_end(struct pail_content *content)
{
        read_place_move_end(content->place);
}

uint64_t pail_content_size(const struct pail_content *content)
{
        return content->place->size_bytes;
}

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
static unsigned extra_blocks(const struct pail_content *content, struct pail_content_stream *stream, uint64_t offset,
                             uint64_t blocks_end)
{
        uint64_t size_bytes = content->place->size_bytes;

        if (!stream || offset > 0 || size_bytes > READ_MAX_BYTES || !read_stream_is_new(stream))
                return 0;
        return (unsigned)((size_bytes + PAIL_BLOCK_SIZE - 1) / PAIL_BLOCK_SIZE - blocks_end);
}

/* Reads [offset, offset + size), which lies inside the content and is at most READ_MAX_BYTES long. */
static int read_inside(struct pail_content *content, struct pail_content_stream *stream, uint64_t offset, size_t size,
                       struct pail_content_result *ret_result)
{
        bool is_whole = atomic_load(&content->place->is_suspect) && content->place->size_bytes <= READ_MAX_BYTES;
        uint64_t first = is_whole ? 0 : offset / PAIL_BLOCK_SIZE;
        uint64_t stop = is_whole ? content->place->size_bytes : offset + size;
        uint64_t end = (stop + PAIL_BLOCK_SIZE - 1) / PAIL_BLOCK_SIZE;
        _cleanup_free_ struct pail_view *view = malloc(sizeof *view);
        int r;

        if (!view)
                return -ENOMEM;
        r = pail_blocks_acquire(content->blocks, first, (unsigned)(end - first),
                                extra_blocks(content, stream, offset, end), view);
        if (r < 0)
                return r;
        if (stream)
                read_stream_advance(stream, content, offset, offset + size, view->has_waited);
        r = pail_view_wait(view);
        if (r < 0)
                return r;
        fill_result(ret_result, pail_steal(&view), first, offset, size);
        return 0;
}

int pail_content_read(struct pail_content *content, struct pail_content_stream *stream, uint64_t offset, size_t size,
                      struct pail_content_result *ret_result)
{
        uint64_t size_bytes = content->place->size_bytes;

        if (size > READ_MAX_BYTES)
                return -EINVAL;
        if (offset >= size_bytes || size == 0) {
                *ret_result = (struct pail_content_result){ 0 };
                return 0;
        }
        if (size > size_bytes - offset)
                size = (size_t)(size_bytes - offset);
        return read_inside(content, stream, offset, size, ret_result);
}

void pail_content_result_done(struct pail_content_result *result)
{
        if (result->release)
                result->release(result);
        *result = (struct pail_content_result){ 0 };
}

static char *copy_out(const struct pail_content_result *result, char *target)
{
        for (unsigned i = 0; i < result->count; i++) {
                memcpy(target, result->iov[i].iov_base, result->iov[i].iov_len);
                target += result->iov[i].iov_len;
        }
        return target;
}

int pail_content_copy(struct pail_content *content, uint64_t offset, size_t size, void *target)
{
        _cleanup_(pail_content_stream_free_p) struct pail_content_stream *stream = NULL;
        char *to = target;
        int r;

        if (offset > content->place->size_bytes || size > content->place->size_bytes - offset)
                return -ENODATA;
        if (size > READ_MAX_BYTES) {
                r = pail_content_stream_new(&stream);
                if (r < 0)
                        return r;
                read_stream_expect(stream, content, offset, offset + size);
        }
        while (size > 0) {
                struct pail_content_result result;
                size_t n = size < READ_MAX_BYTES ? size : READ_MAX_BYTES;

                r = read_inside(content, stream, offset, n, &result);
                if (r < 0)
                        return r;
                to = copy_out(&result, to);
                pail_content_result_done(&result);
                offset += n;
                size -= n;
        }
        return 0;
}
