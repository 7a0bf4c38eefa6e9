/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one file that knows the bytes of a request: what libfuse (from 3.10 on) does not tell of it, or not before it serves it, is read
 * here. libfuse reads whole requests only, so a header is always there.
 */
#include "raw_request.h"

#define FUSE_USE_VERSION 35
#include <fuse_lowlevel.h>
#include <linux/fuse.h>

bool pail_raw_request_cannot_block(const struct fuse_buf *request)
{
        const struct fuse_in_header *header = request->mem;

        return header->opcode == FUSE_INTERRUPT || header->opcode == FUSE_FORGET || header->opcode == FUSE_BATCH_FORGET;
}
