/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CompleteMultipartUpload, whose end is often in doubt: it may take minutes, its answer may be lost, and sent again
 * it gets NoSuchUpload because the first one worked, or 412 because the object that it made fails its own condition.
 * HEAD ends the doubt: the ETag of an object of n parts is the MD5 of the parts' MD5s and "-n", so an object
 * with that ETag and the size of the parts is the one that this upload made.
 *
 * Ceph adds a twist: it answers InternalError ("already in progress") where the upload is gone. So a call that keeps
 * failing after an attempt that may have worked is broken off and looked into; then ListParts tells whether the upload is
 * still there, and the call is begun anew if it is.
 */
#include <errno.h>

#include "ops.h"
#include "pail/s3/operations.h"
#include "pail/util/clock.h"
#include "pail/util/str.h"
#include "pail/util/xml.h"
#include "s3/call/digest.h"
#include "s3/call/error_parse.h"
#include "s3/call/object_metadata.h"
#include "s3/call/request.h"
#include "s3/call/run.h"
#include "s3/call/xml_fields.h"

enum {
        BODY_CAP = 4 << 20, /* 10,000 parts are 2.2 MB */
        ATTEMPTS_IN_DOUBT = 3,
        PAUSE_MS = 500,
        PAUSE_MAX_MS = 10000,
};

static int parse_answer(struct pail_s3_call *call, const struct pail_http_response *response,
                        struct pail_error *ret_error)
{
        (void)response;
        (void)ret_error;
        char *etag = call->result;
        _cleanup_free_ char *text = NULL;
        const struct pail_s3_field fields[] = { { "CompleteMultipartUploadResult/ETag", &text } };
        int r = pail_s3_parse_fields(call->answer.data, call->answer.length, fields, 1);
        if (r < 0)
                return r;
        if (pail_s3_etag_parse(text, etag) < 0)
                etag[0] = '\0'; /* Ceph leaves it empty in the first answer; HEAD has it */
        return 0;
}

static enum pail_s3_failure_class classify_failure(struct pail_s3_call *call, struct pail_error *error)
{
        bool breaks_off = call->maybe_applied && call->fruitless >= ATTEMPTS_IN_DOUBT &&
                          error->class == PAIL_ERROR_SERVICE && error->http_status >= 500;
        return breaks_off ? PAIL_S3_FAILURE_FINAL : PAIL_S3_FAILURE_RETRY;
}

static const struct pail_s3_operation operation = {
        .name = "CompleteMultipartUpload",
        .flags = PAIL_S3_FLAG_WRITE_KEY,
        .method = "POST",
        .root = "CompleteMultipartUploadResult",
        .is_change = true,
        .is_bulk = true,
        .first_byte_ms = PAIL_S3_SERVER_WORK_MS,
        .parse = parse_answer,
        .classify = classify_failure,
};

/* Of all the bytes, from the checksums of the parts. false: one of them is not known. */
static bool combine_checksums(enum pail_crc_kind kind, const struct pail_s3_part *parts, size_t count,
                              uint64_t *ret_crc)
{
        uint64_t whole = 0, crc;
        for (size_t i = 0; i < count; i++) {
                if (parts[i].size_bytes == 0 || pail_crc_parse(kind, parts[i].checksum, &crc) < 0)
                        return false;
                whole = pail_crc_combine(kind, whole, crc, parts[i].size_bytes);
        }
        *ret_crc = whole;
        return true;
}

/* S3 keeps a CRC32C of the parts' values, which needs nothing here, but a CRC64NVME of the whole, which it can compare. */
static void add_checksum(struct pail_s3_call *call, const struct pail_s3_part *parts, size_t count)
{
        char text[PAIL_CRC_TEXT_SIZE];
        uint64_t crc;
        if (call->client->checksum != PAIL_S3_CHECKSUM_CRC64NVME ||
            !combine_checksums(PAIL_CRC_64NVME, parts, count, &crc))
                return;
        pail_crc_format(PAIL_CRC_64NVME, crc, text);
        pail_s3_call_header(call, "x-amz-checksum-type", "FULL_OBJECT");
        pail_s3_call_header(call, "x-amz-checksum-crc64nvme", text);
}

