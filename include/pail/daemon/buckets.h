/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All buckets of one profile or of several, for SOURCE s3://: a session and a client for each profile, one HTTP engine for all of
 * them (one for each CA bundle, if these differ), and a state directory for each bucket that is entered.
 */
#ifndef PAIL_DAEMON_BUCKETS_H
#define PAIL_DAEMON_BUCKETS_H

#include "pail/daemon/accounts.h"
#include "pail/daemon/options.h"
#include "pail/mount/source.h"

struct pail_buckets;

/* Names only. options and mountpoint (NULL: nothing is to be mounted) are borrowed until close. */
int pail_buckets_new(const struct pail_options *options, const char *mountpoint, struct pail_buckets **ret_buckets,
                     struct pail_error *ret_error);
/* Makes and checks the directories of this machine. */
int pail_buckets_find_directories(struct pail_buckets *buckets, struct pail_error *ret_error);
/* Sessions, clients and credentials, to be opened before a bucket is asked for. */
struct pail_accounts *pail_buckets_accounts(const struct pail_buckets *buckets);
/* No bucket is open. NULL is fine. */
void pail_buckets_close(struct pail_buckets *buckets);

/* For struct pail_mount_options: the profiles' names, NULL when there is one without a directory of its own. */
const char *const *pail_buckets_groups(const struct pail_buckets *buckets);
/* Its context is a struct pail_buckets. */
extern const struct pail_mount_source pail_buckets_source;
/* Below which the state directories are. */
const char *pail_buckets_state_dir(const struct pail_buckets *buckets);

#endif
