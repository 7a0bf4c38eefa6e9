/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The record of a call: made, waited for, cancelled and freed here. What becomes of it in between is in run.c, which also says which thread
 * may touch what.
 */
#include "call.h"

#include <errno.h>

#include "customer_keys.h"
#include "pail/s3/types.h"
#include "pail/util/interrupt.h"
#include "pail/util/str.h"

static int on_answer_body(void *context, const void *data, size_t size)
{
        struct pail_s3_call *call = context;
        return pail_buf_append(&call->answer, data, size);
}

static const struct pail_http_sink answer_sink = { .on_body = on_answer_body };

int pail_s3_call_new(struct pail_s3_client *client, const struct pail_s3_operation *operation, const char *bucket,
                     const char *key, struct pail_s3_call **ret_call, struct pail_error *ret_error)
{
        /* An empty name would turn an operation on an object into one on its bucket. */
        if ((bucket && *bucket == '\0') || (key && *key == '\0'))
                return pail_error_set_errno(ret_error, EINVAL, "%s without a name", operation->name);
        if (key && strlen(key) > PAIL_S3_KEY_MAX)
                return pail_error_set_errno(ret_error, ENAMETOOLONG, "%s of a key of %zu bytes, S3 takes %d",
                                            operation->name, strlen(key), PAIL_S3_KEY_MAX);
        struct pail_s3_call *call = calloc(1, sizeof(*call));
        if (!call)
                return pail_error_set_errno(ret_error, ENOMEM, "cannot make a request");
        atomic_init(&call->refs, 1);
        pail_mutex_init(&call->guarded.mutex);
        pail_cond_init(&call->guarded.cond);
        pail_http_request_init(&call->http);
        size_t cap = operation->answer_cap_bytes ? operation->answer_cap_bytes : PAIL_S3_ANSWER_CAP;
        if (operation->is_secret)
                pail_buf_init_secret(&call->answer, cap);
        else
                pail_buf_init(&call->answer, cap);
        pail_buf_init(&call->query, PAIL_S3_QUERY_CAP);
        call->client = client;
        call->operation = operation;
        call->error = PAIL_ERROR_INIT;
        call->first_key = atomic_load(&client->customer_key);
        call->timeout_ms = operation->timeout_ms ? operation->timeout_ms : client->options.timeout_ms;
        call->http.priority = PAIL_HTTP_PRIORITY_WAITED;
        call->http.body.fd = -1;
        call->http.sink = operation->sink ? operation->sink : &answer_sink;
        call->http.sink_context = call;
        if (pail_str_dup(bucket, &call->bucket) < 0 || pail_str_dup(key, &call->key) < 0 ||
            pail_str_dup(operation->method, &call->http.method) < 0)
                call->build_error = -ENOMEM;
        *ret_call = call;
        return 0;
}

void pail_s3_call_unref(struct pail_s3_call *call)
{
        if (!call || atomic_fetch_sub_explicit(&call->refs, 1, memory_order_acq_rel) > 1)
                return;
        if (call->free_state)
                call->free_state(call->state);
        pail_s3_customer_keys_wipe(&call->http.headers);
        pail_http_request_done(&call->http);
        pail_buf_done(&call->query);
        pail_buf_done(&call->answer);
        pail_endpoint_done(&call->endpoint);
        pail_credentials_done(&call->credentials);
        free(call->text);
        free(call->bucket);
        free(call->key);
        pail_cond_done(&call->guarded.cond);
        pail_mutex_done(&call->guarded.mutex);
        free(call);
}

static void cancel_locked(struct pail_s3_call *call)
{
        pail_mutex_assert_held(&call->guarded.mutex);
        if (call->guarded.is_cancelled || call->guarded.is_finished)
                return;
        call->guarded.is_cancelled = true;
        if (call->guarded.is_in_flight)
                pail_http_engine_cancel(call->client->engine, &call->http);
}

int pail_s3_call_wait(struct pail_s3_call *call, struct pail_error *ret_error)
{
        pail_mutex_lock(&call->guarded.mutex);
        while (!call->guarded.is_finished) {
                if (call->operation->is_change || call->guarded.is_cancelled)
                        pail_cond_wait(&call->guarded.cond, &call->guarded.mutex);
                else if (pail_interrupt_wait(&call->guarded.cond, &call->guarded.mutex, INT64_MAX) == -EINTR)
                        cancel_locked(call);
        }
        pail_mutex_unlock(&call->guarded.mutex);
        int r = pail_s3_errno(&call->error);
        if (r < 0 && ret_error)
                *ret_error = call->error;
        return r;
}

void pail_s3_call_cancel(struct pail_s3_call *call)
{
        PAIL_LOCK(&call->guarded.mutex);
        cancel_locked(call);
}

void pail_s3_call_raise(struct pail_s3_call *call)
{
        PAIL_LOCK(&call->guarded.mutex);
        call->guarded.priority = PAIL_HTTP_PRIORITY_READER;
        if (call->guarded.is_in_flight)
                pail_http_engine_reprioritize(call->client->engine, &call->http, PAIL_HTTP_PRIORITY_READER);
}
