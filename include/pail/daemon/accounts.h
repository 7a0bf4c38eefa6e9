/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The connections of SOURCE s3://: one for the profile, or one for each of profiles=a:b:c. One of several that fails is out of use until it is
 * tried again with success, and leaves the others alone; that none can be used is a failure.
 */
#ifndef PAIL_DAEMON_ACCOUNTS_H
#define PAIL_DAEMON_ACCOUNTS_H

#include "pail/daemon/options.h"
#include "pail/daemon/s3_context.h"

struct pail_accounts;

/* Names only; options are borrowed until free. */
int pail_accounts_new(const struct pail_options *options, struct pail_accounts **ret_accounts,
                      struct pail_error *ret_error);
void pail_accounts_free(struct pail_accounts *accounts);
unsigned pail_accounts_count(const struct pail_accounts *accounts);
/* NULL: no profiles were named, and there is one account without a name of its own. Else NULL-terminated. */
const char *const *pail_accounts_names(const struct pail_accounts *accounts);

/*
 * The steps of a connection, of all accounts that have not failed at one before. One thread, until the last has ended. Errors are raw
 * (pail_s3_context_diagnose()); of several accounts each failure is kept, and an error returned once none is left.
 */
int pail_accounts_open(struct pail_accounts *accounts, struct pail_error *ret_error); /* session, engine, client */
int pail_accounts_find_credentials(struct pail_accounts *accounts, struct pail_error *ret_error);
int pail_accounts_probe(struct pail_accounts *accounts,
                        struct pail_error *ret_error); /* asks for the list of buckets */
/* For a caller that tells of each account. NULL: it works. */
const struct pail_error *pail_accounts_failure(const struct pail_accounts *accounts, unsigned number);
/* As far as it was opened; its session is NULL when even that failed. */
const struct pail_s3_context *pail_accounts_context(const struct pail_accounts *accounts, unsigned number);
/* Those out of use go to the log, each with its reason, for a mount that has others. */
void pail_accounts_log_failures(const struct pail_accounts *accounts);

/* A connection that works, borrowed until free. -EACCES: it is out of use; now and then the call tries to mend that first. Thread safe. */
int pail_accounts_use(struct pail_accounts *accounts, unsigned number, const struct pail_s3_context **ret_s3);
/* Whether it is of any use to ask this one for a list of buckets. */
bool pail_accounts_may_list(const struct pail_accounts *accounts, const struct pail_s3_context *s3);

#endif
