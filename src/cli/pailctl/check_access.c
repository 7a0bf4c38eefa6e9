/* SPDX-License-Identifier: Apache-2.0 */
/* The steps that change nothing on the server. Those up to the list tell of what was gathered; where they are called the failure, if any, lies elsewhere. */
#include "check_access.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "check_gather.h"
#include "pail/util/buf.h"
#include "pail/util/cleanup.h"
#include "pail/util/clock.h"
#include "pail/util/str.h"

enum {
        CLOCK_WARNING_S = 60,
        CLOCK_FAILURE_S = 15 * 60, /* what S3 refuses */
        LATENCY_WARNING_MS = 200,
};

static const char *state_of(const char *file)
{
        return access(file, R_OK) == 0 ? "" : " (not there)";
}

/* What the session passes over in the files is no failure, but it may be what somebody counts on. */
static void join_warnings(const struct pail_session *session, struct pail_buf *text)
{
        for (const char *const *warning = pail_session_warnings(session); *warning; warning++)
                pail_buf_printf(text, "%s%s", text->length > 0 ? "; " : "", *warning);
}

void pail_check_fuse(struct pail_check *check, const char *name)
{
        pail_ctl_report_add(check->report, PAIL_CTL_OK, name, NULL, "this machine can mount, with these options");
}

void pail_check_state(struct pail_check *check, const char *name)
{
        const struct pail_preparation *preparation = check->preparation;
        const char *directory = preparation->buckets ? pail_buckets_state_dir(preparation->buckets)
                                                     : preparation->state.directory.path;
        pail_ctl_report_add(check->report, PAIL_CTL_OK, name, NULL, "what is not sent yet would be kept in %s",
                            directory);
}

void pail_check_configuration(struct pail_check *check, const char *name)
{
        const struct pail_session *session = check->s3->session;
        const char *config = pail_session_config_file(session), *credentials = pail_session_credentials_file(session);
        _cleanup_buf_ struct pail_buf warnings = PAIL_BUF_INIT(1024);
        _cleanup_buf_ struct pail_buf files = PAIL_BUF_INIT(2 * PATH_MAX + 64);
        join_warnings(session, &warnings);
        if (config && credentials)
                pail_buf_printf(&files, "files %s%s and %s%s", config, state_of(config), credentials,
                                state_of(credentials));
        else
                pail_buf_append_string(&files, "no home directory to find files in");
        pail_ctl_report_add(check->report, warnings.length > 0 ? PAIL_CTL_WARNING : PAIL_CTL_OK, name, warnings.data,
                            "profile %s; %s; server %s", pail_session_profile_name(session), files.data,
                            check->endpoint.host);
}

void pail_check_credentials(struct pail_check *check, const char *name)
{
        if (pail_session_is_anonymous(check->s3->session))
                pail_ctl_report_add(check->report, PAIL_CTL_OK, name, NULL,
                                    "none: requests are anonymous (no_sign_request)");
        else
                pail_ctl_report_add(check->report, PAIL_CTL_OK, name, NULL, "access key id %s from the %s",
                                    check->masked_key_id, check->s3->keys_from);
}

/* What stands in a file or in the environment is there once; all other sources give new ones. */
static bool is_renewed(const struct pail_credentials *credentials)
{
        static const char *const fixed[] = { "env", "explicit", "shared-credentials-file", "config-file" };
        for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
                if (pail_str_equal(credentials->provider, fixed[i]))
                        return false;
        return true;
}

static void report_expiry(struct pail_check *check, const char *name, const struct pail_credentials *credentials)
{
        static const char advice[] = "for long mounts use a profile whose source gives new ones";
        char end[PAIL_CTL_TIME_SIZE];
        long long left_minutes = (long long)(credentials->expires_at - pail_clock_now().tv_sec) / 60;
        pail_ctl_format_time((time_t)credentials->expires_at, end);
        if (is_renewed(credentials))
                pail_ctl_report_add(check->report, PAIL_CTL_OK, name, NULL,
                                    "they end in %lld minutes, at %s; pail gets new ones before", left_minutes, end);
        else if (credentials->expires_at)
                pail_ctl_report_add(check->report, PAIL_CTL_WARNING, name, advice,
                                    "they end in %lld minutes, at %s, and nobody renews them", left_minutes, end);
        else
                pail_ctl_report_add(check->report, PAIL_CTL_WARNING, name, advice,
                                    "temporary ones, whose end is not known and which nobody renews");
}

void pail_check_expiry(struct pail_check *check, const char *name)
{
        _cleanup_(pail_credentials_done) struct pail_credentials credentials = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        if (pail_session_get_credentials(check->s3->session, INT64_MAX, &credentials, &error) < 0)
                pail_check_report_error(check, PAIL_CTL_FAILED, name, &error, NULL);
        else if (credentials.expires_at || (credentials.session_token && !is_renewed(&credentials)))
                report_expiry(check, name, &credentials);
        else
                pail_ctl_report_add(check->report, PAIL_CTL_OK, name, NULL, "they do not expire");
}

