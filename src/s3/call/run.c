/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of a call.
 *
 *   built --start--> IN FLIGHT --on_attempt_done--> (classify) -> IN FLIGHT again, not before its time
 *                                                            \--> FINISHED (finish_call)
 *   IN FLIGHT --no credentials or region as yet------> WAITING --every WAITING_CHECK_MS--> WAITING, IN FLIGHT or FINISHED
 *
 * A retry is the same request submitted again with a not_before: the engine's queue is the only timer, and a waiting
 * retry is cancelled as a running request is. A waiting call uses that timer as well: its request is in the queue with a
 * start that never comes and a deadline that does, so that all that is said of requests in flight holds for it.
 *
 * While the engine has the request (guarded.is_in_flight) only the engine touches call->http; everything else of the call
 * belongs to the thread that starts it and after that to the engine's thread that runs on_attempt_done. guarded.mutex
 * orders the two things that may happen at any moment, cancel and raise, against submission: without it a cancel
 * between two attempts would be lost.
 *
 * References: the caller's, and one of the call itself from start to finish. done runs before finished is set,
 * without any lock.
 */
#include "run.h"

#include <errno.h>

#include "answer.h"
#include "attempt.h"
#include "checksum.h"
#include "customer_key.h"
#include "feature.h"
#include "pail/util/clock.h"
#include "pail/util/str.h"
#include "region.h"

enum {
        MALFORMED_MAX = 3,         /* answers that cannot be read, before the endpoint is given up */
        CLOCK_CHANGE_MIN_S = 60,   /* between what we sign with and the server's Date */
        PROGRESS_GRACE_MS = 30000, /* an attempt that lasted longer than its waiting limits and this has moved bytes */
        WAITING_CHECK_MS = 250,
        OTHERS_CHECK_MS = 20, /* mostly it takes no longer to look at two files */
};

static void set_finished(struct pail_s3_call *call)
{
        PAIL_LOCK(&call->guarded.mutex);
        call->guarded.is_finished = true;
        pail_cond_broadcast(&call->guarded.cond);
}

static void finish_call(struct pail_s3_call *call)
{
        struct pail_s3_client *client = call->client;
        if (call->error.class == PAIL_ERROR_NONE) {
                pail_retry_succeeded(client->retry, call->has_retried ? &call->last_failure : NULL);
                pail_s3_checksum_learn(call);
                pail_s3_customer_key_learn(call);
                pail_s3_feature_learn_success(call);
        } else {
                pail_s3_feature_classify_failure(call, &call->error);
        }
        if (call->done)
                call->done(call->done_context, call->error.class == PAIL_ERROR_NONE ? NULL : &call->error);
        set_finished(call);
        pail_s3_client_call_ended(client);
        pail_s3_call_unref(call);
}

/* When the attempt begins, and by when it must be over: its own limit counts from its beginning. */
static void schedule_attempt(struct pail_s3_call *call, int64_t delay_ms)
{
        struct pail_http_request *http = &call->http;
        int64_t now_ms = pail_clock_monotonic_ms(), slot_ms = pail_retry_admit(call->client->retry);
        int64_t limit_ms = call->client->options.request_timeout_ms;
        if (slot_ms > delay_ms)
                delay_ms = slot_ms;
        http->not_before_ms = delay_ms > 0 ? now_ms + delay_ms : 0;
        call->attempt_started_ms = now_ms + delay_ms;
        if (limit_ms > 0 && http->deadline_ms > call->attempt_started_ms + limit_ms)
                http->deadline_ms = call->attempt_started_ms + limit_ms;
}

/* false: the call was cancelled before it could be sent. */
static bool submit_attempt(struct pail_s3_call *call)
{
        PAIL_LOCK(&call->guarded.mutex);
        if (call->guarded.is_cancelled)
                return false;
        call->guarded.is_in_flight = true;
        call->http.priority = call->guarded.priority;
        pail_http_engine_submit(call->client->engine, &call->http);
        return true;
}

/* Bytes have arrived or a long attempt has moved some: the patience of the call begins anew. */
static void credit_progress(struct pail_s3_call *call, int64_t duration_ms)
{
        int64_t limit_ms = call->http.first_byte_ms + PROGRESS_GRACE_MS;
        if (call->operation->is_bulk && duration_ms > limit_ms)
                call->deadline_ms += duration_ms - limit_ms;
}

