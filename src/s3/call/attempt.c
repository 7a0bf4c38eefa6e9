/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One attempt: where to, with which headers of its own, until when, and signed at the last moment, since credentials,
 * clock offset and region may have changed since the one before. The first is prepared on the caller's thread, which
 * may wait for credentials and hash a body; later ones on an engine's thread, which may do neither: where there are no
 * credentials at the moment, the call waits in the queue (run.c).
 */
#include "attempt.h"

#include <errno.h>

#include "checksum.h"
#include "customer_key.h"
#include "digest.h"
#include "express.h"
#include "pail/util/clock.h"
#include "pail/util/random.h"
#include "pail/util/str.h"
#include "region.h"
#include "request.h"

enum { FIRST_BYTE_MS = 30000 };

/* A random UUID (RFC 9562 version 4) that all attempts share. */
static void make_invocation_id(char ret_id[static 37])
{
        unsigned char b[16];
        pail_random_fill(b, sizeof(b));
        snprintf(ret_id, 37, "%02x%02x%02x%02x-%02x%02x-4%x%02x-a%x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1], b[2],
                 b[3], b[4], b[5], b[6] & 15, b[7], b[8] & 15, b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
}

static int resolve_endpoint(struct pail_s3_call *call, struct pail_error *ret_error)
{
        _cleanup_free_ char *region = NULL;
        int r = pail_s3_region_await(call, ret_error);
        if (r != 0)
                return r;
        r = call->bucket ? pail_s3_client_region(call->client, call->bucket, &region) : 0;
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "cannot send %s", call->operation->name);
        struct pail_endpoint endpoint = { 0 };
        r = (call->operation->is_regional ? pail_endpoint_resolve_control : pail_endpoint_resolve)(
                pail_session_endpoint_settings(call->client->session), call->bucket, region, &endpoint, ret_error);
        if (r < 0)
                return r;
        pail_endpoint_done(&call->endpoint);
        call->endpoint = endpoint;
        r = pail_s3_call_build_url(call);
        return r < 0 ? pail_error_set_errno(ret_error, -r, "cannot make the URL of %s", call->operation->name) : 0;
}

/*
 * One pass over the body for all that is wanted of it. Over https the transport protects it, and SHA-256 of 8 MiB would
 * cost 4 ms; over http only the signature does.
 */
static int digest_body(struct pail_s3_call *call, struct pail_error *ret_error)
{
        const struct pail_session *session = call->client->session;
        bool is_empty = call->http.body.size_bytes == 0;
        bool is_open = (call->endpoint.is_https && !pail_session_signs_payload(session)) ||
                       pail_session_is_anonymous(session);
        struct pail_s3_digest digest = { .needs_sha256 = !is_empty && !is_open };
        pail_s3_checksum_plan(call, &digest);
        int r = pail_s3_digest_body(&call->http.body, &digest);
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "cannot read the bytes to send");
        if (is_empty)
                pail_str_copy(call->payload_hash, sizeof(call->payload_hash), PAIL_SIGV4_EMPTY_SHA256);
        else if (is_open)
                pail_str_copy(call->payload_hash, sizeof(call->payload_hash), PAIL_SIGV4_UNSIGNED_PAYLOAD);
        else
                pail_s3_hex(digest.sha256, sizeof(digest.sha256), call->payload_hash);
        pail_s3_checksum_make(call, &digest);
        return 0;
}

/* Requests to a directory bucket are signed for a session with it, but for some. */
static bool is_of_session(const struct pail_s3_call *call)
{
        return call->endpoint.signing == PAIL_SIGNING_EXPRESS && !call->operation->has_plain_credentials &&
               !pail_session_is_anonymous(call->client->session);
}

static enum pail_signing signing_of(const struct pail_s3_call *call)
{
        if (call->endpoint.signing == PAIL_SIGNING_EXPRESS && !is_of_session(call))
                return PAIL_SIGNING_V4;
        return call->endpoint.signing;
}

static int find_credentials(struct pail_s3_call *call, bool may_wait, struct pail_credentials *ret_newest,
                            struct pail_error *ret_error)
{
        struct pail_session *session = call->client->session;
        struct pail_s3_express *express = call->client->express;
        if (is_of_session(call))
                return may_wait ? pail_s3_express_get(express, call->bucket, call->deadline_ms, ret_newest, ret_error)
                                : pail_s3_express_peek(express, call->bucket, ret_newest, ret_error);
        return may_wait ? pail_session_get_credentials(session, call->deadline_ms, ret_newest, ret_error)
                        : pail_session_peek_credentials(session, ret_newest, ret_error);
}

