/* SPDX-License-Identifier: Apache-2.0 */
/*
 * It is made in the order session, credentials, engine, client, bucket, and each half that fails leaves what there is to be closed. An engine may be lent
 * by another context that outlives this one: the profiles of one mount share their connections.
 */
#include "pail/daemon/s3_context.h"

#include <errno.h>
#include <stdlib.h>

#include "pail/aws/endpoint.h"
#include "pail/daemon/diagnose.h"
#include "pail/daemon/other_scheme.h"
#include "pail/daemon/proxy.h"
#include "pail/util/cleanup.h"
#include "pail/util/clock.h"
#include "pail/util/log.h"
#include "pail/util/str.h"
#include "trace.h"

static int name_provider(const struct pail_session *session, const char *provider, char **ret_words)
{
        if (pail_str_equal(provider, "shared-credentials-file"))
                return pail_str_printf(ret_words, "credentials file %s", pail_session_credentials_file(session));
        if (pail_str_equal(provider, "config-file"))
                return pail_str_printf(ret_words, "configuration file %s", pail_session_config_file(session));
        if (pail_str_equal(provider, "env"))
                return pail_str_dup("environment", ret_words);
        return pail_str_dup(provider ? provider : "command line", ret_words);
}

int pail_s3_context_find_credentials(struct pail_s3_context *s3, struct pail_error *ret_error)
{
        _cleanup_(pail_credentials_done) struct pail_credentials credentials = { 0 };
        int r = pail_session_get_credentials(s3->session, INT64_MAX, &credentials, ret_error);
        if (r < 0)
                return r;
        r = pail_str_dup(credentials.access_key_id ? credentials.access_key_id : "", &s3->access_key_id);
        if (r == 0)
                r = name_provider(s3->session, credentials.provider, &s3->keys_from);
        return r < 0 ? pail_error_set_errno(ret_error, -r, "credentials") : 0;
}

void pail_s3_context_log_warnings(const struct pail_s3_context *s3)
{
        for (const char *const *warning = pail_session_warnings(s3->session); *warning; warning++)
                pail_log_warning("%s", *warning);
}

/* An outage of the source goes on for a while: its first failures are worth a line, and then every eighth. */
static void log_refresh(void *context, int64_t expires_at, unsigned failures, const struct pail_error *error)
{
        (void)context;
        long long left_s = expires_at > 0 ? (long long)(expires_at - pail_clock_now().tv_sec) : 0;
        if (!error && expires_at == 0)
                pail_log_debug("the credentials were read again");
        else if (!error)
                pail_log_debug("the credentials were renewed; these expire in %lld s", left_s);
        else if (failures > 2 && failures % 8 != 0)
                pail_log_debug("the credentials were not renewed: %s", error->message);
        else if (left_s > 0)
                pail_log_warning("the credentials expire in %lld s and were not renewed: %s", left_s, error->message);
        else if (expires_at > 0)
                pail_log_warning("the credentials have expired and were not renewed: %s", error->message);
        else
                pail_log_warning("other credentials were looked for, and not found: %s", error->message);
}

int pail_s3_context_open_session_in(char *const *environment, const struct pail_options *options,
                                    struct pail_s3_context *ret_s3, struct pail_error *ret_error)
{
        *ret_s3 = (struct pail_s3_context){ 0 };
        const struct pail_session_options session_options = {
                .profile = options->profile,
                .region = options->region,
                .endpoint_url = options->endpoint_url,
                .config_file = options->config_file,
                .credentials_file = options->credentials_file,
                .ca_bundle = options->ca_bundle,
                .no_verify_ssl = options->no_verify_ssl,
                .ask_mfa = options->ask_mfa,
                .no_sign_request = options->no_sign_request,
                .addressing_style = (enum pail_addressing_style)options->addressing_style,
                .use_dualstack_endpoint = options->dualstack,
                .use_fips_endpoint = options->fips,
                .use_accelerate_endpoint = options->accelerate,
                .environment = environment,
                .refreshed = log_refresh,
        };
        return pail_session_new(&session_options, &ret_s3->session, ret_error);
}

int pail_s3_context_open_session(const struct pail_options *options, struct pail_s3_context *ret_s3,
                                 struct pail_error *ret_error)
{
        int r = pail_s3_context_open_session_in(NULL, options, ret_s3, ret_error);
        if (r == 0)
                pail_s3_context_log_warnings(ret_s3);
        return r;
}

int pail_s3_context_open(const struct pail_options *options, struct pail_s3_context *ret_s3,
                         struct pail_error *ret_error)
{
        _cleanup_(pail_s3_context_close) struct pail_s3_context s3 = { 0 };
        int r = pail_s3_context_open_session(options, &s3, ret_error);
        if (r == 0)
                r = pail_s3_context_find_credentials(&s3, ret_error);
        if (r < 0)
                return r;
        *ret_s3 = s3;
        s3 = (struct pail_s3_context){ 0 };
        return 0;
}

struct pail_s3_object_options pail_s3_context_object_options(const struct pail_options *options)
{
        static const char *const sse_headers[] = {
                [PAIL_SSE_NONE] = NULL,
                [PAIL_SSE_AES256] = "AES256",
                [PAIL_SSE_KMS] = "aws:kms",
                [PAIL_SSE_KMS_DSSE] = "aws:kms:dsse",
        };
        return (struct pail_s3_object_options){
                .storage_class = options->storage_class,
                .acl = options->acl,
                .server_side_encryption = sse_headers[options->sse],
                .sse_kms_key_id = options->sse_kms_key_id,
                .sse_c_key_file = options->sse_c_key_file,
                .requester_pays = options->requester_pays,
                .expected_bucket_owner = options->expected_bucket_owner,
        };
}