/* false: it was corrected already, so the clock is not what is wrong. */
static bool correct_clock(struct pail_s3_call *call, int64_t offset_s)
{
        struct pail_session *session = call->client->session;
        int64_t change_s = offset_s - pail_session_clock_offset_s(session);
        if (call->has_corrected_clock || (change_s < CLOCK_CHANGE_MIN_S && change_s > -CLOCK_CHANGE_MIN_S))
                return false;
        call->has_corrected_clock = true;
        pail_session_set_clock_offset_s(session, offset_s);
        return true;
}

static bool is_among(const char *code, const char *const *codes)
{
        while (*codes && !pail_str_equal(*codes, code))
                codes++;
        return *codes;
}

/*
 * The credentials were refused for their age. S3's words for it stand in the body, which HEAD has not: there it is a
 * plain 400. Of a bucket that is hardly anything else; of an object it is also what is said of one that is encrypted with
 * a customer's key, and the GET that asks for the reason tells the two apart. Not InvalidToken: such a token was never any good.
 */
static bool is_expired(const struct pail_s3_call *call, const struct pail_error *error)
{
        static const char *const codes[] = { "ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", NULL };
        bool can_expire = call->credentials.session_token || call->credentials.expires_at != 0;
        bool is_elsewhere = error->region[0] && !pail_str_equal(error->region, call->endpoint.signing_region);
        return is_among(error->code, codes) ||
               (can_expire && !is_elsewhere && !call->key && error->http_status == 400 && error->code[0] == '\0' &&
                pail_str_equal(call->operation->method, "HEAD"));
}

/*
 * They were refused for what they are, or may have been: HEAD does not say why, and a Ceph that has STS says AccessDenied to all that is wrong.
 * Looking at two files is worth it; asking for a new session with a directory bucket would not be.
 */
static bool is_unknown(const struct pail_s3_call *call, const struct pail_error *error)
{
        static const char *const codes[] = { "InvalidAccessKeyId",
                                             "InvalidToken",
                                             "SignatureDoesNotMatch",
                                             "InvalidTokenId",     /* MinIO */
                                             "XAdminUserNotFound", /* versitygw */
                                             NULL };
        bool is_vague = pail_str_equal(call->operation->method, "HEAD") || pail_str_equal(error->code, "AccessDenied");
        return is_among(error->code, codes) ||
               (is_vague && error->http_status == 403 && call->endpoint.signing != PAIL_SIGNING_EXPRESS);
}

/*
 * Asks for others than the credentials that were refused; the call goes on when it is known whether there are any. false: the refusal
 * has another reason, or was met before.
 */
static bool replace_credentials(struct pail_s3_call *call, const struct pail_error *error)
{
        if (call->has_renewed_credentials || error->class != PAIL_ERROR_SERVICE)
                return false;
        bool expired = is_expired(call, error);
        if (!expired && !is_unknown(call, error))
                return false;
        call->has_renewed_credentials = true;
        if (!pail_s3_attempt_refuse_credentials(call, expired ? PAIL_REFUSAL_EXPIRED : PAIL_REFUSAL_UNKNOWN))
                return false;
        call->awaits_others = true;
        call->error = *error;
        return true;
}

/* Something else was wrong than what had been changed to find out. */
static void forget_suspicions(struct pail_s3_call *call)
{
        call->tried_keys = 0;
        call->checksum.is_dropped = false;
}

static enum pail_s3_failure_class apply_retry_decision(struct pail_s3_call *call, const struct pail_error *treated,
                                                       int64_t *ret_delay_ms)
{
        struct pail_s3_client *client = call->client;
        switch (pail_retry_decide(client->retry, treated, call->fruitless, true, call->deadline_ms, ret_delay_ms)) {
        case PAIL_RETRY_LATER:
                call->has_retried = true;
                call->last_failure = *treated;
                return PAIL_S3_FAILURE_REPEAT;
        case PAIL_RETRY_CLOCK:
                forget_suspicions(call);
                return correct_clock(call, treated->clock_offset_s) ? PAIL_S3_FAILURE_REPEAT : PAIL_S3_FAILURE_FINAL;
        case PAIL_RETRY_REGION:
                forget_suspicions(call);
                return pail_s3_region_follow(call, treated) ? PAIL_S3_FAILURE_REPEAT : PAIL_S3_FAILURE_FINAL;
        case PAIL_RETRY_NO:
                break;
        }
        return PAIL_S3_FAILURE_FINAL;
}

