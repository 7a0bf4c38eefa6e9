/* SPDX-License-Identifier: Apache-2.0 */
/* The options of an engine: their defaults, and what they and the engine's promises mean in curl's terms. */
#include "options.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pail/util/math.h"
#include "pail/util/str.h"

static int64_t or_default(int64_t value, int64_t fallback)
{
        return value > 0 ? value : fallback;
}

static int init_ca_bundle(struct pail_http_config *config, const char *path, struct pail_error *ret_error)
{
        struct stat status;
        if (access(path, R_OK) < 0 || stat(path, &status) < 0) {
                int r = -errno;
                pail_error_set(
                        ret_error, PAIL_ERROR_CONFIG,
                        "the CA bundle %s cannot be read: %s; correct ca_bundle=, AWS_CA_BUNDLE, or ca_bundle of the profile",
                        path, strerror(-r));
                return r;
        }
        int r = pail_str_dup(path, S_ISDIR(status.st_mode) ? &config->ca_directory : &config->ca_file);
        return r < 0 ? pail_error_set_errno(ret_error, -r, "cannot keep the path of the CA bundle") : 0;
}

int pail_http_config_init(struct pail_http_config *config, const struct pail_http_engine_options *options,
                          struct pail_error *ret_error)
{
        *config = (struct pail_http_config){
                .connect_ms = or_default(options->connect_ms, 10 * 1000),
                .first_byte_ms = or_default(options->first_byte_ms, 30 * 1000),
                .stall_ms = or_default(options->stall_ms, 20 * 1000),
                .idle_ms = or_default(options->idle_ms, 15 * 1000),
                .no_verify_ssl = options->no_verify_ssl,
        };
        int r = pail_str_dup(options->user_agent, &config->user_agent);
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "cannot keep the options of the HTTP engine");
        if (!options->ca_bundle)
                return 0;
        r = init_ca_bundle(config, options->ca_bundle, ret_error);
        if (r < 0)
                pail_http_config_done(config);
        return r;
}

void pail_http_config_done(struct pail_http_config *config)
{
        free(config->ca_file);
        free(config->ca_directory);
        free(config->user_agent);
        *config = (struct pail_http_config){ 0 };
}

static const struct {
        CURLoption option;
        long value;
} fixed_options[] = {
        { CURLOPT_NOSIGNAL, 1 },
        { CURLOPT_NOPROGRESS, 0 }, /* the progress callback feeds our timers */
        { CURLOPT_PATH_AS_IS, 1 },
        { CURLOPT_DISALLOW_USERNAME_IN_URL, 1 },
        { CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1 },
        { CURLOPT_FOLLOWLOCATION, 0 },
        { CURLOPT_NETRC, CURL_NETRC_IGNORED },
        { CURLOPT_HTTP_CONTENT_DECODING, 0 },
        { CURLOPT_SUPPRESS_CONNECT_HEADERS, 1 },
        { CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2 },
        { CURLOPT_TCP_NODELAY, 1 },
        { CURLOPT_TCP_KEEPALIVE, 1 },
        { CURLOPT_TCP_KEEPIDLE, 30 },
        { CURLOPT_TCP_KEEPINTVL, 10 },
#if LIBCURL_VERSION_NUM >= 0x075700
        /*
         * Ending a transfer whose host name is being resolved would otherwise wait for the resolver, and with it every
         * other transfer of the thread. The resolver's own thread cleans up after itself.
         */
        { CURLOPT_QUICK_EXIT, 1 },
#endif
};

static CURLcode apply_tls(CURL *easy, const struct pail_http_config *config)
{
        CURLcode code = CURLE_OK;
        if (config->ca_file)
                code = curl_easy_setopt(easy, CURLOPT_CAINFO, config->ca_file);
        if (config->ca_directory) {
                code = curl_easy_setopt(easy, CURLOPT_CAPATH, config->ca_directory);
                if (!code)
                        code = curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
        }
        if (!code)
                code = curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, config->no_verify_ssl ? 0L : 1L);
        if (!code)
                code = curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, config->no_verify_ssl ? 0L : 2L);
        return code;
}

static long to_long(int64_t value)
{
        return (long)pail_min(value, (int64_t)LONG_MAX);
}

CURLcode pail_http_options_apply(CURL *easy, const struct pail_http_config *config, CURLSH *sessions)
{
        CURLcode code = CURLE_OK;
        for (size_t i = 0; i < sizeof(fixed_options) / sizeof(*fixed_options) && !code; i++)
                code = curl_easy_setopt(easy, fixed_options[i].option, fixed_options[i].value);
        if (!code)
                code = curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
        if (!code)
                code = curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, to_long(config->connect_ms));
        if (!code)
                /* Whole seconds, rounded up: less would be no reuse at all. */
                code = curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, to_long((config->idle_ms + 999) / 1000));
        if (!code)
                code = curl_easy_setopt(easy, CURLOPT_USERAGENT, config->user_agent);
        if (!code)
                code = curl_easy_setopt(easy, CURLOPT_SHARE, sessions);
        return code ? code : apply_tls(easy, config);
}
