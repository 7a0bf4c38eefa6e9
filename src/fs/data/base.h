/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The base of a file: the version on S3 that lies under what was written here. A file that nothing was written to is its base and
 * nothing else, and is read here, without a look at the rest of the file (file/state.h), which owns this.
 *
 * The mutex guards the whole file. It may be held over an access of the local disk, never over a request; tree.mutex is never taken while it
 * is held.
 */
#ifndef PAIL_FS_DATA_BASE_H
#define PAIL_FS_DATA_BASE_H

#include <stdbool.h>
#include <stdint.h>

#include "pail/util/mutex.h"
#include "read.h"

struct pail_base {
        struct {
                struct pail_mutex mutex;
                struct pail_object_data *data; /* a reference; NULL: none */
                uint64_t data_bytes;           /* of it that show; beyond are zeros, or bytes of the file's own */
                uint64_t size_bytes;           /* of the file */
                bool is_all;                   /* nothing was ever written here: no byte comes from elsewhere */
        } guarded;
};

void pail_base_init(struct pail_base *base);
void pail_base_done(struct pail_base *base);
/*
 * Reads a file that is all base, as pail_read() does. false: it is not, and nothing was read; true: *ret_r is the result, 0 or -errno.
 * Blocks for requests. Without locks.
 */
bool pail_base_read(struct pail_base *base, struct pail_read_stream *stream, uint64_t offset, size_t size,
                    struct pail_content_result *ret_result, int *ret_r);

#endif
