/* SPDX-License-Identifier: Apache-2.0 */
/* What a read gives: bytes that are lent by the pool of blocks where they lie, pinned until done. */
#ifndef PAIL_FS_READ_RESULT_H
#define PAIL_FS_READ_RESULT_H

#include <stddef.h>
#include <sys/uio.h>

enum { PAIL_CONTENT_IOV_MAX = 16 };

struct pail_content_result {
        struct iovec iov[PAIL_CONTENT_IOV_MAX];
        unsigned count;
        size_t size_bytes;
        void *owner; /* data/'s own; or heap memory for results of other origin */
        void (*release)(struct pail_content_result *result); /* NULL: nothing to release */
};
void pail_content_result_done(struct pail_content_result *result);

#endif
