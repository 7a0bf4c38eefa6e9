/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fetch: one range of an object on its way into memory, blocks that were all absent and stand one after the other;
 * and the source that it comes from. Who implements a source delivers the bytes here.
 */
#ifndef PAIL_CACHE_FETCH_H
#define PAIL_CACHE_FETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pail_fetch;

struct pail_fetch_range {
        uint64_t offset, size_bytes;
        bool is_background; /* nobody waits for it yet */
        const void *reader; /* as given to pail_blocks_prefetch; NULL: a reader's own */
};

/*
 * Where missing bytes come from. No function is called with a lock held, none may wait for the bytes, and none is
 * called from within another one of the same fetch. *ret_call names the request to the other functions; release is its
 * end.
 */
struct pail_source {
        /*
         * Asks for a range, from the thread of the reader. The bytes are then given to pail_fetch_deliver(), in order,
         * and the end is told by pail_fetch_end(), from any thread, perhaps before start returns. < 0: nothing was
         * started, neither is called.
         */
        int (*start)(void *context, struct pail_fetch *fetch, const struct pail_fetch_range *range, void **ret_call);
        /* Somebody waits for it now. Any thread, perhaps after the end. */
        void (*raise_priority)(void *call);
        /* Nobody needs it any more; pail_fetch_end() is still to be called. Any thread, perhaps after the end. */
        void (*cancel)(void *call);
        /* The last use of call, after the end. Any thread. */
        void (*release)(void *call);
};

/*
 * Bytes that follow those delivered before; one thread at a time. -ECANCELED: stop, nobody needs them; -EPROTO: more
 * than was asked for. Readers wake as their last block lands.
 */
int pail_fetch_deliver(struct pail_fetch *fetch, const void *data, size_t size);
/*
 * Before the first delivery: no block lands before the end, which will tell whether the bytes are good. rewind: they are not, and come
 * again from the first on.
 */
void pail_fetch_hold(struct pail_fetch *fetch);
void pail_fetch_rewind(struct pail_fetch *fetch);
/*
 * The end, exactly once, after the last delivery; fetch is invalid afterwards. r < 0: blocks that did not land
 * are absent again, and those who wait for them get r. 0 with bytes missing counts as -EIO.
 */
void pail_fetch_end(struct pail_fetch *fetch, int r);

#endif
