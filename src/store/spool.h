/* SPDX-License-Identifier: Apache-2.0 */
/* The spool, as its files see it. */
#ifndef STORE_SPOOL_H
#define STORE_SPOOL_H

#include <stdatomic.h>
#include <stdint.h>

#include "pail/store/spool.h"
#include "pail/util/mutex.h"

#define PAIL_SPOOL_KEY_ATTRIBUTE "user.pail.key"

struct pail_spool_budget {
        uint64_t limit_bytes;
        struct {
                struct pail_mutex mutex;
                uint64_t used_bytes; /* never more than limit_bytes */
                uint64_t steps;      /* see pail_spool_budget_steps() */
        } guarded;
};

struct pail_spool {
        char *directory, *lost;
        struct pail_spool_budget *budget; /* NULL: no limit but the disk */
        _Atomic uint64_t serial;          /* of the next file name */
};

/* -ENOSPC when the limit would be passed. */
int pail_spool_charge(struct pail_spool *spool, uint64_t bytes);
/* Of bytes that were never written. */
void pail_spool_refund(struct pail_spool *spool, uint64_t bytes);
/* The charge stands: bytes have come. */
void pail_spool_note_written(struct pail_spool *spool);
/* Bytes have gone. */
void pail_spool_note_removed(struct pail_spool *spool, uint64_t bytes);
/* Moves a file of the spool to lost, with a note. */
int pail_spool_keep_path(struct pail_spool *spool, const char *path, const char *note);

#endif
