/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Credentials and the chain of providers that finds them. A provider is one const struct of functions and a state;
 * the chain asks them in order, and the first that finds something wins; an error in one ends the search.
 */
#ifndef PAIL_AWS_CREDENTIALS_H
#define PAIL_AWS_CREDENTIALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pail/util/error.h"

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

struct pail_provider {
        const char *name; /* static; NULL: not told in messages */
        /*
         * 0: found; -ENOENT with ret_error untouched: nothing here, ask the next; else an error that ends the search. May block; one
         * thread at a time. The error decides whether trying again is of use (src/aws/refresh.c): of no use are the classes CONFIG, TLS
         * and CREDENTIALS, but for a CREDENTIALS with http_status 429 or 5xx, or with -ECHILD or -ETIMEDOUT (a program that failed).
         */
        int (*load)(void *state, struct pail_credentials *ret_credentials, struct pail_error *ret_error);
        void (*free_state)(void *state);
};

struct pail_provider_chain;

int pail_provider_chain_new(struct pail_provider_chain **ret_chain);
void pail_provider_chain_free(struct pail_provider_chain *chain);
/* Takes ownership of state, also on failure. */
int pail_provider_chain_add(struct pail_provider_chain *chain, const struct pail_provider *provider, void *state);
/* Whatever chain held is released, and it holds what fresh held; fresh is then empty. */
void pail_provider_chain_replace(struct pail_provider_chain *chain, struct pail_provider_chain *fresh);

/* What a chain was made from may change while it is in use. */
struct pail_provider_renewal {
        /* See pail_provider_chain_renew(). May block; one thread at a time, which is never inside a load. */
        int (*renew)(void *state, struct pail_provider_chain *chain, struct pail_error *ret_error);
        void (*free_state)(void *state);
};
/* At most one for a chain. Takes ownership of state. */
void pail_provider_chain_set_renewal(struct pail_provider_chain *chain, const struct pail_provider_renewal *renewal,
                                     void *state);
bool pail_provider_chain_is_renewable(const struct pail_provider_chain *chain);
/*
 * Looks whether what the chain was made from has changed: 0: no; 1: yes, and it was made anew; < 0: yes, but it cannot be used. The
 * chain is then as it was, and the next look tries again.
 */
int pail_provider_chain_renew(struct pail_provider_chain *chain, struct pail_error *ret_error);

/* -ENOENT with class CREDENTIALS when no provider found any, and only then; the message lists their names. */
int pail_provider_chain_load(struct pail_provider_chain *chain, struct pail_credentials *ret_credentials,
                             struct pail_error *ret_error);

#endif
