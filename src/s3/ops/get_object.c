/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GetObject: bytes to a sink, exactly once and in order, over as many attempts as it takes.
 *
 * struct get counts what the sink has had (delivered). Each attempt asks for the rest of the range, with If-Match on
 * the version that the first answer told, and is checked before its first byte is passed on: a server that ignores
 * If-Match is found out by the ETag, one that ignores Range by status 200, whose bytes before the range are then
 * skipped. expected is known from the first answer on; the call has succeeded when delivered reaches it, however the
 * attempt ended.
 *
 * The bytes of a whole object are compared with its checksum when all have been delivered; if they are damaged, a sink
 * that can forget them gets them once more.
 *
 * The alternative, to collect a range in memory and start over on failure, would cost a buffer per request and the
 * time of all bytes that had come.
 */
#include <errno.h>
#include <inttypes.h>

#include "pail/s3/operations.h"
#include "pail/util/clock.h"
#include "pail/util/str.h"
#include "s3/call/checksum.h"
#include "s3/call/error_parse.h"
#include "s3/call/object_metadata.h"
#include "s3/call/request.h"
#include "s3/call/run.h"

/*
 * Bytes that count as progress, so that the call's patience begins anew: fewer could be fed to us one at a time for
 * ever.
 */
enum { PROGRESS_MIN = 64 * 1024 };

struct get {
        const struct pail_s3_get_sink *sink;
        void *sink_context;
        uint64_t offset, size_bytes;          /* size 0: to the end */
        char if_match[PAIL_S3_ETAG_SIZE + 2]; /* "" or the version wanted or seen first */
        bool told;                            /* on_metadata was called, expected is known */
        bool without_range;                   /* the object is empty: it has no range that could be asked for */
        uint64_t expected, delivered;
        uint64_t skip;           /* bytes of this answer before those wanted */
        uint64_t before;         /* delivered when this attempt began */
        struct pail_error error; /* found in this answer by us; class NONE: nothing */
        bool sink_failed;
        struct pail_s3_check check;
        bool has_restarted;
};

static bool asks_range(const struct get *get)
{
        return !get->without_range && (get->size_bytes > 0 || get->delivered > 0);
}

/* Set aside where there is a range: S3 has no checksum of that. */
static int ask_checksum(struct pail_s3_call *call)
{
        static const char name[] = "x-amz-checksum-mode";
        const struct get *get = call->state;
        if (call->client->checks_answers && !asks_range(get))
                return pail_http_headers_set(&call->http.headers, name, "ENABLED");
        pail_http_headers_remove(&call->http.headers, name);
        return 0;
}

static int prepare_attempt(struct pail_s3_call *call)
{
        struct get *get = call->state;
        struct pail_http_headers *headers = &call->http.headers;
        get->before = get->delivered;
        get->skip = 0;
        get->error = PAIL_ERROR_INIT;
        char text[PAIL_S3_ETAG_SIZE + 4];
        int r = ask_checksum(call);
        if (r >= 0 && get->if_match[0]) {
                snprintf(text, sizeof(text), "\"%s\"", get->if_match);
                r = pail_http_headers_set(headers, "If-Match", text);
        }
        pail_http_headers_remove(headers, "Range");
        if (r < 0 || !asks_range(get))
                return r;
        uint64_t first = get->offset + get->delivered;
        if (get->size_bytes > 0)
                snprintf(text, sizeof(text), "bytes=%" PRIu64 "-%" PRIu64, first, get->offset + get->size_bytes - 1);
        else
                snprintf(text, sizeof(text), "bytes=%" PRIu64 "-", first);
        return pail_http_headers_set(headers, "Range", text);
}

/* "bytes 0-99/1234" */
static int parse_content_range(const char *text, uint64_t *ret_first, uint64_t *ret_total)
{
        if (!text || !pail_str_starts_with(text, "bytes "))
                return -EBADMSG;
        const char *first = text + strlen("bytes "), *dash = strchr(first, '-'), *slash = strchr(first, '/');
        if (!dash || !slash || dash > slash)
                return -EBADMSG;
        _cleanup_free_ char *digits = strndup(first, (size_t)(dash - first));
        if (!digits)
                return -ENOMEM;
        return pail_str_to_u64(digits, ret_first) < 0 || pail_str_to_u64(slash + 1, ret_total) < 0 ? -EBADMSG : 0;
}

static int refusal_of(struct get *get)
{
        return get->error.class == PAIL_ERROR_NONE ? -EBADMSG : -ECANCELED;
}

/* Where the answer begins and how large the object is. */
static int check_range(struct pail_s3_call *call, const struct pail_http_response *response, uint64_t *ret_total)
{
        struct get *get = call->state;
        uint64_t first = 0, wanted = get->offset + get->delivered;
        if (response->status == 206) {
                if (parse_content_range(pail_http_headers_get(&response->headers, "Content-Range"), &first, ret_total) <
                            0 ||
                    first != wanted) {
                        pail_s3_error_not_s3(call, response, "and a range that was not asked for", &get->error);
                        return refusal_of(get);
                }
                return 0;
        }
        *ret_total = (uint64_t)response->content_length;
        get->skip = wanted;
        return 0;
}

