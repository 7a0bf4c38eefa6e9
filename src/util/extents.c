/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One sorted array of disjoint ranges that do not touch. A balanced tree would win only for files with many thousands
 * of separate holes, and would cost each of the others an allocation a range.
 */
#include "pail/util/extents.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pail/util/math.h"

void pail_extents_done(struct pail_extents *extents)
{
        free(extents->items);
        *extents = (struct pail_extents){ 0 };
}

/* Index of the first range that ends at or after position. */
static size_t find_range(const struct pail_extents *extents, uint64_t position)
{
        size_t low = 0, high = extents->count;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (extents->items[middle].end < position)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

int pail_extents_reserve(struct pail_extents *extents, size_t more)
{
        size_t allocated = extents->allocated ? extents->allocated : 4, count = extents->count + more;
        struct pail_extent *items;

        if (count <= extents->allocated)
                return 0;
        while (allocated < count)
                allocated *= 2;
        items = reallocarray(extents->items, allocated, sizeof(*items));
        if (!items)
                return -ENOMEM;
        extents->items = items;
        extents->allocated = allocated;
        return 0;
}

/* Replaces the ranges [first, last) by count others. -ENOMEM: nothing is changed. */
static int splice_ranges(struct pail_extents *extents, size_t first, size_t last, const struct pail_extent *others,
                         size_t count)
{
        int r = count > last - first ? pail_extents_reserve(extents, count - (last - first)) : 0;

        if (r < 0)
                return r;
        memmove(extents->items + first + count, extents->items + last,
                (extents->count - last) * sizeof(*extents->items));
        if (count)
                memcpy(extents->items + first, others, count * sizeof(*others));
        extents->count += count - (last - first);
        return 0;
}

int pail_extents_add(struct pail_extents *extents, uint64_t start, uint64_t end)
{
        struct pail_extent joined = { start, end };
        size_t first, last;

        if (start >= end)
                return 0;
        first = last = find_range(extents, start);
        while (last < extents->count && extents->items[last].start <= end) {
                if (extents->items[last].start < joined.start)
                        joined.start = extents->items[last].start;
                if (extents->items[last].end > joined.end)
                        joined.end = extents->items[last].end;
                last++;
        }
        return splice_ranges(extents, first, last, &joined, 1);
}

int pail_extents_remove(struct pail_extents *extents, uint64_t start, uint64_t end)
{
        struct pail_extent rest[2];
        size_t first, last, count = 0;

        if (start >= end || !extents->count)
                return 0;
        first = find_range(extents, start + 1);
        for (last = first; last < extents->count && extents->items[last].start < end; last++) {
                const struct pail_extent *item = &extents->items[last];

                if (item->start < start)
                        rest[count++] = (struct pail_extent){ item->start, start };
                if (item->end > end)
                        rest[count++] = (struct pail_extent){ end, item->end };
        }
        return splice_ranges(extents, first, last, rest, count);
}

bool pail_extents_contains(const struct pail_extents *extents, uint64_t start, uint64_t end)
{
        bool is_inside;

        return start >= end || (pail_extents_stretch(extents, start, end, &is_inside) == end && is_inside);
}

bool pail_extents_intersects(const struct pail_extents *extents, uint64_t start, uint64_t end)
{
        bool is_inside;

        return start < end && (pail_extents_stretch(extents, start, end, &is_inside) != end || is_inside);
}

uint64_t pail_extents_stretch(const struct pail_extents *extents, uint64_t start, uint64_t end, bool *ret_inside)
{
        size_t i = find_range(extents, start + 1);
        uint64_t until = end;

        *ret_inside = i < extents->count && extents->items[i].start <= start;
        if (*ret_inside)
                until = extents->items[i].end;
        else if (i < extents->count)
                until = extents->items[i].start;
        return pail_min(until, end);
}

uint64_t pail_extents_total(const struct pail_extents *extents)
{
        uint64_t total = 0;

        for (size_t i = 0; i < extents->count; i++)
                total += extents->items[i].end - extents->items[i].start;
        return total;
}
