/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All buckets of one profile or of several, for SOURCE s3://: a session and a client for each profile, one HTTP engine for all of
 * them (one for each CA bundle, if these differ), and a state directory for each bucket that is entered. Private to the layer.
 */
#ifndef PAIL_CLI_BUCKETS_H
#define PAIL_CLI_BUCKETS_H

#include "options.h"
#include "pail/fs/forest.h"

struct pail_buckets;

/* Sessions, credentials and the directories of this machine; options and mountpoint are borrowed until close. */
int pail_buckets_open(const struct pail_options *options, const char *mountpoint, struct pail_buckets **ret_buckets,
                      struct pail_error *ret_error);
/* Starts the engines' threads, and asks each profile for its list. Failures are said in words; not being allowed to list is none. */
int pail_buckets_start(struct pail_buckets *buckets, struct pail_error *ret_error);
/* No bucket is open. NULL is fine. */
void pail_buckets_close(struct pail_buckets *buckets);

/* For struct pail_forest_options: the profiles' names, NULL when there is one without a directory of its own. */
const char *const *pail_buckets_groups(const struct pail_buckets *buckets);
/* Its context is a struct pail_buckets. */
extern const struct pail_forest_source pail_buckets_source;
/* Below which the state directories are. */
const char *pail_buckets_state_dir(const struct pail_buckets *buckets);

#endif
