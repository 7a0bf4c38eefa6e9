/* SPDX-License-Identifier: Apache-2.0 */
/* upload_fileobj: an upload of which all bytes are there from the beginning. */
#include <errno.h>

#include "pail/s3/transfer.h"
#include "s3/resource/object.h"

enum { PARTS_IN_FLIGHT = 8 };
static const uint64_t DEFAULT_PART_SIZE = UINT64_C(8) << 20;

int pail_transfer_upload(struct pail_object *object, int fd, uint64_t size_bytes, const struct pail_s3_headers *headers,
                         const struct pail_transfer_upload_options *options, char ret_etag[static PAIL_S3_ETAG_SIZE],
                         struct pail_error *ret_error)
{
        static const struct pail_transfer_upload_options defaults = { 0 };
        if (!options)
                options = &defaults;
        if (object->version_id)
                return pail_error_set_errno(ret_error, EINVAL, "a version cannot be written");
        const struct pail_upload_options upload_options = {
                .bucket = object->bucket,
                .key = object->key,
                .headers = headers,
                .tagging = options->tagging,
                .fd = fd,
                .part_size_bytes = options->part_size_bytes ? options->part_size_bytes : DEFAULT_PART_SIZE,
                .max_parts_in_flight = options->max_parts_in_flight ? options->max_parts_in_flight : PARTS_IN_FLIGHT,
                .progress = options->progress,
                .context = options->context,
        };
        struct pail_upload *upload = NULL;
        int r = pail_upload_new(&upload_options, &upload);
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "cannot begin an upload");
        char etag[PAIL_S3_ETAG_SIZE];
        if (options->watch)
                options->watch(options->context, upload);
        r = pail_upload_finish(upload, size_bytes, options->conditions, etag, ret_error);
        if (options->watch)
                options->watch(options->context, NULL);
        pail_upload_free(upload);
        if (r < 0)
                return r;
        pail_object_set_put(object, headers, size_bytes, etag);
        memcpy(ret_etag, etag, sizeof(etag));
        return 0;
}
