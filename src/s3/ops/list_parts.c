/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "../call.h"
#include "../info.h"
#include "../request.h"
#include "../xml_lenient.h"
#include "pail/s3/operations.h"
#include "pail/util/str.h"
#include "pail/util/xml.h"

void pail_s3_parts_done(struct pail_s3_parts *parts)
{
        free(parts->items);
        *parts = (struct pail_s3_parts){ 0 };
}

static int on_start(void *context, const char *path)
{
        struct pail_s3_parts *parts = context;
        if (!pail_str_equal(path, "ListPartsResult/Part"))
                return 0;
        if (parts->count >= PAIL_S3_PARTS_MAX)
                return -EBADMSG;
        struct pail_s3_part *items = reallocarray(parts->items, parts->count + 1, sizeof(*items));
        if (!items)
                return -ENOMEM;
        parts->items = items;
        items[parts->count++] = (struct pail_s3_part){ 0 };
        return 0;
}

static int read_part_number(const char *text, unsigned *ret_number)
{
        uint64_t value;
        if (pail_str_to_u64(text, &value) < 0 || value > PAIL_S3_PARTS_MAX)
                return -EBADMSG;
        *ret_number = (unsigned)value;
        return 0;
}

static int on_end(void *context, const char *path, const char *text, size_t length)
{
        (void)length;
        static const char root[] = "ListPartsResult/";
        struct pail_s3_parts *parts = context;
        if (!pail_str_starts_with(path, root))
                return 0;
        const char *name = path + strlen(root);
        if (pail_str_equal(name, "IsTruncated"))
                parts->is_truncated = pail_str_equal(text, "true");
        else if (pail_str_equal(name, "NextPartNumberMarker"))
                return *text ? read_part_number(text, &parts->next_part_number_marker) : 0;
        if (!pail_str_starts_with(name, "Part/"))
                return 0;
        struct pail_s3_part *part = &parts->items[parts->count - 1];
        if (pail_str_equal(name, "Part/PartNumber"))
                return read_part_number(text, &part->part_number);
        if (pail_str_equal(name, "Part/Size"))
                return pail_str_to_u64(text, &part->size_bytes) < 0 ? -EBADMSG : 0;
        return pail_str_equal(name, "Part/ETag") ? pail_s3_etag_parse(text, part->etag) : 0;
}

static int take(struct pail_s3_call *call, const struct pail_http_response *response, struct pail_error *ret_error)
{
        (void)response;
        (void)ret_error;
        static const struct pail_xml_handler handler = { .on_start = on_start, .on_end = on_end };
        pail_s3_parts_done(call->result);
        return pail_s3_xml_parse(call->answer.data, call->answer.length, &handler, call->result);
}

static const struct pail_s3_operation operation = {
        .name = "ListParts",
        .wants = PAIL_S3_WANTS_WRITE_KEY,
        .method = "GET",
        .root = "ListPartsResult",
        .answer_cap_bytes = PAIL_S3_LIST_CAP,
        .take = take,
};

int pail_s3_list_parts(struct pail_s3_client *client, const char *bucket, const char *key, const char *upload_id,
                       unsigned part_number_marker, struct pail_s3_parts *ret_parts, struct pail_error *ret_error)
{
        _cleanup_(pail_s3_call_unref_p) struct pail_s3_call *call = NULL;
        int r = pail_s3_call_new(client, &operation, bucket, key, &call, ret_error);
        if (r < 0)
                return r;
        pail_s3_call_query(call, "uploadId", upload_id);
        if (part_number_marker)
                pail_s3_call_query_number(call, "part-number-marker", part_number_marker);
        _cleanup_(pail_s3_parts_done) struct pail_s3_parts parts = { 0 };
        call->result = &parts;
        r = pail_s3_call_run(call, ret_error);
        if (r < 0)
                return r;
        *ret_parts = parts;
        parts = (struct pail_s3_parts){ 0 };
        return 0;
}