/* What a part has says what the upload was begun with, whatever the client is set to now; by the length of its base64. */
static const char *kind_of(const struct pail_s3_part *part)
{
        switch (strlen(part->checksum)) {
        case 8:
                return pail_crc_name(PAIL_CRC_32C);
        case 12:
                return pail_crc_name(PAIL_CRC_64NVME);
        default:
                return NULL;
        }
}

static void add_part(struct pail_buf *body, const struct pail_s3_part *part, const char *escaped_etag)
{
        const char *kind = kind_of(part);
        pail_buf_printf(body, "<Part><PartNumber>%u</PartNumber><ETag>&quot;%s&quot;</ETag>", part->part_number,
                        escaped_etag);
        /* Only what this server told itself: others might not take the element. */
        if (kind)
                pail_buf_printf(body, "<Checksum%s>%s</Checksum%s>", kind, part->checksum, kind);
        pail_buf_append_string(body, "</Part>");
}

static int make_body(const struct pail_s3_part *parts, size_t count, struct pail_buf *body)
{
        _cleanup_buf_ struct pail_buf etag = PAIL_BUF_INIT(8 * PAIL_S3_ETAG_SIZE);
        pail_buf_append_string(body, "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
        for (size_t i = 0; i < count; i++) {
                pail_buf_reset(&etag);
                int r = pail_xml_escape(&etag, parts[i].etag);
                if (r < 0)
                        return r;
                add_part(body, &parts[i], etag.data);
        }
        return pail_buf_append_string(body, "</CompleteMultipartUpload>");
}

static int hex_value(char c)
{
        return c >= '0' && c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

/* -ENOENT: the parts' ETags are no MD5s. */
static int expected_etag(const struct pail_s3_part *parts, size_t count, char ret_etag[static PAIL_S3_ETAG_SIZE])
{
        _cleanup_buf_ struct pail_buf digests = PAIL_BUF_INIT((size_t)PAIL_S3_PARTS_MAX * PAIL_S3_MD5_SIZE);
        for (size_t i = 0; i < count; i++) {
                if (!pail_s3_etag_is_md5(parts[i].etag))
                        return -ENOENT;
                for (int k = 0; k < PAIL_S3_MD5_SIZE; k++)
                        pail_buf_append_char(&digests, (char)(hex_value(parts[i].etag[2 * k]) << 4 |
                                                              hex_value(parts[i].etag[2 * k + 1])));
        }
        unsigned char digest[PAIL_S3_MD5_SIZE];
        char hex[2 * PAIL_S3_MD5_SIZE + 1];
        int r = digests.error ? digests.error : pail_s3_md5(digests.data, digests.length, digest);
        if (r < 0)
                return r;
        pail_s3_hex(digest, sizeof(digest), hex);
        snprintf(ret_etag, PAIL_S3_ETAG_SIZE, "%s-%zu", hex, count);
        return 0;
}

/* true: the object under the key is the one that these parts make. */
static bool is_completed(struct pail_s3_client *client, const char *bucket, const char *key,
                         const struct pail_s3_part *parts, size_t count, char etag[static PAIL_S3_ETAG_SIZE])
{
        _cleanup_(pail_s3_object_metadata_done) struct pail_s3_object_metadata metadata = { 0 };
        char expected[PAIL_S3_ETAG_SIZE];
        uint64_t size_bytes = 0;
        for (size_t i = 0; i < count; i++)
                size_bytes += parts[i].size_bytes;
        if (expected_etag(parts, count, expected) < 0 ||
            pail_s3_head_object(client, bucket, key, &metadata, NULL) < 0 || metadata.size_bytes != size_bytes ||
            strcasecmp(metadata.etag, expected) != 0)
                return false;
        memcpy(etag, metadata.etag, sizeof(metadata.etag));
        return true;
}

static bool is_in_doubt(const struct pail_s3_call *call, const struct pail_error *error)
{
        if (pail_str_equal(error->code, "NoSuchUpload"))
                return true;
        if (error->http_status == 412)
                return call->maybe_applied;
        return call->maybe_applied || (error->class != PAIL_ERROR_SERVICE && error->sent) || error->http_status >= 500;
}

static int make_call(struct pail_s3_client *client, const char *bucket, const char *key, const char *upload_id,
                     const struct pail_s3_part *parts, size_t count, const struct pail_s3_conditions *conditions,
                     struct pail_s3_call **ret_call, struct pail_error *ret_error)
{
        struct pail_s3_call *call = NULL;
        int r = pail_s3_call_new(client, &operation, bucket, key, &call, ret_error);
        if (r < 0)
                return r;
        _cleanup_buf_ struct pail_buf body = PAIL_BUF_INIT(BODY_CAP);
        r = make_body(parts, count, &body);
        if (r < 0)
                call->build_error = r;
        pail_s3_call_query(call, "uploadId", upload_id);
        if (conditions)
                pail_s3_call_conditions(call, conditions);
        add_checksum(call, parts, count);
        pail_s3_call_text(call, &body, "application/xml");
        *ret_call = call;
        return 0;
}

static int head_etag(struct pail_s3_client *client, const char *bucket, const char *key, char *etag,
                     struct pail_error *ret_error)
{
        _cleanup_(pail_s3_object_metadata_done) struct pail_s3_object_metadata metadata = { 0 };
        int r = pail_s3_head_object(client, bucket, key, &metadata, ret_error);
        if (r >= 0)
                memcpy(etag, metadata.etag, sizeof(metadata.etag));
        return r;
}

static bool is_gone(const struct pail_s3_call *call, const char *upload_id)
{
        _cleanup_(pail_s3_page_done) struct pail_s3_page stored = { 0 };
        const struct pail_s3_list_input input = { .bucket = call->bucket, .key = call->key, .upload_id = upload_id };
        return pail_s3_list_parts(call->client, &input, &stored, NULL) == -ENOENT;
}

/* One call, to an end without doubt. *ret_again: it was broken off and did not work. */
static int try_once(struct pail_s3_call *call, const char *upload_id, const struct pail_s3_part *parts, size_t count,
                    char *etag, bool *ret_again, struct pail_error *error)
{
        call->result = etag;
        int r = pail_s3_call_run(call, error);
        *ret_again = r < 0 && call->maybe_applied && error->class == PAIL_ERROR_SERVICE && error->http_status >= 500;
        if (r >= 0 && etag[0] == '\0' && expected_etag(parts, count, etag) < 0)
                return head_etag(call->client, call->bucket, call->key, etag, error);
        if (r < 0 && is_in_doubt(call, error) &&
            is_completed(call->client, call->bucket, call->key, parts, count, etag))
                return 0;
        if (*ret_again && is_gone(call, upload_id)) {
                *ret_again = false;
                pail_s3_error_from_code(call, NULL, "NoSuchUpload", NULL, 0, error);
                r = -ENOENT;
        }
        return r;
}

static void pause_ms(int64_t ms)
{
        struct timespec left = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };
        while (nanosleep(&left, &left) < 0 && errno == EINTR)
                ;
}

int pail_s3_complete_multipart_upload(struct pail_s3_client *client, const char *bucket, const char *key,
                                      const char *upload_id, const struct pail_s3_part *parts, size_t count,
                                      const struct pail_s3_conditions *conditions,
                                      char ret_etag[static PAIL_S3_ETAG_SIZE], struct pail_error *ret_error)
{
        int64_t deadline_ms = pail_clock_monotonic_ms() + client->options.timeout_ms;
        for (int64_t wait_ms = PAUSE_MS;; wait_ms = wait_ms * 2 < PAUSE_MAX_MS ? wait_ms * 2 : PAUSE_MAX_MS) {
                _cleanup_(pail_s3_call_unref_p) struct pail_s3_call *call = NULL;
                struct pail_error error = PAIL_ERROR_INIT;
                char etag[PAIL_S3_ETAG_SIZE];
                bool again = false;
                int r = make_call(client, bucket, key, upload_id, parts, count, conditions, &call, &error);
                if (r >= 0)
                        r = try_once(call, upload_id, parts, count, etag, &again, &error);
                if (r >= 0)
                        memcpy(ret_etag, etag, sizeof(etag));
                else if (ret_error)
                        *ret_error = error;
                if (r >= 0 || !again || pail_clock_monotonic_ms() + wait_ms >= deadline_ms)
                        return r;
                pause_ms(wait_ms);
        }
}
