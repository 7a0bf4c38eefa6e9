/* SPDX-License-Identifier: Apache-2.0 */
/* The options of an engine with their defaults, and what they mean in terms of curl. */
#ifndef HTTP_OPTIONS_H
#define HTTP_OPTIONS_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

#include "pail/http/options.h"
#include "pail/util/error.h"

/* The options with their defaults filled in. Never changes while the engine lives. */
struct pail_http_config {
        int64_t connect_ms;
        int64_t first_byte_ms;
        int64_t stall_ms;
        int64_t idle_ms;
        char *ca_file; /* at most one of the two */
        char *ca_directory;
        char *user_agent;
        bool no_verify_ssl;
};

/* Reads ca_bundle and the rest. CONFIG, SYSTEM. */
int pail_http_config_init(struct pail_http_config *config, const struct pail_http_engine_options *options,
                          struct pail_error *ret_error);
void pail_http_config_done(struct pail_http_config *config);
/* Sets what is the same for all requests of an engine. sessions: TLS sessions that handles share. */
CURLcode pail_http_options_apply(CURL *easy, const struct pail_http_config *config, CURLSH *sessions);

#endif