void pail_check_proxy(struct pail_check *check, const char *name)
{
        if (check->proxy)
                pail_ctl_report_add(check->report, PAIL_CTL_OK, name, NULL, "requests go through that of %s",
                                    check->proxy);
        else
                pail_ctl_report_add(check->report, PAIL_CTL_OK, name, NULL, "none");
}

void pail_check_dns(struct pail_check *check, const char *name)
{
        pail_ctl_report_add(check->report, PAIL_CTL_OK, name, NULL, "%s%s", check->endpoint.host,
                            check->proxy ? " is left to the proxy" : " has an address");
}

void pail_check_connect(struct pail_check *check, const char *name)
{
        pail_ctl_report_add(check->report, PAIL_CTL_OK, name, NULL, "%s accepts connections", check->endpoint.host);
}

void pail_check_tls(struct pail_check *check, const char *name)
{
        if (!check->endpoint.is_https)
                pail_ctl_report_add(check->report, PAIL_CTL_OK, name, NULL,
                                    "not used: what is sent can be read on the way");
        else if (check->options->no_verify_ssl)
                pail_ctl_report_add(check->report, PAIL_CTL_WARNING, name, "leave no_verify_ssl away",
                                    "the certificate is not looked at (no_verify_ssl)");
        else
                pail_ctl_report_add(check->report, PAIL_CTL_OK, name, NULL,
                                    "the certificate is for this name and from a known authority");
}

void pail_check_endpoint(struct pail_check *check, const char *name)
{
        pail_ctl_report_add(check->report, PAIL_CTL_OK, name, NULL, "%s answers (status %d)", check->endpoint.host,
                            check->answer.status);
}

void pail_check_clock(struct pail_check *check, const char *name)
{
        int64_t offset_s = check->answer.clock_offset_s, distance_s = offset_s < 0 ? -offset_s : offset_s;
        struct pail_error error = PAIL_ERROR_INIT;
        struct pail_diagnosis diagnosis;
        if (!check->answer.has_date) {
                pail_ctl_report_add(check->report, PAIL_CTL_SKIPPED, name, NULL, "the server does not tell its time");
                return;
        }
        if (distance_s < CLOCK_WARNING_S) {
                pail_ctl_report_add(check->report, PAIL_CTL_OK, name, NULL, "%lld s from the server's",
                                    (long long)distance_s);
                return;
        }
        pail_error_set(&error, PAIL_ERROR_SERVICE, "the clock");
        pail_str_copy(error.code, sizeof(error.code), "RequestTimeTooSkewed");
        error.clock_offset_s = offset_s;
        pail_check_diagnose(check, &error, NULL, &diagnosis);
        pail_ctl_report_add(check->report, distance_s < CLOCK_FAILURE_S ? PAIL_CTL_WARNING : PAIL_CTL_FAILED, name,
                            "set it right; pail corrects for it, other programs do not", "%s", diagnosis.detail);
}

void pail_check_authentication(struct pail_check *check, const char *name)
{
        if (pail_session_is_anonymous(check->s3->session))
                pail_ctl_report_add(check->report, PAIL_CTL_SKIPPED, name, NULL, "requests are anonymous");
        else if (check->failure.cause == PAIL_CAUSE_NONE || check->failure.cause == PAIL_CAUSE_DENIED)
                pail_ctl_report_add(check->report, PAIL_CTL_OK, name, NULL, "the server knows the keys");
        else /* some servers look at the keys last */
                pail_ctl_report_add(check->report, PAIL_CTL_SKIPPED, name, NULL,
                                    "not known: the server refuses for another reason");
}

void pail_check_buckets(struct pail_check *check, const char *name)
{
        if (pail_session_is_anonymous(check->s3->session))
                pail_ctl_report_add(check->report, PAIL_CTL_SKIPPED, name, NULL, "requests are anonymous");
        else if (check->failure.cause == PAIL_CAUSE_DENIED)
                pail_ctl_report_add(check->report, PAIL_CTL_WARNING, name,
                                    "that is only needed to mount all buckets; check one with \"pailctl check BUCKET\"",
                                    "%s", check->failure.detail);
        else
                pail_ctl_report_add(check->report, PAIL_CTL_OK, name, NULL, "%zu can be listed", check->bucket_count);
}

void pail_check_bucket(struct pail_check *check, const char *name)
{
        if (check->failure.cause == PAIL_CAUSE_OTHER)
                pail_ctl_report_add(check->report, PAIL_CTL_SKIPPED, name, NULL,
                                    "not known: the server refuses for another reason");
        else
                pail_ctl_report_add(check->report, PAIL_CTL_OK, name, NULL, "%s exists", check->bucket);
}

