/* SPDX-License-Identifier: Apache-2.0 */
/* What one reader holds of an object's blocks (pail/cache/blocks.h has the functions). */
#ifndef PAIL_CACHE_VIEW_H
#define PAIL_CACHE_VIEW_H

#include <stdbool.h>

struct pail_block;
struct pail_cond;
struct pail_pool;
struct pail_view;

enum { PAIL_VIEW_MAX_BLOCKS = 16 };

struct pail_view_waiter {
        struct pail_view *view;
        struct pail_view_waiter *next;
};

/*
 * Opaque but for its size, block pointers to be read with pail_view_data(). Not to be moved between acquire and wait.
 */
struct pail_view {
        struct pail_pool *pool;
        unsigned count;
        struct pail_block *items[PAIL_VIEW_MAX_BLOCKS];
        struct pail_view_waiter waiters[PAIL_VIEW_MAX_BLOCKS];
        unsigned pending;         /* blocks that have not landed */
        int error;                /* of the wait */
        bool has_waited;          /* a block was not there at once */
        struct pail_cond *landed; /* set while its owner sleeps */
};

#endif