struct pail_s3_client_options pail_s3_context_client_options(const struct pail_options *options)
{
        return (struct pail_s3_client_options){
                .timeout_ms = options->timeout_ms,
                .request_timeout_ms = options->request_timeout_ms,
                .max_attempts = (unsigned)options->max_attempts,
                .retry_mode = (enum pail_retry_mode)options->retry_mode,
                .checksum = (enum pail_s3_checksum)options->checksum,
                .object = pail_s3_context_object_options(options),
        };
}

struct pail_s3_client_options pail_s3_context_probe_options(const struct pail_options *options)
{
        struct pail_s3_client_options probe = pail_s3_context_client_options(options);
        if (probe.timeout_ms > PAIL_PROBE_TIMEOUT_MS)
                probe.timeout_ms = PAIL_PROBE_TIMEOUT_MS;
        if (probe.request_timeout_ms > probe.timeout_ms)
                probe.request_timeout_ms = probe.timeout_ms;
        probe.max_attempts = PAIL_PROBE_ATTEMPTS;
        return probe;
}

static int start_client(struct pail_s3_context *s3, const struct pail_options *options, struct pail_error *ret_error)
{
        int r = pail_trace_new(&s3->trace);
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "log");
        struct pail_s3_client_options client_options = pail_s3_context_client_options(options);
        client_options.trace = pail_trace_request;
        client_options.trace_context = s3->trace;
        client_options.warn = pail_trace_warn;
        return pail_s3_client_new(s3->session, s3->engine, &client_options, &s3->client, ret_error);
}

int pail_s3_context_start_engine(struct pail_s3_context *s3, const struct pail_options *options,
                                 struct pail_error *ret_error)
{
        _cleanup_free_ char *user_agent = NULL;
        const char *suffix = options->user_agent_suffix;
        int r = pail_str_printf(&user_agent, PACKAGE_NAME "/" PACKAGE_VERSION "%s%s", suffix ? " " : "",
                                suffix ? suffix : "");
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "user agent");
        const struct pail_http_engine_options engine_options = {
                .max_connections = (unsigned)options->max_connections,
                .ca_bundle = pail_session_ca_bundle(s3->session),
                .no_verify_ssl = options->no_verify_ssl,
                .user_agent = user_agent,
        };
        return pail_http_engine_new(&engine_options, &s3->engine, ret_error);
}

int pail_s3_context_start(struct pail_s3_context *s3, const struct pail_options *options,
                          struct pail_http_engine *engine, const char *bucket, struct pail_error *ret_error)
{
        s3->engine = engine;
        s3->has_lent_engine = engine != NULL;
        int r = engine ? 0 : pail_s3_context_start_engine(s3, options, ret_error);
        if (r == 0)
                r = start_client(s3, options, ret_error);
        if (r < 0 || !bucket)
                return r;
        r = pail_bucket_new(s3->client, bucket, &s3->bucket);
        return r < 0 ? pail_error_set_errno(ret_error, -r, "bucket %s", bucket) : 0;
}

int pail_s3_context_find_proxy(const struct pail_s3_context *s3, const char *bucket, char **ret_words)
{
        _cleanup_(pail_endpoint_done) struct pail_endpoint endpoint = { 0 };
        int r = pail_endpoint_resolve(pail_session_endpoint_settings(s3->session), bucket, NULL, &endpoint, NULL);
        return r < 0 ? r : pail_proxy_find(endpoint.is_https, endpoint.host, ret_words);
}

void pail_s3_context_diagnosis_context(const struct pail_s3_context *s3, struct pail_diagnosis_context *ret_context)
{
        *ret_context = (struct pail_diagnosis_context){
                .endpoint = pail_session_endpoint_url(s3->session),
                .profile = pail_session_profile_name(s3->session),
                .region = pail_session_region_name(s3->session),
                .access_key_id = s3->access_key_id ? s3->access_key_id : "",
                .keys_from = s3->keys_from,
                .ca_bundle = pail_session_ca_bundle(s3->session),
        };
}

void pail_s3_context_diagnose_request(const struct pail_s3_context *s3, const struct pail_s3_context_request *request,
                                      struct pail_error *error)
{
        _cleanup_free_ char *proxy = NULL, *other_scheme_url = NULL;
        struct pail_diagnosis_context context;
        pail_s3_context_diagnosis_context(s3, &context);
        if (request->shown_key_id)
                context.access_key_id = request->shown_key_id;
        context.bucket = request->bucket;
        context.prefix = request->prefix;
        context.action = request->action;
        if (pail_s3_context_find_proxy(s3, context.bucket, &proxy) == 0)
                context.proxy = proxy;
        if (!proxy && context.endpoint)
                (void)pail_other_scheme_find(s3->engine, context.endpoint, error, &other_scheme_url);
        context.other_scheme_url = other_scheme_url;
        pail_diagnose_message(error, &context);
}

void pail_s3_context_diagnose(const struct pail_s3_context *s3, const struct pail_source_name *source,
                              struct pail_error *error)
{
        const struct pail_s3_context_request request = {
                .bucket = source ? source->bucket : NULL,
                .prefix = source ? source->prefix : NULL,
        };
        pail_s3_context_diagnose_request(s3, &request, error);
}

void pail_s3_context_close(struct pail_s3_context *s3)
{
        pail_bucket_unref(s3->bucket);
        if (s3->client)
                pail_s3_client_drain(s3->client);
        pail_s3_client_free(s3->client);
        if (!s3->has_lent_engine)
                pail_http_engine_free(s3->engine);
        pail_session_free(s3->session);
        pail_trace_free(s3->trace);
        free(s3->access_key_id);
        free(s3->keys_from);
        *s3 = (struct pail_s3_context){ 0 };
}