static int check_version(struct pail_s3_call *call, const struct pail_s3_object_metadata *metadata)
{
        struct get *get = call->state;
        if (get->if_match[0] == '\0' || pail_str_equal(get->if_match, metadata->etag))
                return 0;
        pail_s3_error_from_code(call, NULL, "PreconditionFailed", NULL, 0, &get->error);
        return refusal_of(get);
}

static int announce_metadata(struct pail_s3_call *call, const struct pail_s3_object_metadata *metadata)
{
        struct get *get = call->state;
        if (get->told)
                return 0;
        if (get->offset > metadata->size_bytes || (get->offset == metadata->size_bytes && get->offset > 0)) {
                pail_s3_error_from_code(call, NULL, "InvalidRange", NULL, 0, &get->error);
                return refusal_of(get);
        }
        get->told = true;
        get->expected = metadata->size_bytes - get->offset;
        if (get->size_bytes > 0 && get->size_bytes < get->expected)
                get->expected = get->size_bytes;
        pail_str_copy(get->if_match, sizeof(get->if_match), metadata->etag);
        int r = get->sink->on_metadata ? get->sink->on_metadata(get->sink_context, metadata) : 0;
        get->sink_failed = r < 0;
        return r;
}

/* An answer to a second try that tells no checksum is held against the first one's. */
static void begin_check(struct get *get, const struct pail_http_response *response)
{
        struct pail_s3_check check;
        pail_s3_check_begin(response, &check);
        get->check.crc = 0;
        if (check.is_on)
                get->check = check;
}

static int on_headers(void *context, const struct pail_http_response *response)
{
        struct pail_s3_call *call = context;
        struct get *get = call->state;
        _cleanup_(pail_s3_object_metadata_done) struct pail_s3_object_metadata metadata = { 0 };
        bool has_length = response->content_length >= 0 || response->status == 206;
        if (!has_length || pail_s3_object_metadata_from_response(response, &metadata) < 0) {
                pail_s3_error_not_s3(call, response, "without an ETag or a length", &get->error);
                return refusal_of(get);
        }
        uint64_t total = 0;
        int r = check_version(call, &metadata);
        if (r >= 0)
                r = check_range(call, response, &total);
        if (r < 0)
                return r;
        metadata.size_bytes = total;
        /* The sink holds bytes back only if it was told so at the first answer. */
        if ((!get->told || get->check.is_on) && get->delivered == 0 && response->status == 200 &&
            call->client->checks_answers && get->size_bytes == 0)
                begin_check(get, response);
        metadata.has_checksum = get->check.is_on;
        return announce_metadata(call, &metadata);
}

static int on_body(void *context, const void *data, size_t size)
{
        struct pail_s3_call *call = context;
        struct get *get = call->state;
        size_t skipped = get->skip < size ? (size_t)get->skip : size;
        get->skip -= skipped;
        size -= skipped;
        uint64_t left = get->expected - get->delivered;
        size_t wanted = size < left ? size : (size_t)left;
        if (wanted > 0) {
                int r = get->sink->on_body(get->sink_context, (const char *)data + skipped, wanted);
                if (r < 0) {
                        get->sink_failed = true;
                        return r;
                }
                pail_s3_check_update(&get->check, (const char *)data + skipped, wanted);
                get->delivered += wanted;
        }
        return size > wanted ? -ECANCELED : 0; /* all is here, and a server that ignores Range goes on */
}

static const struct pail_http_sink http_sink = { .on_headers = on_headers, .on_body = on_body };

static bool has_all(const struct get *get)
{
        return get->told && get->delivered == get->expected;
}

/* All bytes are there, and they are not those that S3 keeps the checksum of. */
static enum pail_s3_failure_class classify_damage(struct pail_s3_call *call, struct pail_error *error)
{
        struct get *get = call->state;
        if (!get->has_restarted && get->sink->on_damaged && get->sink->on_damaged(get->sink_context) >= 0) {
                get->has_restarted = true;
                get->delivered = 0;
                return PAIL_S3_FAILURE_REPEAT;
        }
        pail_error_set_errno(error, EIO,
                             "the bytes of s3://%s/%s are not those of the %s checksum that S3 keeps of them",
                             call->bucket, call->key, pail_crc_name(get->check.kind));
        return PAIL_S3_FAILURE_FINAL;
}

