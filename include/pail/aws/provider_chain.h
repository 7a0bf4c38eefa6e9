/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The chain of providers that finds credentials. A provider is one const struct of functions and a state; the chain asks them in order, and
 * the first that finds something wins; an error in one ends the search. One thread at a time.
 */
#ifndef PAIL_AWS_PROVIDER_CHAIN_H
#define PAIL_AWS_PROVIDER_CHAIN_H

#include <stdbool.h>

#include "pail/aws/credentials.h"
#include "pail/util/cleanup.h"
#include "pail/util/error.h"

struct pail_provider {
        const char *name; /* static; NULL: not told in messages */
        /*
         * 0: found; -ENOENT with ret_error untouched: nothing here, ask the next; else an error that ends the search. May block; one
         * thread at a time. The error decides whether trying again is of use (src/aws/credentials/refresh_state.c): of no use are the classes CONFIG, TLS
         * and CREDENTIALS, but for a CREDENTIALS with http_status 429 or 5xx, or with -ECHILD or -ETIMEDOUT (a program that failed).
         */
        int (*load)(void *state, struct pail_credentials *ret_credentials, struct pail_error *ret_error);
        void (*free_state)(void *state);
};

struct pail_provider_chain;

int pail_provider_chain_new(struct pail_provider_chain **ret_chain);
void pail_provider_chain_free(struct pail_provider_chain *chain);
PAIL_DEFINE_CLEANUP(struct pail_provider_chain, pail_provider_chain_free);
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
