/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The unsigned request comes first: what it fails at is not a matter of keys, and S3 tells a bucket's region and its own time to anyone. Then
 * the least that every mount does: a list of one key below the prefix, or, without a source, the list of buckets.
 */
#include "check_gather.h"

#include <errno.h>
#include <string.h>

#include "pail/daemon/diagnose.h"
#include "pail/daemon/other_scheme.h"
#include "pail/s3/collection.h"
#include "pail/util/cleanup.h"
#include "pail/util/clock.h"
#include "pail/util/str.h"

void pail_check_diagnose(const struct pail_check *check, const struct pail_error *error, const char *action,
                         struct pail_diagnosis *ret_diagnosis)
{
        struct pail_diagnosis_context context = { .profile = "", .access_key_id = "", .keys_from = "" };
        if (check->s3 && check->s3->session)
                pail_s3_context_diagnosis_context(check->s3, &context);
        context.access_key_id = check->masked_key_id;
        context.bucket = check->bucket;
        context.prefix = check->prefix;
        context.action = action;
        context.proxy = check->proxy;
        context.other_scheme_url = check->other_scheme_url;
        pail_diagnose(error, &context, ret_diagnosis);
}

void pail_check_report_error(struct pail_check *check, enum pail_ctl_status status, const char *name,
                             const struct pail_error *error, const char *action)
{
        struct pail_diagnosis diagnosis;
        pail_check_diagnose(check, error, action, &diagnosis);
        pail_ctl_report_add(check->report, status, name, diagnosis.remedy, "%s", diagnosis.detail);
}

static void note_failure(struct pail_check *check, const struct pail_error *error)
{
        const struct pail_s3_context *s3 = check->s3;
        const char *endpoint_url = s3 && s3->session ? pail_session_endpoint_url(s3->session) : NULL;
        if (endpoint_url && s3->engine && !check->proxy)
                (void)pail_other_scheme_find(s3->engine, endpoint_url, error, &check->other_scheme_url);
        pail_check_diagnose(check, error, check->bucket ? "s3:ListBucket" : "s3:ListAllMyBuckets", &check->failure);
}

/* What the client corrects by itself, and other programs may not. */
static void on_request(void *context, const char *operation, const char *path, int http_status, unsigned attempt,
                       int64_t duration_ms, const struct pail_error *error, const char *request_id)
{
        struct pail_check *check = context;
        (void)operation, (void)path, (void)attempt, (void)duration_ms, (void)request_id;
        if (!error || error->class != PAIL_ERROR_SERVICE)
                return;
        PAIL_LOCK(&check->guarded.mutex);
        if (error->region[0] && (http_status / 100 == 3 || http_status == 400) &&
            check->guarded.region_refusal.class == PAIL_ERROR_NONE)
                check->guarded.region_refusal = *error;
}

void pail_check_get_region_refusal(struct pail_check *check, struct pail_error *ret_refusal)
{
        PAIL_LOCK(&check->guarded.mutex);
        *ret_refusal = check->guarded.region_refusal;
}

/* Where the preparation of this account ended; STEPS: it did not. */
static enum pail_prepare_step failing_step(const struct pail_accounts *accounts, unsigned number)
{
        const struct pail_s3_context *s3 = pail_accounts_context(accounts, number);
        if (!pail_accounts_failure(accounts, number))
                return PAIL_PREPARE_STEPS;
        if (!s3->client)
                return PAIL_PREPARE_SESSION;
        return s3->keys_from ? PAIL_PREPARE_PROBE : PAIL_PREPARE_CREDENTIALS;
}

/* false: a step went wrong, and is in check->failure. */
static bool prepare_account(struct pail_check *check, enum pail_prepare_step last)
{
        struct pail_preparation *preparation = check->preparation;
        struct pail_error error = PAIL_ERROR_INIT;
        int r = pail_prepare(preparation, last, &error);
        check->s3 = &preparation->s3;
        if (preparation->buckets) {
                const struct pail_accounts *accounts = pail_buckets_accounts(preparation->buckets);
                check->s3 = pail_accounts_context(accounts, check->account);
                if (failing_step(accounts, check->account) <= last) {
                        error = *pail_accounts_failure(accounts, check->account);
                        r = -EACCES;
                }
        }
        if (r < 0)
                note_failure(check, &error);
        return r == 0;
}

/* What is wrong with this machine says itself what to do. */
static void prepare_local(struct pail_check *check, enum pail_prepare_step last)
{
        prepare_account(check, last);
        check->failure.remedy[0] = '\0';
}

