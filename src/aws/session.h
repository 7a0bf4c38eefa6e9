/* SPDX-License-Identifier: Apache-2.0 */
/* What only tests ask of a session: another order of providers, to prove that they would notice one. */
#ifndef PAIL_SRC_AWS_SESSION_H
#define PAIL_SRC_AWS_SESSION_H

#include "aws/credentials/chain.h"
#include "pail/aws/session.h"

/* pail_session_new() with another order than pail_chain_order. */
int pail_session_new_in_order(const struct pail_session_options *options,
                              const enum pail_provider_kind order[static PAIL_PROVIDER_KINDS],
                              struct pail_session **ret_session, struct pail_error *ret_error);

#endif
