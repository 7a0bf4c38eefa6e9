/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small requests to services other than S3: security tokens, single sign-on, sign-in, metadata. They have an engine of their own, started
 * by the first request: a session can be made before there is an S3 client, and credentials are never behind the data that waits for
 * them. Thread safe. Never called on an engine's thread.
 */
#ifndef PAIL_SRC_AWS_CREDENTIALS_SERVICE_H
#define PAIL_SRC_AWS_CREDENTIALS_SERVICE_H

#include <stdbool.h>

#include "pail/aws/credentials.h"
#include "pail/http/request.h"
#include "pail/util/buf.h"

struct pail_service;

struct pail_service_options {
        const char *ca_bundle; /* copied; NULL: curl's default */
        bool no_verify_ssl;
};

/* Starts nothing. -ENOMEM. */
int pail_service_new(const struct pail_service_options *options, struct pail_service **ret_service);
/* Nobody may be inside a call. */
void pail_service_free(struct pail_service *service);

enum { PAIL_SERVICE_ANSWER_CAP = 256 * 1024 };

struct pail_service_request {
        const char *name;   /* of the service, for messages: "STS", "the instance metadata service" */
        const char *method; /* "GET" */
        const char *url;    /* https, but for metadata services and what the user's configuration names */
        const struct pail_http_headers *headers; /* borrowed; NULL: none */
        const char *body;                        /* NULL: none. May hold secrets: copies are wiped */
        size_t body_length;
        const char *content_type; /* of the body */
        int64_t timeout_ms;       /* of one attempt, from the beginning to the last byte; 0: 10 s */
        unsigned
                attempts; /* in all; 0: 1. Again after no answer, 429 and 5xx, and what is_retryable says; short pauses between */
        bool no_proxy;                                      /* metadata services: a proxy would ask its own */
        bool (*is_retryable)(int status, const char *body); /* NULL: as above */
        /* Signed with version 4 when sign_as is set. */
        const struct pail_credentials *sign_as;
        const char *sign_region, *sign_service;
};

struct pail_service_answer {
        int status;
        struct pail_http_headers headers;
        struct pail_buf body; /* always terminated by a NUL that is not counted */
};
/* pail_http_headers_done() for headers with a token among them. */
void pail_service_headers_wipe(struct pail_http_headers *headers);
/* Wipes. Accepts a zero-initialised one. */
void pail_service_answer_done(struct pail_service_answer *answer);

/*
 * 0: an HTTP answer came, of whatever status. < 0: none came, *ret_error (never CREDENTIALS: RESOLVE, CONNECT, TLS, TIMEOUT, …) names the service and
 * the host. Never -ENOENT. Not interruptible: bounded by attempts times timeout_ms.
 */
int pail_service_call(struct pail_service *service, const struct pail_service_request *request,
                      struct pail_service_answer *ret_answer, struct pail_error *ret_error);

#endif
