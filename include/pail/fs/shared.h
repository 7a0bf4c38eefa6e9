/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What all volumes of a mount share: the memory for blocks, the room for unsent bytes and the threads, so that a mount of a hundred
 * buckets has no more of them than a mount of one. Reference counted, thread safe.
 */
#ifndef PAIL_FS_SHARED_H
#define PAIL_FS_SHARED_H

#include <stdint.h>

#include "pail/util/future.h"

struct pail_future;
struct pail_fs_shared;

struct pail_content_counters {
        uint64_t pool_bytes, pool_limit_bytes;
        uint64_t hits, misses, requests, bytes_fetched;
};

struct pail_fs_shared_options {
        uint64_t memory_limit_bytes;
        uint64_t spool_limit_bytes; /* 0: bounded by the disk only */
};
/* Starts no thread yet. -EINVAL: less memory than blocks need. */
int pail_fs_shared_new(const struct pail_fs_shared_options *options, struct pail_fs_shared **ret_shared);
struct pail_fs_shared *pail_fs_shared_ref(struct pail_fs_shared *shared);
/* The last one joins the threads. NULL is fine. */
void pail_fs_shared_unref(struct pail_fs_shared *shared);
void pail_fs_shared_counters(struct pail_fs_shared *shared, struct pail_content_counters *ret_counters);
/* Waits until no job is queued or runs, of whichever volume. Not from a job. */
void pail_fs_shared_wait(struct pail_fs_shared *shared);
/* As pail_future_start(), on the pool of changing calls. */
int pail_fs_shared_start_change(struct pail_fs_shared *shared, int (*run)(void *argument),
                                void (*release)(void *argument), void *argument, struct pail_future **ret_future);

#endif
