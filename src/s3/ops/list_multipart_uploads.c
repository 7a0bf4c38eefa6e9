/* SPDX-License-Identifier: Apache-2.0 */
/* Without encoding-type=url: Ceph encodes the keys then but neither says so nor encodes the markers. */
#include <errno.h>

#include "../call.h"
#include "../request.h"
#include "../xml_lenient.h"
#include "pail/s3/operations.h"
#include "pail/util/clock.h"
#include "pail/util/str.h"
#include "pail/util/xml.h"

enum { UPLOADS_MAX = 10000 };

void pail_s3_uploads_done(struct pail_s3_uploads *uploads)
{
        for (size_t i = 0; i < uploads->count; i++) {
                free(uploads->items[i].key);
                free(uploads->items[i].upload_id);
        }
        free(uploads->items);
        free(uploads->next_key_marker);
        free(uploads->next_upload_id_marker);
        *uploads = (struct pail_s3_uploads){ 0 };
}

static int on_start(void *context, const char *path)
{
        struct pail_s3_uploads *uploads = context;
        if (!pail_str_equal(path, "ListMultipartUploadsResult/Upload"))
                return 0;
        if (uploads->count >= UPLOADS_MAX)
                return -EBADMSG;
        struct pail_s3_upload_entry *items = reallocarray(uploads->items, uploads->count + 1, sizeof(*items));
        if (!items)
                return -ENOMEM;
        uploads->items = items;
        items[uploads->count++] = (struct pail_s3_upload_entry){ 0 };
        return 0;
}

static int end_of_upload(struct pail_s3_upload_entry *entry, const char *name, const char *text)
{
        if (pail_str_equal(name, "/Key"))
                return pail_str_replace(&entry->key, text);
        if (pail_str_equal(name, "/UploadId"))
                return pail_str_replace(&entry->upload_id, text);
        if (pail_str_equal(name, "/Initiated"))
                (void)pail_clock_parse_iso8601(text, &entry->initiated); /* stays 0 */
        return *name == '\0' && (!entry->key || !entry->upload_id) ? -EBADMSG : 0;
}

static int on_end(void *context, const char *path, const char *text, size_t length)
{
        (void)length;
        static const char root[] = "ListMultipartUploadsResult/";
        struct pail_s3_uploads *uploads = context;
        if (!pail_str_starts_with(path, root))
                return 0;
        const char *name = path + strlen(root);
        if (pail_str_equal(name, "IsTruncated"))
                uploads->is_truncated = pail_str_equal(text, "true");
        else if (pail_str_equal(name, "NextKeyMarker"))
                return pail_str_replace(&uploads->next_key_marker, text);
        else if (pail_str_equal(name, "NextUploadIdMarker"))
                return pail_str_replace(&uploads->next_upload_id_marker, text);
        else if (pail_str_equal(name, "Upload") || pail_str_starts_with(name, "Upload/"))
                return end_of_upload(&uploads->items[uploads->count - 1], name + strlen("Upload"), text);
        return 0;
}

static int take(struct pail_s3_call *call, const struct pail_http_response *response, struct pail_error *ret_error)
{
        (void)response;
        (void)ret_error;
        static const struct pail_xml_handler handler = { .on_start = on_start, .on_end = on_end };
        pail_s3_uploads_done(call->result);
        return pail_s3_xml_parse(call->answer.data, call->answer.length, &handler, call->result);
}

static const struct pail_s3_operation operation = {
        .name = "ListMultipartUploads",
        .method = "GET",
        .root = "ListMultipartUploadsResult",
        .answer_cap_bytes = PAIL_S3_LIST_CAP,
        .take = take,
};

int pail_s3_list_multipart_uploads(struct pail_s3_client *client, const char *bucket, const char *prefix,
                                   const char *key_marker, const char *upload_id_marker,
                                   struct pail_s3_uploads *ret_uploads, struct pail_error *ret_error)
{
        _cleanup_(pail_s3_call_unref_p) struct pail_s3_call *call = NULL;
        int r = pail_s3_call_new(client, &operation, bucket, NULL, &call, ret_error);
        if (r < 0)
                return r;
        pail_s3_call_query(call, "uploads", NULL);
        pail_s3_call_query_optional(call, "prefix", prefix);
        pail_s3_call_query_optional(call, "key-marker", key_marker);
        pail_s3_call_query_optional(call, "upload-id-marker", upload_id_marker);
        _cleanup_(pail_s3_uploads_done) struct pail_s3_uploads uploads = { 0 };
        call->result = &uploads;
        r = pail_s3_call_run(call, ret_error);
        if (r < 0)
                return r;
        *ret_uploads = uploads;
        uploads = (struct pail_s3_uploads){ 0 };
        return 0;
}