static int parse_answer(struct pail_s3_call *call, const struct pail_http_response *response,
                        struct pail_error *ret_error)
{
        const struct get *get = call->state;
        (void)response;
        if (has_all(get) && pail_s3_check_holds(&get->check))
                return 0;
        if (has_all(get)) {
                pail_error_set(ret_error, PAIL_ERROR_TRANSFER, "the bytes were damaged on the way (%s of s3://%s/%s)",
                               call->operation->name, call->bucket, call->key);
                return -EIO;
        }
        pail_error_set(ret_error, PAIL_ERROR_TRANSFER, "the server sent fewer bytes than it has (%s of s3://%s/%s)",
                       call->operation->name, call->bucket, call->key);
        ret_error->sent = true;
        return -EIO;
}

static enum pail_s3_failure_class classify_failure(struct pail_s3_call *call, struct pail_error *error)
{
        struct get *get = call->state;
        if (get->sink_failed)
                return PAIL_S3_FAILURE_FINAL;
        if (get->error.class != PAIL_ERROR_NONE) {
                *error = get->error;
                return PAIL_S3_FAILURE_FINAL;
        }
        if (has_all(get))
                return pail_s3_check_holds(&get->check) ? PAIL_S3_FAILURE_NONE : classify_damage(call, error);
        if (error->http_status == 416 && get->offset == 0 && !get->told && asks_range(get)) {
                get->without_range = true;
                return PAIL_S3_FAILURE_REPEAT;
        }
        if (get->delivered - get->before >= PROGRESS_MIN) {
                call->fruitless = 1;
                call->deadline_ms = pail_clock_monotonic_ms() + call->timeout_ms;
        }
        return PAIL_S3_FAILURE_RETRY;
}

static const struct pail_s3_operation operation = {
        .name = "GetObject",
        .flags = PAIL_S3_FLAG_READ_KEY,
        .method = "GET",
        .is_bulk = true,
        .has_any_content = true,
        .prepare = prepare_attempt,
        .parse = parse_answer,
        .classify = classify_failure,
        .sink = &http_sink,
};

int pail_s3_get_object_start(struct pail_s3_client *client, const struct pail_s3_get_input *input,
                             const struct pail_s3_get_sink *sink, void *sink_context, pail_s3_done *done,
                             void *done_context, struct pail_s3_call **ret_call, struct pail_error *ret_error)
{
        uint64_t end;
        if (__builtin_add_overflow(input->offset, input->size_bytes, &end))
                return pail_error_set_errno(ret_error, EINVAL, "a range beyond all objects");
        struct pail_s3_call *call = NULL;
        int r = pail_s3_call_new(client, &operation, input->bucket, input->key, &call, ret_error);
        if (r < 0)
                return r;
        pail_s3_call_query_optional(call, "versionId", input->version_id);
        struct get *get = calloc(1, sizeof(*get));
        if (get) {
                get->sink = sink;
                get->sink_context = sink_context;
                get->offset = input->size_bytes ? input->offset : 0;
                get->size_bytes = input->size_bytes;
                pail_str_copy(get->if_match, sizeof(get->if_match), input->if_match ? input->if_match : "");
                call->state = get;
                call->free_state = free;
        } else {
                call->build_error = -ENOMEM;
        }
        call->http.priority = input->priority;
        if (input->timeout_ms > 0)
                call->timeout_ms = input->timeout_ms;
        return pail_s3_call_launch(call, done, done_context, ret_call, ret_error);
}

struct blocking {
        struct pail_buf *target;
        size_t before; /* length of target */
        struct pail_s3_object_metadata metadata;
};

static int keep_metadata(void *context, const struct pail_s3_object_metadata *metadata)
{
        struct blocking *blocking = context;
        pail_s3_object_metadata_done(&blocking->metadata);
        return pail_s3_object_metadata_copy(metadata, &blocking->metadata);
}

static int keep_body(void *context, const void *data, size_t size)
{
        struct blocking *blocking = context;
        return pail_buf_append(blocking->target, data, size);
}

static int forget_body(void *context)
{
        struct blocking *blocking = context;
        pail_buf_truncate(blocking->target, blocking->before);
        return 0;
}

int pail_s3_get_object(struct pail_s3_client *client, const struct pail_s3_get_input *input, struct pail_buf *target,
                       struct pail_s3_object_metadata *ret_metadata, struct pail_error *ret_error)
{
        static const struct pail_s3_get_sink sink = { .on_metadata = keep_metadata,
                                                      .on_body = keep_body,
                                                      .on_damaged = forget_body };
        struct blocking blocking = { .target = target, .before = target->length };
        _cleanup_(pail_s3_call_unref_p) struct pail_s3_call *call = NULL;
        int r = pail_s3_get_object_start(client, input, &sink, &blocking, NULL, NULL, &call, ret_error);
        if (r >= 0)
                r = pail_s3_call_wait(call, ret_error);
        if (r < 0 || !ret_metadata)
                pail_s3_object_metadata_done(&blocking.metadata);
        else
                *ret_metadata = blocking.metadata;
        return r;
}