void pail_check_prepare_fuse(struct pail_check *check)
{
        prepare_local(check, PAIL_PREPARE_DRIVER);
}

void pail_check_prepare_directories(struct pail_check *check)
{
        prepare_local(check, PAIL_PREPARE_DIRECTORIES);
}

static int start_client(struct pail_check *check, struct pail_error *ret_error)
{
        struct pail_s3_client_options options = pail_s3_context_probe_options(check->options);
        options.trace = on_request;
        options.trace_context = check;
        return pail_s3_client_new(check->s3->session, check->s3->engine, &options, &check->client, ret_error);
}

static int find_way(struct pail_check *check, struct pail_error *ret_error)
{
        int r = pail_endpoint_resolve(pail_session_endpoint_settings(check->s3->session), check->bucket, NULL,
                                      &check->endpoint, ret_error);
        if (r == 0)
                r = start_client(check, ret_error);
        if (r < 0)
                return r;
        r = pail_proxy_find(check->endpoint.is_https, check->endpoint.host, &check->proxy);
        return r < 0 ? pail_error_set_errno(ret_error, -r, "check") : 0;
}

void pail_check_open(struct pail_check *check)
{
        struct pail_error error = PAIL_ERROR_INIT;
        if (prepare_account(check, PAIL_PREPARE_SESSION) && find_way(check, &error) < 0)
                note_failure(check, &error);
}

void pail_check_find_keys(struct pail_check *check)
{
        if (prepare_account(check, PAIL_PREPARE_CREDENTIALS) && check->s3->access_key_id[0])
                pail_ctl_mask(check->s3->access_key_id, check->masked_key_id);
}

static int list_one(struct pail_check *check, struct pail_error *ret_error)
{
        const struct pail_s3_list_input input = { .bucket = check->bucket, .prefix = check->prefix, .max_keys = 1 };
        _cleanup_(pail_s3_page_done) struct pail_s3_page page = { 0 };
        int r = pail_s3_list_objects_v2(check->client, &input, &page, ret_error);
        if (r < 0 || page.count == 0)
                return r;
        r = pail_str_dup(page.entries[0].key, &check->listed_key);
        return r < 0 ? pail_error_set_errno(ret_error, -r, "check") : 0;
}

static int list_buckets(struct pail_check *check, struct pail_error *ret_error)
{
        const struct pail_collection all = pail_client_buckets(check->client);
        const struct pail_s3_entry *entry;
        struct pail_cursor *cursor = NULL;
        int r = pail_collection_pages(&all, &cursor);
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "check");
        while ((r = pail_cursor_next_entry(cursor, &entry, ret_error)) > 0)
                check->bucket_count++;
        pail_cursor_free(cursor);
        return r;
}

static int list_source(struct pail_check *check, struct pail_error *ret_error)
{
        if (check->options->no_list)
                return 0;
        if (check->bucket)
                return list_one(check, ret_error);
        return pail_session_is_anonymous(check->s3->session) ? 0 : list_buckets(check, ret_error);
}

/* What a mount needs is asked by the preparation; the list before tells what the other steps want to know. */
void pail_check_ask_server(struct pail_check *check)
{
        struct pail_error error = PAIL_ERROR_INIT;
        if (pail_exchange_head(check->s3->engine, &check->endpoint, &check->answer, &error) < 0) {
                note_failure(check, &error);
                return;
        }
        int r = list_source(check, &error);
        if (!prepare_account(check, PAIL_PREPARE_PROBE) || r >= 0)
                return;
        if (check->bucket)
                check->list_failure = error;
        else
                note_failure(check, &error);
}

void pail_check_measure(struct pail_check *check)
{
        struct pail_exchange_answer answer;
        struct pail_error error;
        for (int i = 1; i < PAIL_CHECK_LATENCIES; i++)
                if (pail_exchange_head(check->s3->engine, &check->endpoint, &answer, &error) == 0 &&
                    answer.duration_ms < check->answer.duration_ms)
                        check->answer.duration_ms = answer.duration_ms;
}

void pail_check_close(struct pail_check *check)
{
        if (check->client)
                pail_s3_client_drain(check->client);
        pail_s3_client_free(check->client);
        pail_endpoint_done(&check->endpoint);
        free(check->proxy);
        free(check->other_scheme_url);
        free(check->listed_key);
        free(check->scratch_key);
        pail_mutex_done(&check->guarded.mutex);
}
