/* SPDX-License-Identifier: Apache-2.0 */
/* Pins: a block with at least one is in no list and counts as used by the class that pinned it first. */
#ifndef PAIL_CACHE_MEMORY_PIN_H
#define PAIL_CACHE_MEMORY_PIN_H

#include "pail/cache/pool.h"

struct pail_block;

/* The class has reserved the block if it had no pin. */
void pail_block_pin_locked(struct pail_pool *pool, struct pail_block *block, enum pail_pool_class class);
/* With the last pin the block is charged to nobody; it is kept for later readers if it holds data of an object. */
void pail_block_unpin_locked(struct pail_pool *pool, struct pail_block *block);

#endif
