/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The remote of a simulated mount: pail/remote/remote.h on a bucket in memory (store.h), as far away, as unreliable and
 * as incapable as the run wants it. A request takes some time to arrive, has its effect in one moment, and its answer
 * takes some time; it may fail before, and its answer may be lost after.
 */
#ifndef PAIL_TESTS_SIM_MEMORY_H
#define PAIL_TESTS_SIM_MEMORY_H

#include "../sim.h"
#include "store.h"

enum { MEMORY_PART_MIN_BYTES = 64, MEMORY_PAGE_ENTRIES = 3 };

/* What is asked, as bits of rights and faults. */
enum memory_request {
        MEMORY_LIST = 1 << 0,
        MEMORY_HEAD = 1 << 1,
        MEMORY_GET = 1 << 2,
        MEMORY_PUT = 1 << 3, /* parts and completion too */
        MEMORY_COPY = 1 << 4,
        MEMORY_REMOVE = 1 << 5,
};

/* May be changed while requests are under way. */
struct memory_weather {
        uint32_t latency_ms;     /* each way: less than this; 0: only a moment */
        uint32_t copy_ms;        /* a copy takes that long besides */
        uint32_t fail_one_in;    /* before the effect; 0: never */
        uint32_t lose_one_in;    /* the answer of a change, after its effect */
        uint32_t forget_one_in;  /* an upload, when it is completed */
        unsigned refused;        /* set of memory_request that the credentials have no right to */
        bool ignores_conditions; /* of writes, without a word */
        bool refuses_conditions; /* of writes: the remote looks just before it writes */
        bool has_no_copy;        /* CopyObject and copied parts: UNSUPPORTED */
};

struct memory_counters {
        unsigned requests, failures, lost; /* lost answers of changes that happened */
        unsigned open_uploads;
};

/* One reference. author: the mount's number, for the store. store and weather: borrowed. */
struct pail_remote *memory_remote_new(struct pail_sim *sim, struct store *store, const struct memory_weather *weather,
                                      int author);
void memory_remote_counters(struct pail_remote *remote, struct memory_counters *ret_counters);

#endif
