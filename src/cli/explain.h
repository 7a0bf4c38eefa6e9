/* SPDX-License-Identifier: Apache-2.0 */
/* Failures at mount, in words that name the cause and the remedy. Private to the layer. */
#ifndef PAIL_CLI_EXPLAIN_H
#define PAIL_CLI_EXPLAIN_H

#include "pail/util/error.h"

/* What the failed request was made with. */
struct pail_explain_context {
        const char *bucket, *prefix; /* bucket "": the list of buckets was asked for */
        const char *endpoint; /* URL; NULL: AWS */
        const char *profile;
        const char *region;        /* NULL: none configured */
        const char *access_key_id; /* "" when anonymous */
        const char *keys_from;     /* "credentials file /root/.aws/credentials", "environment"… */
};

/* Replaces the message by one for the person who mounts. */
void pail_explain(struct pail_error *error, const struct pail_explain_context *context);

#endif
