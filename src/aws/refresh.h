/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The credentials of a session: loaded once from its chain, renewed before they expire, handed out as frozen copies. Thread safe.
 */
#ifndef PAIL_SRC_AWS_REFRESH_H
#define PAIL_SRC_AWS_REFRESH_H

#include "pail/aws/credentials.h"

struct pail_refresher;

/* Takes ownership of chain, also on failure. -ENOMEM. */
int pail_refresher_new(struct pail_provider_chain *chain, struct pail_refresher **ret_refresher);
/* Nobody may be inside a call. */
void pail_refresher_free(struct pail_refresher *refresher);
/*
 * Blocks while a provider works, interruptibly where another thread's provider is waited for (-EINTR, class CANCELLED).
 * Expired credentials are an error, never handed out.
 */
int pail_refresher_get(struct pail_refresher *refresher, struct pail_credentials *ret_frozen,
                       struct pail_error *ret_error);
/* -EAGAIN: pail_refresher_get() has to be called, from a thread that may block. -ENOMEM. */
int pail_refresher_peek(struct pail_refresher *refresher, struct pail_credentials *ret_frozen);

#endif