void pail_check_region(struct pail_check *check, const char *name)
{
        const char *configured = pail_session_region_name(check->s3->session);
        struct pail_diagnosis diagnosis;
        struct pail_error refusal;
        pail_check_get_region_refusal(check, &refusal);
        if (refusal.class == PAIL_ERROR_NONE) {
                pail_ctl_report_add(check->report, PAIL_CTL_OK, name, NULL, "%s", check->endpoint.signing_region);
                return;
        }
        pail_check_diagnose(check, &refusal, NULL, &diagnosis);
        if (diagnosis.cause != PAIL_CAUSE_REGION) { /* told by the status or a header alone */
                pail_str_copy(refusal.code, sizeof(refusal.code), "PermanentRedirect");
                pail_check_diagnose(check, &refusal, NULL, &diagnosis);
        }
        pail_ctl_report_add(check->report, configured ? PAIL_CTL_FAILED : PAIL_CTL_WARNING, name,
                            "set region= or the profile's region; pail finds it at each mount, other programs do not",
                            "%s", diagnosis.detail);
}

void pail_check_latency(struct pail_check *check, const char *name)
{
        pail_check_measure(check);
        long long duration_ms = (long long)check->answer.duration_ms;
        bool is_long = duration_ms > LATENCY_WARNING_MS;
        pail_ctl_report_add(
                check->report, is_long ? PAIL_CTL_WARNING : PAIL_CTL_OK, name,
                is_long ? "each call on a file that is not cached takes as long: use a server that is nearer" : NULL,
                "%s%lld ms, the least of %d", duration_ms < 1 ? "under " : "", duration_ms < 1 ? 1 : duration_ms,
                PAIL_CHECK_LATENCIES);
}

void pail_check_list(struct pail_check *check, const char *name)
{
        const struct pail_empty_prefix *empty = &check->preparation->finding.empty;
        if (check->options->no_list) {
                pail_ctl_report_add(check->report, PAIL_CTL_SKIPPED, name, NULL, "not asked for (no_list)");
                return;
        }
        if (check->list_failure.class != PAIL_ERROR_NONE) {
                pail_check_report_error(check, PAIL_CTL_WARNING, name, &check->list_failure, "s3:ListBucket");
                return;
        }
        if (empty->detail) {
                pail_ctl_report_add(check->report, PAIL_CTL_WARNING, name, empty->remedy, "%s", empty->detail);
                return;
        }
        pail_ctl_report_add(check->report, PAIL_CTL_OK, name, NULL, "%s",
                            check->listed_key ? "what is there can be listed" : "allowed, and nothing is there");
}

void pail_check_directories(struct pail_check *check, const char *name)
{
        const struct pail_s3_list_input input = {
                .bucket = check->bucket, .prefix = check->prefix, .delimiter = "/", .max_keys = 2
        };
        _cleanup_(pail_s3_page_done) struct pail_s3_page page = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        if (pail_s3_list_objects_v2(check->client, &input, &page, &error) < 0) {
                pail_check_report_error(check, PAIL_CTL_FAILED, name, &error, "s3:ListBucket");
                return;
        }
        for (size_t i = 0; i < page.count; i++) {
                const struct pail_s3_entry *entry = &page.entries[i];
                if (!entry->is_prefix && strchr(entry->key + strlen(check->prefix), '/')) {
                        pail_ctl_report_add(check->report, PAIL_CTL_FAILED, name, "pail needs a server that does",
                                            "the server does not heed the delimiter of a list");
                        return;
                }
        }
        pail_ctl_report_add(check->report, PAIL_CTL_OK, name, NULL, "one directory can be listed without those below");
}

/* Absent and archived objects and empty ones are read as far as they can be: it was allowed. */
static bool is_allowed(const struct pail_error *error)
{
        return error->class == PAIL_ERROR_SERVICE && (error->http_status == 416 || error->http_status == 404 ||
                                                      pail_str_equal(error->code, "InvalidObjectState"));
}

void pail_check_get(struct pail_check *check, const char *name)
{
        /* Of what was there before, if possible: who made an object may always read it. */
        const char *key = check->listed_key ? check->listed_key : check->scratch_exists ? check->scratch_key : NULL;
        const struct pail_s3_get_input input = {
                .bucket = check->bucket, .key = key, .size_bytes = 1, .priority = PAIL_HTTP_PRIORITY_WAITED
        };
        struct pail_error error = PAIL_ERROR_INIT;
        if (!key) {
                pail_ctl_report_add(check->report, PAIL_CTL_SKIPPED, name, NULL,
                                    "not tested: no object to read is known%s", check->write ? "" : " without --write");
                return;
        }
        _cleanup_buf_ struct pail_buf body = PAIL_BUF_INIT(64 * 1024);
        if (pail_s3_get_object(check->client, &input, &body, NULL, &error) < 0 && !is_allowed(&error))
                pail_check_report_error(check, PAIL_CTL_FAILED, name, &error, "s3:GetObject");
        else
                pail_ctl_report_add(check->report, PAIL_CTL_OK, name, NULL, "objects can be read");
}
