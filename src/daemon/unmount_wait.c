/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Life of the daemon's side: listening (from the mount on), accepted (the mount has ended: who waits is known, the name is free again), told, done.
 * Rejected: a file or a lock in the state directory, since umount of another user cannot read it; a signal or a process id, since those are reused.
 */
#include "pail/daemon/unmount_wait.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "pail/util/cleanup.h"

enum { BIND_ATTEMPTS = 20, BIND_PAUSE_US = 50000 };

/* Abstract: the first byte of the path is NUL (unix(7)). */
static socklen_t make_address(unsigned device_major, unsigned device_minor, struct sockaddr_un *ret_address)
{
        *ret_address = (struct sockaddr_un){ .sun_family = AF_UNIX };
        int length = snprintf(ret_address->sun_path + 1, sizeof(ret_address->sun_path) - 1, "pail/mount/%u:%u",
                              device_major, device_minor);
        return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length);
}

int pail_unmount_wait_listen(struct pail_unmount_wait *unmount_wait, unsigned device_major, unsigned device_minor)
{
        struct sockaddr_un address;
        socklen_t length = make_address(device_major, device_minor, &address);
        _cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return -errno;
        /* A daemon whose mount had the same number may be on its way to give the name up. */
        for (int attempt = 0; bind(fd, (const void *)&address, length) < 0; attempt++) {
                if (errno != EADDRINUSE || attempt == BIND_ATTEMPTS)
                        return -errno;
                usleep(BIND_PAUSE_US);
        }
        if (listen(fd, PAIL_UNMOUNT_WAIT_MAX) < 0)
                return -errno;
        unmount_wait->listener = pail_steal_fd(&fd);
        return 0;
}

void pail_unmount_wait_accept(struct pail_unmount_wait *unmount_wait)
{
        if (unmount_wait->listener < 0)
                return;
        while (unmount_wait->count < PAIL_UNMOUNT_WAIT_MAX) {
                int waiter = accept4(unmount_wait->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
                if (waiter < 0)
                        break;
                unmount_wait->waiters[unmount_wait->count++] = waiter;
        }
        close(unmount_wait->listener);
        unmount_wait->listener = -1;
}

void pail_unmount_wait_tell(struct pail_unmount_wait *unmount_wait, const char *message)
{
        for (unsigned i = 0; i < unmount_wait->count; i++) {
                /* A full line, so that an end without one is a death. Who does not read does not hear. */
                if (dprintf(unmount_wait->waiters[i], "%s\n", message) < 0)
                        continue;
        }
}

void pail_unmount_wait_done(struct pail_unmount_wait *unmount_wait)
{
        pail_unmount_wait_accept(unmount_wait);
        for (unsigned i = 0; i < unmount_wait->count; i++)
                close(unmount_wait->waiters[i]);
        *unmount_wait = PAIL_UNMOUNT_WAIT_INIT;
}

int pail_unmount_wait_connect(unsigned device_major, unsigned device_minor, uid_t owner, int *ret_fd)
{
        struct sockaddr_un address;
        socklen_t length = make_address(device_major, device_minor, &address);
        _cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0 || connect(fd, (const void *)&address, length) < 0)
                return -errno;
        struct ucred peer;
        socklen_t size = sizeof(peer);
        if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
                return -errno;
        if (peer.uid != 0 && peer.uid != owner)
                return -EPERM;
        *ret_fd = pail_steal_fd(&fd);
        return 0;
}

int pail_unmount_wait_read(int fd, char *message, size_t size)
{
        size_t length = 0;
        for (;;) {
                ssize_t count = read(fd, message + length, size - 1 - length);
                if (count < 0 && errno == EINTR)
                        continue;
                if (count <= 0)
                        return -EPIPE;
                length += (size_t)count;
                message[length] = '\0';
                char *end = strchr(message, '\n');
                if (end) {
                        *end = '\0';
                        return 0;
                }
                if (length == size - 1)
                        return 0;
        }
}
