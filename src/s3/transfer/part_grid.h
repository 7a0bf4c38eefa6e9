/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The grid of parts of an upload whose size is not known when it begins: part n covers [offset(n), +size(n)), and sizes grow with n so that
 * 10,000 parts reach the limit of an object. Numbers begin at 1.
 */
#ifndef PAIL_SRC_S3_TRANSFER_PART_GRID_H
#define PAIL_SRC_S3_TRANSFER_PART_GRID_H

#include <stdint.h>

/* part_size_bytes: of the first parts. */
uint64_t pail_part_grid_offset(uint64_t part_size_bytes, unsigned part_number);
uint64_t pail_part_grid_size(uint64_t part_size_bytes, unsigned part_number);
/* The part that holds offset; more than PAIL_S3_PARTS_MAX: none does. */
unsigned pail_part_grid_at(uint64_t part_size_bytes, uint64_t offset);

#endif
