/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The unsigned request comes first: what it fails at is not a matter of keys, and S3 tells a bucket's region and its own time to anyone. Then
 * the least that every mount does: a list of one key below the prefix, or, without a source, the list of buckets.
 */
#include "check.h"

#include <errno.h>
#include <string.h>

#include "../other_scheme.h"
#include "../secrets.h"
#include "pail/s3/collection.h"
#include "pail/util/cleanup.h"
#include "pail/util/clock.h"
#include "pail/util/str.h"

void pail_check_explain(const struct pail_check *check, const struct pail_error *error, const char *action,
                        struct pail_explanation *ret_explanation)
{
        struct pail_explain_context context = { .profile = "", .access_key_id = "", .keys_from = "" };
        if (check->connection.session)
                pail_connection_explain_context(&check->connection, &context);
        context.access_key_id = check->masked_key_id;
        context.bucket = check->bucket;
        context.prefix = check->prefix;
        context.action = action;
        context.proxy = check->proxy;
        context.other_scheme_url = check->other_scheme_url;
        pail_explain_parts(error, &context, ret_explanation);
}

void pail_check_report_error(struct pail_check *check, enum pail_ctl_status status, const char *name,
                             const struct pail_error *error, const char *action)
{
        struct pail_explanation explanation;
        pail_check_explain(check, error, action, &explanation);
        pail_ctl_report_add(check->report, status, name, explanation.remedy, "%s", explanation.detail);
}

static void note_failure(struct pail_check *check, const struct pail_error *error)
{
        const struct pail_connection *connection = &check->connection;
        const char *endpoint_url = connection->session ? pail_session_endpoint_url(connection->session) : NULL;
        if (connection->engine && endpoint_url && !check->proxy)
                (void)pail_other_scheme_find(connection->engine, endpoint_url, error, &check->other_scheme_url);
        pail_check_explain(check, error, check->bucket ? "s3:ListBucket" : "s3:ListAllMyBuckets", &check->failure);
}

/* What the client corrects by itself, and other programs may not. */
static void on_request(void *context, const char *operation, const char *path, int http_status, unsigned attempt,
                       int64_t duration_ms, const struct pail_error *error, const char *request_id)
{
        struct pail_check *check = context;
        (void)path, (void)attempt, (void)duration_ms, (void)request_id;
        if (!error || error->class != PAIL_ERROR_SERVICE)
                return;
        PAIL_LOCK(&check->guarded.mutex);
        if (error->region[0] && (http_status / 100 == 3 || http_status == 400) &&
            check->guarded.region_refusal.class == PAIL_ERROR_NONE)
                check->guarded.region_refusal = *error;
        if (pail_str_equal(operation, "DeleteObjects") && (http_status == 501 || http_status == 405))
                check->guarded.bulk_refused = true;
}

static int start_client(struct pail_check *check, struct pail_error *ret_error)
{
        int64_t timeout_ms = check->options->timeout_ms;
        const struct pail_s3_client_options options = {
                .timeout_ms = timeout_ms < PAIL_PROBE_TIMEOUT_MS ? timeout_ms : PAIL_PROBE_TIMEOUT_MS,
                .max_attempts = PAIL_PROBE_ATTEMPTS,
                .object = pail_connection_object_options(check->options),
                .trace = on_request,
                .trace_context = check,
        };
        int result = pail_connection_start_engine(&check->connection, check->options, ret_error);
        if (result < 0)
                return result;
        return pail_s3_client_new(check->connection.session, check->connection.engine, &options, &check->client,
                                  ret_error);
}

static int open_all(struct pail_check *check, struct pail_error *ret_error)
{
        int result = pail_connection_open_session(check->options, &check->connection, ret_error);
        pail_secrets_hide();
        if (result == 0)
                result = pail_endpoint_resolve(check->connection.session, check->bucket, NULL, &check->endpoint,
                                               ret_error);
        if (result == 0)
                result = start_client(check, ret_error);
        if (result < 0)
                return result;
        result = pail_proxy_find(check->endpoint.https, check->endpoint.host, &check->proxy);
        return result < 0 ? pail_error_set_errno(ret_error, -result, "check") : 0;
}

void pail_check_open(struct pail_check *check)
{
        struct pail_error error = PAIL_ERROR_INIT;
        if (open_all(check, &error) < 0)
                note_failure(check, &error);
}

void pail_check_find_keys(struct pail_check *check)
{
        struct pail_error error = PAIL_ERROR_INIT;
        if (pail_connection_find_credentials(&check->connection, &error) < 0)
                note_failure(check, &error);
        else if (check->connection.access_key_id[0])
                pail_ctl_mask(check->connection.access_key_id, check->masked_key_id);
}

static int list_one(struct pail_check *check, struct pail_error *ret_error)
{
        const struct pail_s3_list_input input = { .bucket = check->bucket, .prefix = check->prefix, .max_keys = 1 };
        _cleanup_(pail_s3_page_done) struct pail_s3_page page = { 0 };
        int result = pail_s3_list_objects_v2(check->client, &input, &page, ret_error);
        if (result < 0 || page.count == 0)
                return result;
        result = pail_str_dup(page.entries[0].key, &check->listed_key);
        return result < 0 ? pail_error_set_errno(ret_error, -result, "check") : 0;
}

static int list_buckets(struct pail_check *check, struct pail_error *ret_error)
{
        const struct pail_collection all = pail_client_buckets(check->client);
        const struct pail_s3_entry *entry;
        struct pail_cursor *cursor = NULL;
        int result = pail_collection_pages(&all, &cursor);
        if (result < 0)
                return pail_error_set_errno(ret_error, -result, "check");
        while ((result = pail_cursor_next_entry(cursor, &entry, ret_error)) > 0)
                check->bucket_count++;
        pail_cursor_free(cursor);
        return result;
}

void pail_check_ask_server(struct pail_check *check)
{
        struct pail_error error = PAIL_ERROR_INIT;
        int result = pail_exchange_head(check->connection.engine, &check->endpoint, &check->answer, &error);
        if (result == 0 && check->bucket)
                result = list_one(check, &error);
        else if (result == 0 && !pail_session_is_anonymous(check->connection.session))
                result = list_buckets(check, &error);
        if (result < 0)
                note_failure(check, &error);
}

void pail_check_measure(struct pail_check *check)
{
        struct pail_answer answer;
        struct pail_error error;
        for (int i = 1; i < PAIL_CHECK_LATENCIES; i++)
                if (pail_exchange_head(check->connection.engine, &check->endpoint, &answer, &error) == 0 &&
                    answer.duration_ms < check->answer.duration_ms)
                        check->answer.duration_ms = answer.duration_ms;
}

void pail_check_close(struct pail_check *check)
{
        if (check->client)
                pail_s3_client_drain(check->client);
        pail_s3_client_free(check->client);
        pail_connection_close(&check->connection);
        pail_endpoint_done(&check->endpoint);
        free(check->proxy);
        free(check->other_scheme_url);
        free(check->listed_key);
        free(check->scratch_key);
        pail_mutex_done(&check->guarded.mutex);
}
