/* SPDX-License-Identifier: Apache-2.0 */
/* A request as it came from the device, before libfuse has looked at it. Private to the layer. */
#ifndef PAIL_FUSE_RAW_REQUEST_H
#define PAIL_FUSE_RAW_REQUEST_H

#include <stdbool.h>

struct fuse_buf;

/* Whether serving it is done at once: nothing of it goes to the network, and the kernel waits for no answer. */
bool pail_raw_request_cannot_block(const struct fuse_buf *request);

#endif