/* The credentials are not the reason of *error, or there are no others. */
static enum pail_s3_failure_class classify_request_failure(struct pail_s3_call *call, bool malformed,
                                                           struct pail_error *error, int64_t *ret_delay_ms)
{
        *ret_delay_ms = 0;
        /* Without a word it may be the region as well, which costs another request to find out. */
        if (error->http_status == 400 && error->code[0] == '\0') {
                if (pail_s3_checksum_drop(call, error))
                        return PAIL_S3_FAILURE_REPEAT;
                pail_s3_customer_key_describe_refusal(call, error);
        }
        struct pail_error treated = *error;
        /* No HTTP at all may be what an over-long answer has left on a kept connection. */
        if (malformed || (error->class == PAIL_ERROR_PROTOCOL && error->http_status == 0)) {
                if (++call->malformed >= MALFORMED_MAX)
                        return PAIL_S3_FAILURE_FINAL;
                treated.class = PAIL_ERROR_SERVICE;
                treated.http_status = 500;
        }
        enum pail_s3_failure_class failure = apply_retry_decision(call, &treated, ret_delay_ms);
        if (failure != PAIL_S3_FAILURE_FINAL)
                return failure;
        if (pail_s3_checksum_drop(call, error))
                return PAIL_S3_FAILURE_REPEAT;
        pail_s3_customer_key_describe_refusal(call, error);
        return failure;
}

/* An attempt failed with *error, which may be rewritten: what now? */
static enum pail_s3_failure_class classify_failure(struct pail_s3_call *call, bool malformed, struct pail_error *error,
                                                   int64_t *ret_delay_ms)
{
        *ret_delay_ms = 0;
        enum pail_s3_failure_class failure = PAIL_S3_FAILURE_RETRY;
        if (call->operation->classify)
                failure = call->operation->classify(call, error);
        if (failure != PAIL_S3_FAILURE_RETRY)
                return failure;
        if (pail_s3_customer_key_next(call, error))
                return PAIL_S3_FAILURE_REPEAT;
        if (replace_credentials(call, error)) {
                forget_suspicions(call);
                return PAIL_S3_FAILURE_REPEAT;
        }
        return classify_request_failure(call, malformed, error, ret_delay_ms);
}

static void trace_attempt(const struct pail_s3_call *call, const struct pail_error *error, int64_t duration_ms)
{
        const struct pail_s3_client_options *options = &call->client->options;
        if (!options->trace)
                return;
        const char *id = pail_http_headers_get(&call->http.response.headers, "x-amz-request-id");
        const char *scheme_end = strstr(call->http.url, "://");
        const char *start = scheme_end ? strchr(scheme_end + 3, '/') : NULL;
        if (!start)
                start = "/";
        _cleanup_free_ char *path = strndup(start, strcspn(start, "?"));
        options->trace(options->trace_context, call->operation->name, path ? path : "", call->http.response.status,
                       call->attempt, duration_ms, error->class == PAIL_ERROR_NONE ? NULL : error,
                       id ? id : error->request_id);
}

/* Whether the server may have done what the failed attempt asked for. */
static bool may_have_worked(const struct pail_error *error)
{
        switch (error->class) {
        case PAIL_ERROR_SERVICE:
                return error->http_status >= 500;
        case PAIL_ERROR_RESOLVE:
        case PAIL_ERROR_CONNECT:
        case PAIL_ERROR_TLS:
                return false;
        default:
                return error->sent;
        }
}

/* Never sent as it is, since it is not signed: the deadline ends it before, and then it is looked again. */
static void wait_in_queue(struct pail_s3_call *call)
{
        int64_t look_ms = pail_clock_monotonic_ms() + (call->awaits_others ? OTHERS_CHECK_MS : WAITING_CHECK_MS);
        call->is_waiting = true;
        call->http.not_before_ms = INT64_MAX;
        call->http.deadline_ms = look_ms < call->deadline_ms ? look_ms : call->deadline_ms;
}

static bool begin_next_attempt(struct pail_s3_call *call, int64_t delay_ms, struct pail_error *error)
{
        struct pail_error failure = PAIL_ERROR_INIT;
        int r = pail_s3_attempt_prepare(call, &failure);
        if (r == 2) {
                *error = call->error;
                if (classify_request_failure(call, false, error, &delay_ms) != PAIL_S3_FAILURE_REPEAT)
                        return false;
                r = pail_s3_attempt_prepare(call, &failure);
        }
        if (r < 0 || (r > 0 && pail_clock_monotonic_ms() >= call->deadline_ms)) {
                *error = r > 0 && call->awaits_others ? call->error
                                                      : failure; /* what S3 said counts more than the wait */
                return false;
        }
        if (r > 0)
                wait_in_queue(call);
        else
                schedule_attempt(call, delay_ms);
        if (submit_attempt(call))
                return true;
        pail_error_set(error, PAIL_ERROR_CANCELLED, "%s was cancelled", call->operation->name);
        return false;
}

