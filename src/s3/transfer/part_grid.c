/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Part sizes double every 250 parts, from the size that the caller wants up to the 5 GiB that S3 takes. With parts of 5 MiB at first, 10,000
 * of them reach 38 TiB, more than a local file can hold (16 TiB on ext4), and a file of 2 GiB is still sent in parts of 8 or 16 MiB. A size
 * that grows with each part would do the same with sizes that are no multiples of anything.
 */
#include "part_grid.h"

#include "pail/s3/types.h"

enum {
        PARTS_PER_STEP = 250,
        STEPS = PAIL_S3_PARTS_MAX / PARTS_PER_STEP,
};

static uint64_t step_size(uint64_t part_size_bytes, unsigned step)
{
        uint64_t size = part_size_bytes;
        for (; step > 0 && size < PAIL_S3_PART_LIMIT; step--)
                size *= 2;
        return size < PAIL_S3_PART_LIMIT ? size : PAIL_S3_PART_LIMIT;
}

uint64_t pail_part_grid_size(uint64_t part_size_bytes, unsigned part_number)
{
        return step_size(part_size_bytes, (part_number - 1) / PARTS_PER_STEP);
}

uint64_t pail_part_grid_offset(uint64_t part_size_bytes, unsigned part_number)
{
        unsigned step = (part_number - 1) / PARTS_PER_STEP;
        uint64_t offset = (uint64_t)((part_number - 1) % PARTS_PER_STEP) * step_size(part_size_bytes, step);
        for (unsigned i = 0; i < step; i++)
                offset += PARTS_PER_STEP * step_size(part_size_bytes, i);
        return offset;
}

unsigned pail_part_grid_at(uint64_t part_size_bytes, uint64_t offset)
{
        for (unsigned step = 0; step < STEPS; step++) {
                uint64_t size = step_size(part_size_bytes, step), span = PARTS_PER_STEP * size;
                if (offset < span)
                        return step * PARTS_PER_STEP + (unsigned)(offset / size) + 1;
                offset -= span;
        }
        return PAIL_S3_PARTS_MAX + 1;
}
