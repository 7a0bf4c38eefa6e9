/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is agreed upon with the kernel at INIT. The measured reasons are in docs/architecture.md; in short:
 * requests of 1 MiB move data 1.8 times as fast as those of 128 KiB, a splice of 1 MiB is slower than a copy because pipes end at
 * 1 MiB, and READDIRPLUS_AUTO answers "ls -l" without making plain "ls" pay.
 *
 * - WRITEBACK_CACHE never: the kernel would invent sizes and times, and write after close.
 * - ATOMIC_O_TRUNC always: an open with O_TRUNC must not fetch what it throws away.
 * - AUTO_INVAL_DATA never: it drops all cached pages whenever a time changes, which each of our own writes does. A file replaced
 *   by somebody else is a new node with pages of its own.
 * - HANDLE_KILLPRIV never: the kernel then takes set-user-ID bits off itself, by a setattr.
 */
#include "negotiate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "context.h"
#include "pail/fuse/mountinfo.h"
#include "pail/util/cleanup.h"
#include "pail/util/log.h"

enum { REQUEST_BYTES = 1024 * 1024, READ_AHEAD_KIB = 1024 };

void pail_fuse_negotiate(void *context_, struct fuse_conn_info *connection)
{
        struct pail_fuse_context *context = context_;
        const unsigned used = FUSE_CAP_ASYNC_READ | FUSE_CAP_PARALLEL_DIROPS | FUSE_CAP_READDIRPLUS |
                              FUSE_CAP_READDIRPLUS_AUTO | FUSE_CAP_ATOMIC_O_TRUNC | FUSE_CAP_ASYNC_DIO |
                              FUSE_CAP_CACHE_SYMLINKS;
        const unsigned refused = FUSE_CAP_WRITEBACK_CACHE | FUSE_CAP_SPLICE_READ | FUSE_CAP_SPLICE_WRITE |
                                 FUSE_CAP_SPLICE_MOVE | FUSE_CAP_AUTO_INVAL_DATA | FUSE_CAP_HANDLE_KILLPRIV |
                                 FUSE_CAP_POSIX_ACL | FUSE_CAP_DONT_MASK;
        connection->want |= connection->capable & used;
        connection->want &= ~refused;

        if (connection->max_write > REQUEST_BYTES)
                connection->max_write = REQUEST_BYTES;
        connection->max_read = context->max_read_bytes;
        /* Releases are background requests and may wait for an upload: they must not fill all threads. */
        connection->max_background = context->max_threads / 2 > 0 ? context->max_threads / 2 : 1;
        connection->congestion_threshold = connection->max_background * 3 / 4;
        connection->time_gran = 1;
        atomic_store(&context->is_negotiated, true);
}

void pail_fuse_set_read_ahead(const struct pail_mountinfo *mounted)
{
        if (mounted->device_major == 0 && mounted->device_minor == 0)
                return;
        char path[64];
        snprintf(path, sizeof(path), "/sys/class/bdi/%u:%u/read_ahead_kb", mounted->device_major,
                 mounted->device_minor);
        _cleanup_close_ int fd = open(path, O_WRONLY | O_CLOEXEC);
        if (fd >= 0 && dprintf(fd, "%d\n", READ_AHEAD_KIB) > 0)
                return;
        /* Sequential reads are then about a third slower. */
        pail_log_debug("the kernel's read-ahead stays as it is: %s: %s", path, strerror(errno));
}
