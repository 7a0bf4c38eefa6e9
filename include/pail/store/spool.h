/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The spool: bytes that S3 does not have yet, in one sparse file per changed file, in a directory of the local disk, under one limit.
 * Which of its ranges are present (written, or fetched) is known in memory; holes in the file cannot tell zeros from bytes that
 * never were there.
 *
 * The spool is thread safe; a spool file is guarded by its owner, who serialises all calls on it but pail_spool_file_fd().
 */
#ifndef PAIL_STORE_SPOOL_H
#define PAIL_STORE_SPOOL_H

#include <stddef.h>
#include <stdint.h>

#include "pail/util/extents.h"

struct pail_spool;
struct pail_spool_file;

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

/* key: what the file will become; stored beside the data (an extended attribute, where the disk has them) for a later note. */
int pail_spool_file_new(struct pail_spool *spool, const char *key, struct pail_spool_file **ret_file);
/* Deletes the file and gives its space back. NULL is fine. */
void pail_spool_file_free(struct pail_spool_file *file);
/* For pread of present ranges; borrowed. */
int pail_spool_file_fd(const struct pail_spool_file *file);
const struct pail_extents *pail_spool_file_present(const struct pail_spool_file *file);

/* -ENOSPC: over the limit, or the disk is full; nothing changed then. -EFBIG, -ENOMEM likewise. Another error of the disk: the range is undefined. */
int pail_spool_file_write(struct pail_spool_file *file, const void *data, size_t size, uint64_t offset);
/* Everything from size_bytes on is gone; what is added later reads as zeros where it is not written. */
int pail_spool_file_truncate(struct pail_spool_file *file, uint64_t size_bytes);
/* Gives the space of a range back: it is absent afterwards. < 0: unchanged. -EOPNOTSUPP where the disk cannot. */
int pail_spool_file_punch(struct pail_spool_file *file, uint64_t offset, uint64_t size_bytes);
/* Moves the file to lost, with a note for a person (as above); it is freed. < 0: it is not, and still the caller's. */
int pail_spool_file_keep(struct pail_spool_file *file, const char *note);

#endif
