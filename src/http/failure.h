/* SPDX-License-Identifier: Apache-2.0 */
/* The error of a request, in classes and words, for what curl says. */
#ifndef HTTP_FAILURE_H
#define HTTP_FAILURE_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pail/http/request.h"

/* What is known of a transfer that curl gave up; all borrowed. */
struct pail_http_failure {
        CURLcode code;
        CURL *easy;
        const char *detail;     /* curl's words; "": none */
        bool is_connecting;     /* no byte of the request was sent */
        bool is_resend_refused; /* a kept connection ended, and the request may not be sent again */
        int64_t connect_ms;     /* the limit that there was */
};

/* Sets request->error. */
void pail_http_failure_set(struct pail_http_request *request, const struct pail_http_failure *failure);
void pail_http_failure_set_cancelled(struct pail_http_request *request);
/* "host:port" of a URL, for messages. */
void pail_http_failure_peer(const char *url, char *ret_peer, size_t size);

#endif
