/* SPDX-License-Identifier: Apache-2.0 */
/* Credentials: what requests are signed with. Where they come from: <pail/aws/provider_chain.h>. */
#ifndef PAIL_AWS_CREDENTIALS_H
#define PAIL_AWS_CREDENTIALS_H

#include <stdbool.h>
#include <stdint.h>

/* Zero-initialised is empty (anonymous). Secrets are wiped when released. */
struct pail_credentials {
        char *access_key_id;
        char *secret_access_key; /* this and the next in memory for secrets: pail_secret_dup() */
        char *session_token;     /* NULL: none */
        char *account_id;        /* NULL: unknown */
        int64_t expires_at;      /* Unix seconds; 0: never */
        const char *provider;    /* static string: "env", "shared-credentials-file", "config-file", "explicit" … */
};

void pail_credentials_done(struct pail_credentials *credentials);
int pail_credentials_copy(const struct pail_credentials *source, struct pail_credentials *ret_copy);
/* Whether requests are signed alike with both. */
bool pail_credentials_equal(const struct pail_credentials *a, const struct pail_credentials *b);

#endif
