/* SPDX-License-Identifier: Apache-2.0 */
/* Everything between the options and a bucket that answers. Private to the layer. */
#ifndef PAIL_DAEMON_S3_CONTEXT_H
#define PAIL_DAEMON_S3_CONTEXT_H

#include <stdbool.h>

#include "cli/options.h"
#include "cli/source.h"
#include "daemon/source/trace.h"
#include "pail/daemon/diagnose.h"
#include "pail/daemon/empty_prefix.h"
#include "pail/s3/bucket.h"

struct pail_s3_context {
        struct pail_session *session;
        struct pail_http_engine *engine;
        bool has_lent_engine; /* it is another connection's */
        struct pail_s3_client *client;
        struct pail_bucket *bucket; /* NULL: none in particular */
        struct pail_trace *trace;
        char *access_key_id; /* "" when anonymous */
        char *keys_from;     /* where the keys were found, in words */
};

/* Session and credentials: local files only, unless a provider asks the network. In its two halves for who tells them apart; after a
 * failed half the connection is still to be closed. */
int pail_s3_context_open_session(const struct pail_options *options, struct pail_s3_context *ret_s3,
                                 struct pail_error *ret_error);
int pail_s3_context_find_credentials(struct pail_s3_context *s3, struct pail_error *ret_error);
int pail_s3_context_open(const struct pail_options *options, struct pail_s3_context *ret_s3,
                         struct pail_error *ret_error);
/* The HTTP engine alone, for clients of one's own. */
int pail_s3_context_start_engine(struct pail_s3_context *s3, const struct pail_options *options,
                                 struct pail_error *ret_error);
/* Engine, client and bucket (NULL: none). engine: another connection's, which is closed later; NULL: one of its own. No request is sent. */
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
/* What is known from here; bucket and the rest stay NULL. Borrowed from the connection. */
void pail_s3_context_diagnosis_context(const struct pail_s3_context *s3, struct pail_diagnosis_context *ret_context);

/* Of a question that a person waits for. */
enum { PAIL_PROBE_TIMEOUT_MS = 30000, PAIL_PROBE_ATTEMPTS = 4 };

/* What can be mounted, and what a person should know of it. */
struct pail_probe_finding {
        bool can_list;
        bool list_denied;               /* the policy allows everything but that */
        struct pail_empty_prefix empty; /* nothing is below the prefix; to be released */
};
/* Asks the bucket for one key below the prefix, within half a minute. */
int pail_probe_bucket(const struct pail_s3_context *s3, const struct pail_options *options,
                      const struct pail_source_name *source, struct pail_probe_finding *ret_finding,
                      struct pail_error *ret_error);
/* The same for the list of all buckets; ret_can_list: false when the policy allows everything but that. */
int pail_probe_account(const struct pail_s3_context *s3, const struct pail_options *options, bool *ret_can_list,
                       struct pail_error *ret_error);
/* Says the error of a probe in words. source NULL: it was of the list of all buckets. */
void pail_s3_context_diagnose(const struct pail_s3_context *s3, const struct pail_source_name *source,
                              struct pail_error *error);
/* Refused because of who asks for what, not because of who asks. */
bool pail_probe_is_denied(const struct pail_error *error);

#endif
