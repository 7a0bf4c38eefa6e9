/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way to S3 for one profile: what joins the options of a mount, the session, the HTTP engine and the client. One thread opens and closes it; once it
 * is started it does not change, and any thread may use its parts.
 */
#ifndef PAIL_DAEMON_S3_CONTEXT_H
#define PAIL_DAEMON_S3_CONTEXT_H

#include <stdbool.h>

#include "pail/daemon/diagnosis.h"
#include "pail/daemon/options.h"
#include "pail/daemon/source_name.h"
#include "pail/s3/bucket.h"

struct pail_trace;

struct pail_s3_context {
        struct pail_session *session;
        struct pail_http_engine *engine;
        bool has_lent_engine; /* it is another context's */
        struct pail_s3_client *client;
        struct pail_bucket *bucket; /* NULL: none in particular */
        struct pail_trace *trace;
        char *access_key_id; /* "" when anonymous */
        char *keys_from;     /* where the keys were found, in words */
};

/* Session and credentials: local files only, unless a provider asks the network. In its two halves for who tells them apart; after a
 * failed half the context is still to be closed. */
int pail_s3_context_open_session(const struct pail_options *options, struct pail_s3_context *ret_s3,
                                 struct pail_error *ret_error);
int pail_s3_context_find_credentials(struct pail_s3_context *s3, struct pail_error *ret_error);
/* The session alone, in another environment than the process's (NULL: that), and without the warnings that the other logs. */
int pail_s3_context_open_session_in(char *const *environment, const struct pail_options *options,
                                    struct pail_s3_context *ret_s3, struct pail_error *ret_error);
void pail_s3_context_log_warnings(const struct pail_s3_context *s3);
int pail_s3_context_open(const struct pail_options *options, struct pail_s3_context *ret_s3,
                         struct pail_error *ret_error);
/* The HTTP engine alone, for clients of one's own. */
int pail_s3_context_start_engine(struct pail_s3_context *s3, const struct pail_options *options,
                                 struct pail_error *ret_error);
/* Engine, client and bucket (NULL: none). engine: another context's, which is closed later; NULL: one of its own. No request is sent. */
int pail_s3_context_start(struct pail_s3_context *s3, const struct pail_options *options,
                          struct pail_http_engine *engine, const char *bucket, struct pail_error *ret_error);
/* What every client of this mount says of objects; borrows from options. */
struct pail_s3_object_options pail_s3_context_object_options(const struct pail_options *options);
/* How every client of this mount sends; without a trace. Borrows from options. */
struct pail_s3_client_options pail_s3_context_client_options(const struct pail_options *options);
/* The same with the patience of a person who waits for one answer. */
struct pail_s3_client_options pail_s3_context_probe_options(const struct pail_options *options);
void pail_s3_context_close(struct pail_s3_context *s3);

/* The proxy that requests for the bucket (NULL: the service) go through, in words; *ret_words NULL: none. Owned by the caller. */
int pail_s3_context_find_proxy(const struct pail_s3_context *s3, const char *bucket, char **ret_words);
/* What is known from here; bucket and the rest stay NULL. Borrowed from the context. */
void pail_s3_context_diagnosis_context(const struct pail_s3_context *s3, struct pail_diagnosis_context *ret_context);

/* Of a question that a person waits for. */
enum { PAIL_PROBE_TIMEOUT_MS = 30000, PAIL_PROBE_ATTEMPTS = 4 };

/* Says the error of a request in words. source NULL: it was about the list of all buckets. May ask the server one thing more, for 3 s. */
void pail_s3_context_diagnose(const struct pail_s3_context *s3, const struct pail_source_name *source,
                              struct pail_error *error);
/* What a request was about. */
struct pail_s3_context_request {
        const char *shown_key_id;    /* in place of the access key id; NULL: that itself */
        const char *bucket, *prefix; /* NULL: none */
        const char *action;          /* of a policy; NULL: not one alone */
};
/* The same for any request. Of a scheme that may be wrong it asks the server. */
void pail_s3_context_diagnose_request(const struct pail_s3_context *s3, const struct pail_s3_context_request *request,
                                      struct pail_error *error);

#endif
