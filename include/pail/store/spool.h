/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The spool: bytes that S3 does not have yet, in one sparse file per changed file (pail/store/spool_file.h), in a directory of
 * the local disk, under one limit. Thread safe.
 */
#ifndef PAIL_STORE_SPOOL_H
#define PAIL_STORE_SPOOL_H

#include <stdint.h>

struct pail_spool;

/* A limit that the spools of several buckets share. Thread safe. limit_bytes 0: the disk's own. */
struct pail_spool_budget;
int pail_spool_budget_new(uint64_t limit_bytes, struct pail_spool_budget **ret_budget);
/* Every spool under it is freed. NULL is fine. */
void pail_spool_budget_free(struct pail_spool_budget *budget);

/*
 * directory: made if absent, 0700, files 0600. lost: directory that keeps what a dead process or a refused upload left.
 * budget: borrowed; NULL: the disk's own limit. Files found in directory are of a process that died: those that hold bytes go to lost, each with a
 * note (NAME.txt; none when the disk is full) of what is known of it, and *ret_recovered counts them. One process at a time uses
 * the directories.
 */
int pail_spool_new(const char *directory, const char *lost, struct pail_spool_budget *budget,
                   struct pail_spool **ret_spool, unsigned *ret_recovered);
/* Every file is freed by now. */
void pail_spool_free(struct pail_spool *spool);
/* Of all spools under the budget. */
uint64_t pail_spool_budget_used_bytes(struct pail_spool_budget *budget);
/* Grows with each range of bytes that comes into a spool or leaves it: who waits for room sees that others get on. */
uint64_t pail_spool_budget_steps(struct pail_spool_budget *budget);

#endif
