/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of one reader's habits. Belongs to one open handle, and may be used by several threads. */
#ifndef PAIL_FS_DATA_READ_STREAM_H
#define PAIL_FS_DATA_READ_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "object_data.h"

struct pail_read_stream;

/* A stream keeps a reference on the object data that it was last used with. */
int pail_read_stream_new(struct pail_read_stream **ret_stream);
/* Read-ahead under way for it is left to finish, where others wait for it, or cancelled. NULL is fine. */
void pail_read_stream_free(struct pail_read_stream *stream);

/*
 * A reader needs [offset, end) of data: keeps track of it, and starts read-ahead where it is due. has_waited: some
 * of it was not in memory. Without waiting for the network.
 */
void pail_read_stream_advance(struct pail_read_stream *stream, struct pail_object_data *data, uint64_t offset,
                              uint64_t end, bool has_waited);
/* It is about to read all of [offset, end) of data, and nothing beyond. */
void pail_read_stream_expect(struct pail_read_stream *stream, struct pail_object_data *data, uint64_t offset,
                             uint64_t end);
/* true until the first read. */
bool pail_read_stream_is_new(struct pail_read_stream *stream);

#endif
