/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Unmounts, and returns when the daemon has sent everything and is gone: with status 1 and a reason when it could not.
 * The mount itself is never touched by a path lookup, which could hang.
 */
#include "umount.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pail/daemon/unmount_wait.h"
#include "pail/fuse/mountinfo.h"
#include "pail/util/cleanup.h"
#include "pail/util/path.h"
#include "pail/util/str.h"

struct request {
        const char *mountpoint;
        bool is_lazy, is_forced;
};

static bool parse_request(int argc, char **argv, struct request *ret_request)
{
        *ret_request = (struct request){ 0 };
        optind = 0;
        int letter;
        /* -n no mtab, -v verbose, -r read-only instead when busy: nothing to do. */
        while ((letter = getopt(argc, argv, "lfnvrt:")) != -1) {
                if (letter == '?')
                        return false;
                ret_request->is_lazy = ret_request->is_lazy || letter == 'l';
                ret_request->is_forced = ret_request->is_forced || letter == 'f';
        }
        if (optind + 1 != argc)
                return false;
        ret_request->mountpoint = argv[optind];
        return true;
}

/* Resolves links in all components but the last. */
static int resolve_parent(const char *path, char **ret_path)
{
        _cleanup_free_ char *absolute = NULL, *parent = NULL;
        int r = pail_path_absolute(path, &absolute);
        if (r < 0)
                return r;
        size_t length = strlen(absolute);
        while (length > 1 && absolute[length - 1] == '/')
                absolute[--length] = '\0';
        char *slash = strrchr(absolute, '/');
        if (slash == absolute)
                return pail_str_dup(absolute, ret_path);
        *slash = '\0';
        parent = realpath(absolute, NULL);
        if (!parent)
                return -errno;
        return pail_str_printf(ret_path, "%s/%s", pail_str_equal(parent, "/") ? "" : parent, slash + 1);
}

static uid_t owner_of(const struct pail_mountinfo *info)
{
        const char *at = strstr(info->options, "user_id=");
        return at ? (uid_t)strtoul(at + strlen("user_id="), NULL, 10) : 0;
}

static int run_fusermount(const char *mountpoint, bool is_lazy)
{
        pid_t child = fork();
        if (child < 0)
                return -errno;
        if (child == 0) {
                execlp("fusermount3", "fusermount3", is_lazy ? "-uz" : "-u", "--", mountpoint, (char *)NULL);
                fprintf(stderr, "umount.fuse.pail: fusermount3: %s\n", strerror(errno));
                _exit(127);
        }
        int status;
        while (waitpid(child, &status, 0) < 0)
                if (errno != EINTR)
                        return -errno;
        return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EIO;
}

static int detach_mount(const char *mountpoint, const struct request *request)
{
        int flags = UMOUNT_NOFOLLOW | (request->is_lazy ? MNT_DETACH : 0) | (request->is_forced ? MNT_FORCE : 0);
        if (umount2(mountpoint, flags) == 0)
                return 0;
        if (errno == EPERM && geteuid() != 0)
                return run_fusermount(mountpoint, request->is_lazy); /* has said why */
        int r = -errno;
        if (r == -EBUSY)
                fprintf(stderr,
                        "umount.fuse.pail: %s is busy: a program has a file or its directory there (fuser -vm %s)\n",
                        mountpoint, mountpoint);
        else
                fprintf(stderr, "umount.fuse.pail: %s: %s\n", mountpoint, strerror(-r));
        return r;
}

static int wait_for_end(int fd, const char *mountpoint)
{
        char message[512];
        int r = pail_unmount_wait_read(fd, message, sizeof(message));
        if (r == 0 && !message[0])
                return EXIT_SUCCESS;
        fprintf(stderr, "umount.fuse.pail: %s: %s\n", mountpoint,
                r == 0 ? message : "the daemon died before it had sent everything");
        return EXIT_FAILURE;
}

int pail_umount_main(int argc, char **argv)
{
        struct request request;
        if (!parse_request(argc, argv, &request)) {
                fputs("usage: umount.fuse.pail MOUNTPOINT [-l] [-f] [-n] [-v] [-r] [-t TYPE]\n", stderr);
                return EXIT_FAILURE;
        }
        _cleanup_free_ char *mountpoint = NULL;
        _cleanup_(pail_mountinfo_done) struct pail_mountinfo info = { 0 };
        int r = resolve_parent(request.mountpoint, &mountpoint);
        if (r == 0)
                r = pail_mountinfo_find(mountpoint, &info);
        if (r < 0 || !pail_str_starts_with(info.type, "fuse")) {
                fprintf(stderr, "umount.fuse.pail: %s: %s\n", request.mountpoint,
                        r < 0 && r != -ENOENT ? strerror(-r) : "no bucket is mounted there");
                return EXIT_FAILURE;
        }
        _cleanup_close_ int daemon_fd = -1;
        (void)pail_unmount_wait_connect(info.device_major, info.device_minor, owner_of(&info), &daemon_fd);
        if (detach_mount(mountpoint, &request) < 0)
                return EXIT_FAILURE;
        /* A lazy unmount is for those who cannot wait. */
        return daemon_fd < 0 || request.is_lazy ? EXIT_SUCCESS : wait_for_end(daemon_fd, mountpoint);
}
