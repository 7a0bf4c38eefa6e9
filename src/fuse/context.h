/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What libfuse hands to every callback. Owned by the driver; constant while requests are served, but for is_negotiated. Private to the
 * layer.
 */
#ifndef PAIL_FUSE_CONTEXT_H
#define PAIL_FUSE_CONTEXT_H

#define FUSE_USE_VERSION 35
#include <fuse_lowlevel.h>
#include <stdatomic.h>
#include <stdbool.h>

struct pail_mount;

struct pail_fuse_context {
        struct fuse_session *session;
        struct pail_mount *mount; /* borrowed */
        unsigned max_threads;
        unsigned max_read_bytes;    /* 0: the kernel's */
        _Atomic bool is_negotiated; /* the kernel's INIT was answered, or is about to be */
};

#endif
