/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A set of byte ranges [start, end), kept sorted, disjoint and joined. Files written from front to back, and nearly all others,
 * have a handful of ranges, so it is one sorted array. Not thread safe; one owner.
 */
#ifndef PAIL_UTIL_EXTENTS_H
#define PAIL_UTIL_EXTENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pail_extent {
        uint64_t start, end;
};

/* Zero-initialised is empty. */
struct pail_extents {
        struct pail_extent *items;
        size_t count, allocated;
};

void pail_extents_done(struct pail_extents *extents); /* empty afterwards */
/*
 * start <= end; an empty range changes nothing. -ENOMEM: unchanged. Memory is needed only for one range more than before: removing all
 * from some start on never fails, nor does adding what is there already.
 */
int pail_extents_add(struct pail_extents *extents, uint64_t start, uint64_t end);
int pail_extents_remove(struct pail_extents *extents, uint64_t start, uint64_t end);
/* Memory for that many ranges more: as many adds and removes cannot fail then. -ENOMEM. */
int pail_extents_reserve(struct pail_extents *extents, size_t more);
bool pail_extents_contains(const struct pail_extents *extents, uint64_t start,
                           uint64_t end); /* all of it; true when empty */
bool pail_extents_intersects(const struct pail_extents *extents, uint64_t start, uint64_t end);
/* The first stretch at or after start that is wholly inside (ret_inside) or wholly outside the set, cut at end. start < end. Returns where it ends. */
uint64_t pail_extents_stretch(const struct pail_extents *extents, uint64_t start, uint64_t end, bool *ret_inside);
/* Bytes in the set. */
uint64_t pail_extents_total(const struct pail_extents *extents);

#endif
