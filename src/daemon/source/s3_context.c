/* SPDX-License-Identifier: Apache-2.0 */
#include "pail/daemon/s3_context.h"

#include <errno.h>
#include <stdlib.h>

#include "cli/ask.h"
#include "pail/aws/endpoint.h"
#include "pail/daemon/proxy.h"
#include "pail/util/cleanup.h"
#include "pail/util/clock.h"
#include "pail/util/log.h"
#include "pail/util/str.h"

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

int pail_connection_find_credentials(struct pail_connection *connection, struct pail_error *ret_error)
{
        _cleanup_(pail_credentials_done) struct pail_credentials credentials = { 0 };
        int result = pail_session_get_credentials(connection->session, INT64_MAX, &credentials, ret_error);
        if (result < 0)
                return result;
        result = pail_str_dup(credentials.access_key_id ? credentials.access_key_id : "", &connection->access_key_id);
        if (result == 0)
                result = name_provider(connection->session, credentials.provider, &connection->keys_from);
        return result < 0 ? pail_error_set_errno(ret_error, -result, "credentials") : 0;
}

static void log_warnings(const struct pail_session *session)
{
        for (const char *const *warning = pail_session_warnings(session); *warning; warning++)
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

int pail_connection_open_session(const struct pail_options *options, struct pail_connection *ret_connection,
                                 struct pail_error *ret_error)
{
        *ret_connection = (struct pail_connection){ 0 };
        const struct pail_session_options session_options = {
                .profile = options->profile,
                .region = options->region,
                .endpoint_url = options->endpoint_url,
                .config_file = options->config_file,
                .credentials_file = options->credentials_file,
                .ca_bundle = options->ca_bundle,
                .no_verify_ssl = options->no_verify_ssl,
                .ask_mfa = pail_ask_mfa,
                .no_sign_request = options->no_sign_request,
                .addressing_style = (enum pail_addressing_style)options->addressing_style,
                .use_dualstack_endpoint = options->dualstack,
                .use_fips_endpoint = options->fips,
                .use_accelerate_endpoint = options->accelerate,
                .refreshed = log_refresh,
        };
        int result = pail_session_new(&session_options, &ret_connection->session, ret_error);
        if (result == 0)
                log_warnings(ret_connection->session);
        return result;
}

int pail_connection_open(const struct pail_options *options, struct pail_connection *ret_connection,
                         struct pail_error *ret_error)
{
        _cleanup_(pail_connection_close) struct pail_connection connection = { 0 };
        int result = pail_connection_open_session(options, &connection, ret_error);
        if (result == 0)
                result = pail_connection_find_credentials(&connection, ret_error);
        if (result < 0)
                return result;
        *ret_connection = connection;
        connection = (struct pail_connection){ 0 };
        return 0;
}

struct pail_s3_object_options pail_connection_object_options(const struct pail_options *options)
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

struct pail_s3_client_options pail_connection_client_options(const struct pail_options *options)
{
        return (struct pail_s3_client_options){
                .timeout_ms = options->timeout_ms,
                .request_timeout_ms = options->request_timeout_ms,
                .max_attempts = (unsigned)options->max_attempts,
                .retry_mode = (enum pail_retry_mode)options->retry_mode,
                .checksum = (enum pail_s3_checksum)options->checksum,
                .object = pail_connection_object_options(options),
        };
}

struct pail_s3_client_options pail_connection_probe_options(const struct pail_options *options)
{
        struct pail_s3_client_options probe = pail_connection_client_options(options);
        if (probe.timeout_ms > PAIL_PROBE_TIMEOUT_MS)
                probe.timeout_ms = PAIL_PROBE_TIMEOUT_MS;
        if (probe.request_timeout_ms > probe.timeout_ms)
                probe.request_timeout_ms = probe.timeout_ms;
        probe.max_attempts = PAIL_PROBE_ATTEMPTS;
        return probe;
}

static int start_client(struct pail_connection *connection, const struct pail_options *options,
                        struct pail_error *ret_error)
{
        int result = pail_trace_new(&connection->trace);
        if (result < 0)
                return pail_error_set_errno(ret_error, -result, "log");
        struct pail_s3_client_options client_options = pail_connection_client_options(options);
        client_options.trace = pail_trace_request;
        client_options.trace_context = connection->trace;
        client_options.warn = pail_trace_warn;
        return pail_s3_client_new(connection->session, connection->engine, &client_options, &connection->client,
                                  ret_error);
}

int pail_connection_start_engine(struct pail_connection *connection, const struct pail_options *options,
                                 struct pail_error *ret_error)
{
        _cleanup_free_ char *user_agent = NULL;
        const char *suffix = options->user_agent_suffix;
        int result = pail_str_printf(&user_agent, PACKAGE_NAME "/" PACKAGE_VERSION "%s%s", suffix ? " " : "",
                                     suffix ? suffix : "");
        if (result < 0)
                return pail_error_set_errno(ret_error, -result, "user agent");
        const struct pail_http_engine_options engine_options = {
                .max_connections = (unsigned)options->max_connections,
                .ca_bundle = pail_session_ca_bundle(connection->session),
                .no_verify_ssl = options->no_verify_ssl,
                .user_agent = user_agent,
        };
        return pail_http_engine_new(&engine_options, &connection->engine, ret_error);
}

int pail_connection_start(struct pail_connection *connection, const struct pail_options *options,
                          struct pail_http_engine *engine, const char *bucket, struct pail_error *ret_error)
{
        connection->engine = engine;
        connection->has_lent_engine = engine != NULL;
        int result = engine ? 0 : pail_connection_start_engine(connection, options, ret_error);
        if (result == 0)
                result = start_client(connection, options, ret_error);
        if (result < 0 || !bucket)
                return result;
        result = pail_bucket_new(connection->client, bucket, &connection->bucket);
        return result < 0 ? pail_error_set_errno(ret_error, -result, "bucket %s", bucket) : 0;
}

int pail_connection_find_proxy(const struct pail_connection *connection, const char *bucket, char **ret_words)
{
        _cleanup_(pail_endpoint_done) struct pail_endpoint endpoint = { 0 };
        int result = pail_endpoint_resolve(connection->session, bucket, NULL, &endpoint, NULL);
        return result < 0 ? result : pail_proxy_find(endpoint.https, endpoint.host, ret_words);
}

void pail_connection_explain_context(const struct pail_connection *connection, struct pail_explain_context *ret_context)
{
        *ret_context = (struct pail_explain_context){
                .endpoint = pail_session_endpoint_url(connection->session),
                .profile = pail_session_profile_name(connection->session),
                .region = pail_session_region_name(connection->session),
                .access_key_id = connection->access_key_id ? connection->access_key_id : "",
                .keys_from = connection->keys_from,
                .ca_bundle = pail_session_ca_bundle(connection->session),
        };
}

void pail_connection_close(struct pail_connection *connection)
{
        pail_bucket_unref(connection->bucket);
        if (connection->client)
                pail_s3_client_drain(connection->client);
        pail_s3_client_free(connection->client);
        if (!connection->has_lent_engine)
                pail_http_engine_free(connection->engine);
        pail_session_free(connection->session);
        pail_trace_free(connection->trace);
        free(connection->access_key_id);
        free(connection->keys_from);
        *connection = (struct pail_connection){ 0 };
}
