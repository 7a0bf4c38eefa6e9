/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PAIL_FS_DATA_READ_H
#define PAIL_FS_DATA_READ_H

#include <stddef.h>
#include <stdint.h>

#include "object_data.h"
#include "pail/fs/read_result.h"
#include "read_stream.h"

/*
 * Reads [offset, offset + size) cut at the end of the data, size <= 1 MiB: waits, interruptibly, until it is in
 * memory. stream may be NULL (no read-ahead). -ESTALE: the object was replaced or is gone; -EINTR; else the errno of
 * the failure.
 */
int pail_read(struct pail_object_data *data, struct pail_read_stream *stream, uint64_t offset, size_t size,
              struct pail_content_result *ret_result);
/* The same into memory of the caller, any size; -ENODATA when the data ends early. For filling a spool. */
int pail_read_copy(struct pail_object_data *data, uint64_t offset, size_t size, void *target);

#endif
