/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file of the spool: the bytes of one changed file. Which of its ranges are present (written, or fetched) is known in
 * memory; holes in the file cannot tell zeros from bytes that never were there.
 *
 * Guarded by its owner, who serialises all calls on it but pail_spool_file_fd().
 */
#ifndef PAIL_STORE_SPOOL_FILE_H
#define PAIL_STORE_SPOOL_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "pail/util/extents.h"

struct pail_spool;
struct pail_spool_file;

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