static bool end_flight(struct pail_s3_call *call)
{
        PAIL_LOCK(&call->guarded.mutex);
        call->guarded.is_in_flight = false;
        return call->guarded.is_cancelled;
}

/* true: the call goes on. false: it ends, with *error if it failed. */
static bool continue_attempt(struct pail_s3_call *call, bool is_cancelled, struct pail_error *error)
{
        bool malformed = false;
        int64_t delay_ms, duration_ms = pail_clock_monotonic_ms() - call->attempt_started_ms;
        call->fruitless++;
        int r = pail_s3_answer_check(call, &malformed, error);
        trace_attempt(call, error, duration_ms);
        if (!is_cancelled)
                pail_retry_observe(call->client->retry, error);
        if (r >= 0)
                return false;
        if (is_cancelled) {
                pail_error_set(error, PAIL_ERROR_CANCELLED, "%s was cancelled", call->operation->name);
                return false;
        }
        credit_progress(call, duration_ms);
        enum pail_s3_failure_class failure = classify_failure(call, malformed, error, &delay_ms);
        if (failure == PAIL_S3_FAILURE_NONE)
                *error = PAIL_ERROR_INIT;
        if (failure != PAIL_S3_FAILURE_REPEAT)
                return false;
        call->maybe_applied = call->maybe_applied || may_have_worked(error);
        return begin_next_attempt(call, delay_ms, error);
}

static bool continue_waiting(struct pail_s3_call *call, bool is_cancelled, struct pail_error *error)
{
        call->is_waiting = false;
        if (!is_cancelled && call->http.error.class == PAIL_ERROR_TIMEOUT)
                return begin_next_attempt(call, 0, error);
        pail_error_set(error, PAIL_ERROR_CANCELLED, "%s was cancelled", call->operation->name);
        return false;
}

static void on_attempt_done(struct pail_http_request *request, void *context)
{
        (void)request;
        struct pail_s3_call *call = context;
        bool is_cancelled = end_flight(call);
        struct pail_error error = PAIL_ERROR_INIT;
        if (call->is_waiting ? continue_waiting(call, is_cancelled, &error)
                             : continue_attempt(call, is_cancelled, &error))
                return;
        call->error = error;
        finish_call(call);
}

int pail_s3_call_start(struct pail_s3_call *call, pail_s3_done *done, void *done_context, struct pail_error *ret_error)
{
        struct pail_error failure = PAIL_ERROR_INIT;
        call->done = done;
        call->done_context = done_context;
        call->http.done = on_attempt_done;
        call->http.done_context = call;
        call->deadline_ms = pail_s3_client_deadline_ms(call->client, call->timeout_ms);
        call->guarded.priority = call->http.priority;
        int r = call->build_error;
        if (r < 0)
                pail_error_set_errno(&failure, -r, "cannot make the request of %s", call->operation->name);
        else
                r = pail_s3_attempt_prepare(call, &failure);
        if (r < 0) {
                if (ret_error)
                        *ret_error = failure;
                return pail_s3_errno(&failure);
        }
        pail_s3_client_call_begins(call->client);
        atomic_fetch_add_explicit(&call->refs, 1, memory_order_relaxed);
        if (r > 0)
                wait_in_queue(call);
        else
                schedule_attempt(call, 0);
        submit_attempt(call); /* nobody else knows the call yet: it cannot have been cancelled */
        return 0;
}

int pail_s3_call_run(struct pail_s3_call *call, struct pail_error *ret_error)
{
        int r = pail_s3_call_start(call, NULL, NULL, ret_error);
        return r < 0 ? r : pail_s3_call_wait(call, ret_error);
}

int pail_s3_call_launch(struct pail_s3_call *call, pail_s3_done *done, void *done_context,
                        struct pail_s3_call **ret_call, struct pail_error *ret_error)
{
        int r = pail_s3_call_start(call, done, done_context, ret_error);
        if (r < 0)
                pail_s3_call_unref(call);
        else
                *ret_call = call;
        return r;
}