static int peek_others(struct pail_s3_call *call, struct pail_credentials *ret_newest, struct pail_error *ret_error)
{
        if (is_of_session(call))
                return pail_s3_express_peek_others(call->client->express, call->bucket, &call->credentials, ret_newest,
                                                   ret_error);
        return pail_session_peek_others(call->client->session, &call->credentials, ret_newest, ret_error);
}

/* Whatever is wrong with a session with a bucket, a new one is the remedy: it is made with credentials that are looked at again. */
bool pail_s3_attempt_refuse_credentials(struct pail_s3_call *call, enum pail_refusal refusal)
{
        if (is_of_session(call))
                return pail_s3_express_refuse(call->client->express, call->bucket, &call->credentials);
        return pail_session_refuse_credentials(call->client->session, &call->credentials, refusal);
}

/* 1: there are none at the moment, and this thread may not wait; *ret_error says why. 2: there are no others. */
static int renew_credentials(struct pail_s3_call *call, struct pail_error *ret_error)
{
        struct pail_credentials newest = { 0 };
        bool may_wait = call->attempt == 0 && !pail_http_engine_is_own_thread(call->client->engine);
        int r = call->awaits_others ? peek_others(call, &newest, ret_error)
                                    : find_credentials(call, may_wait, &newest, ret_error);
        if (r == -EAGAIN)
                return 1;
        call->awaits_others = false;
        if (r != 0)
                return r == 1 ? 2 : r;
        pail_credentials_done(&call->credentials);
        call->credentials = newest;
        return 0;
}

static int set_attempt_headers(struct pail_s3_call *call)
{
        char text[48];
        if (call->client->max_attempts > 0)
                snprintf(text, sizeof(text), "attempt=%u; max=%u", call->attempt, call->client->max_attempts);
        else
                snprintf(text, sizeof(text), "attempt=%u", call->attempt);
        int r = pail_http_headers_set(&call->http.headers, "amz-sdk-invocation-id", call->invocation_id);
        if (r >= 0)
                r = pail_http_headers_set(&call->http.headers, "amz-sdk-request", text);
        if (r >= 0)
                r = pail_s3_call_apply_options(call);
        if (r >= 0)
                r = pail_s3_checksum_apply(call);
        if (r >= 0)
                r = pail_s3_customer_key_apply(call);
        if (r >= 0 && call->operation->prepare)
                r = call->operation->prepare(call);
        return r;
}

/*
 * A request that moves few bytes ends at the call's deadline. One that moves many ends when it stalls, which the
 * engine sees to: a deadline would end a slow transfer that is doing well. The limit of one attempt (request_timeout)
 * means for such a one how long the server may be silent.
 */
static void set_attempt_limits(struct pail_s3_call *call)
{
        struct pail_http_request *http = &call->http;
        int64_t silence_ms = call->client->options.request_timeout_ms;
        bool has_own = call->operation->first_byte_ms > 0;
        http->first_byte_ms = has_own ? call->operation->first_byte_ms : FIRST_BYTE_MS;
        if (!has_own && http->first_byte_ms > call->timeout_ms)
                http->first_byte_ms = call->timeout_ms;
        if (!has_own && silence_ms > 0 && http->first_byte_ms > silence_ms)
                http->first_byte_ms = silence_ms;
        http->deadline_ms = call->operation->is_bulk || has_own ? 0 : call->deadline_ms;
}

static struct pail_sigv4_scope scope_of(const struct pail_s3_call *call)
{
        return (struct pail_sigv4_scope){
                .time = pail_clock_now().tv_sec + pail_session_clock_offset_s(call->client->session),
                .region = call->endpoint.signing_region,
                .service = call->endpoint.signing_name,
                .signing = signing_of(call),
        };
}

int pail_s3_attempt_address(struct pail_s3_call *call, struct pail_sigv4_scope *ret_scope, struct pail_error *ret_error)
{
        int r = resolve_endpoint(call, ret_error);
        if (r == 0)
                r = renew_credentials(call, ret_error);
        if (r == 0)
                *ret_scope = scope_of(call);
        return r;
}

int pail_s3_attempt_prepare(struct pail_s3_call *call, struct pail_error *ret_error)
{
        pail_http_request_reset(&call->http);
        pail_buf_reset(&call->answer);
        int r = resolve_endpoint(call, ret_error);
        if (r == 0)
                r = renew_credentials(call, ret_error);
        if (r != 0)
                return r;
        if (call->attempt++ == 0) {
                make_invocation_id(call->invocation_id);
                r = digest_body(call, ret_error);
                if (r < 0)
                        return r;
        }
        r = set_attempt_headers(call);
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "cannot make the headers of %s", call->operation->name);
        set_attempt_limits(call);
        const struct pail_sigv4_scope scope = scope_of(call);
        return pail_sigv4_sign(&call->http, &call->credentials, &scope, call->payload_hash, call->client->keys,
                               ret_error);
}
