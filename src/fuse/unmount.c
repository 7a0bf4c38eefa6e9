/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libfuse leaves the mount point alone when the connection is gone already (aborted through /sys): every
 * access to it would fail with ENOTCONN for ever. So after libfuse did what it does, the mount table is asked whether our
 * device is still there.
 */
#include "unmount.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pail/fuse/mountinfo.h"
#include "pail/util/cleanup.h"
#include "pail/util/log.h"

/* Our own mount, still there? After an unmount by others the kernel gives its device number to the next mount, of whatever kind. */
static bool is_still_there(const struct pail_mountinfo *mounted)
{
        _cleanup_(pail_mountinfo_done) struct pail_mountinfo info = { 0 };
        return mounted->mountpoint && pail_mountinfo_find(mounted->mountpoint, &info) >= 0 &&
               info.device_major == mounted->device_major && info.device_minor == mounted->device_minor;
}

void pail_fuse_abort_connection(const struct pail_mountinfo *mounted)
{
        if (!is_still_there(mounted))
                return;
        char path[64];
        /* The directory is named by the device number as the kernel holds it: 20 bits of minor below the major. */
        snprintf(path, sizeof(path), "/sys/fs/fuse/connections/%u/abort",
                 mounted->device_major << 20 | mounted->device_minor);
        _cleanup_close_ int fd = open(path, O_WRONLY | O_CLOEXEC);
        if (fd < 0 || write(fd, "1", 1) != 1)
                pail_log_debug("the connection cannot be cut by %s", path);
}

static void run_fusermount(const char *mountpoint)
{
        pid_t child = fork();
        if (child < 0)
                return;
        if (child == 0) {
                execlp("fusermount3", "fusermount3", "-u", "-q", "-z", "--", mountpoint, (char *)NULL);
                _exit(127);
        }
        while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
                continue;
}

void pail_fuse_detach_mountpoint(const struct pail_mountinfo *mounted)
{
        if (is_still_there(mounted) && umount2(mounted->mountpoint, MNT_DETACH | UMOUNT_NOFOLLOW) < 0)
                run_fusermount(mounted->mountpoint);
}
