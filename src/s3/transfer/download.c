/* SPDX-License-Identifier: Apache-2.0 */
/*
 * download_fileobj: ranged GETs side by side, each into memory of its own, written to the file by the calling thread
 * in the order of the parts. A write to the file from the engine's thread would stop every transfer of that thread
 * while a disk is slow.
 */
#include <errno.h>

#include "pail/s3/operations.h"
#include "pail/s3/transfer.h"
#include "pail/util/file.h"
#include "pail/util/interrupt.h"
#include "s3/call/client.h"
#include "s3/ops/ops.h"
#include "s3/resource/object.h"

enum { PARTS_IN_FLIGHT = 8 };
static const uint64_t DEFAULT_PART_SIZE = UINT64_C(8) << 20;

struct part {
        struct pail_s3_call *call; /* NULL: idle */
        const struct pail_download_options *options;
        char *data; /* part_size_bytes */
        uint64_t offset, size_bytes, used;
};

struct download {
        struct pail_object *object;
        int fd;
        struct pail_download_options options;
        struct part *parts; /* a ring */
};

static int on_body(void *context, const void *data, size_t size)
{
        struct part *part = context;
        if (size > part->size_bytes - part->used)
                return -EMSGSIZE;
        memcpy(part->data + part->used, data, size);
        part->used += size;
        if (part->options->progress)
                part->options->progress(part->options->context, (int64_t)size);
        return 0;
}

static int on_damaged(void *context)
{
        struct part *part = context;
        if (part->options->progress)
                part->options->progress(part->options->context, -(int64_t)part->used);
        part->used = 0;
        return 0;
}

static const struct pail_s3_get_sink sink = { .on_body = on_body, .on_damaged = on_damaged };

static int start_part(struct download *download, struct part *part, uint64_t offset, struct pail_error *ret_error)
{
        uint64_t left = download->object->metadata.size_bytes - offset;
        part->offset = offset;
        part->size_bytes = left < download->options.part_size_bytes ? left : download->options.part_size_bytes;
        part->used = 0;
        if (!part->data)
                part->data = malloc(download->options.part_size_bytes);
        if (!part->data)
                return pail_error_set_errno(ret_error, ENOMEM, "cannot download an object");
        const struct pail_s3_get_input input = {
                .bucket = pail_bucket_name(download->object->bucket),
                .key = download->object->key,
                .version_id = download->object->version_id,
                .offset = offset,
                .size_bytes = part->size_bytes < download->object->metadata.size_bytes ? part->size_bytes
                                                                                       : 0, /* whole: checked */
                .if_match = download->object->metadata.etag,
                .priority = PAIL_HTTP_PRIORITY_WAITED,
        };
        return pail_s3_get_object_start(pail_bucket_client(download->object->bucket), &input, &sink, part, NULL, NULL,
                                        &part->call, ret_error);
}

static int end_part(struct download *download, struct part *part, bool keep, struct pail_error *ret_error)
{
        _cleanup_(pail_s3_call_unref_p) struct pail_s3_call *call = pail_steal(&part->call);
        if (!call)
                return 0;
        int r = pail_s3_call_wait(call, ret_error);
        if (r < 0 || !keep)
                return r;
        r = download->options.is_stream
                    ? pail_file_write_all(download->fd, part->data, part->used)
                    : pail_file_pwrite_all(download->fd, part->data, part->used, (off_t)part->offset);
        return r < 0 ? pail_error_set_errno(ret_error, -r, "cannot write the downloaded file") : 0;
}

/* A wait asks by itself only while it waits: where the disk is slower than the server, all parts are there when they are waited for. */
static int check_interrupt(struct pail_error *ret_error)
{
        if (!pail_interrupt_is_set())
                return 0;
        pail_error_set(ret_error, PAIL_ERROR_CANCELLED, "the download was interrupted");
        return -EINTR;
}

static int download_parts(struct download *download, struct pail_error *ret_error)
{
        uint64_t size = download->object->metadata.size_bytes, step = download->options.part_size_bytes;
        unsigned slots = download->options.max_parts_in_flight;
        int r = 0;
        size_t i = 0;
        for (uint64_t offset = 0; r >= 0 && offset < size; offset += step, i++) {
                struct part *part = &download->parts[i % slots];
                part->options = &download->options;
                r = end_part(download, part, true, ret_error);
                if (r >= 0)
                        r = check_interrupt(ret_error);
                if (r >= 0)
                        r = start_part(download, part, offset, ret_error);
        }
        for (unsigned k = 0; r < 0 && k < slots; k++) {
                if (download->parts[k].call)
                        pail_s3_call_cancel(download->parts[k].call);
        }
        for (unsigned k = 0; k < slots; k++) {
                int end = end_part(download, &download->parts[k], r >= 0, r < 0 ? NULL : ret_error);
                r = r < 0 ? r : end;
        }
        return r < 0 ? r : check_interrupt(ret_error);
}

int pail_transfer_download(struct pail_object *object, int fd, const struct pail_download_options *options,
                           struct pail_error *ret_error)
{
        int r = object->is_loaded ? 0 : pail_object_load(object, ret_error);
        if (r < 0)
                return r;
        struct download download = { .object = object, .fd = fd };
        if (options)
                download.options = *options;
        if (download.options.part_size_bytes == 0)
                download.options.part_size_bytes = DEFAULT_PART_SIZE;
        if (download.options.max_parts_in_flight == 0)
                download.options.max_parts_in_flight = PARTS_IN_FLIGHT;
        unsigned slots = download.options.max_parts_in_flight;
        _cleanup_free_ struct part *parts = calloc(slots, sizeof(*parts));
        if (!parts)
                return pail_error_set_errno(ret_error, ENOMEM, "cannot download an object");
        download.parts = parts;
        r = download_parts(&download, ret_error);
        for (unsigned i = 0; i < slots; i++)
                free(parts[i].data);
        return r;
}
