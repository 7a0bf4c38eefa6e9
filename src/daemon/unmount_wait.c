/* SPDX-License-Identifier: Apache-2.0 */
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

int pail_parting_listen(struct pail_parting *parting, unsigned device_major, unsigned device_minor)
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
        if (listen(fd, PAIL_PARTING_WAITERS_MAX) < 0)
                return -errno;
        parting->listener = pail_steal_fd(&fd);
        return 0;
}

void pail_parting_collect(struct pail_parting *parting)
{
        if (parting->listener < 0)
                return;
        while (parting->count < PAIL_PARTING_WAITERS_MAX) {
                int waiter = accept4(parting->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
                if (waiter < 0)
                        break;
                parting->waiters[parting->count++] = waiter;
        }
        close(parting->listener);
        parting->listener = -1;
}

void pail_parting_tell(struct pail_parting *parting, const char *message)
{
        for (unsigned i = 0; i < parting->count; i++) {
                /* A full line, so that an end without one is a death. Who does not read does not hear. */
                if (dprintf(parting->waiters[i], "%s\n", message) < 0)
                        continue;
        }
}

void pail_parting_done(struct pail_parting *parting)
{
        pail_parting_collect(parting);
        for (unsigned i = 0; i < parting->count; i++)
                close(parting->waiters[i]);
        *parting = PAIL_PARTING_INIT;
}

int pail_parting_connect(unsigned device_major, unsigned device_minor, uid_t owner, int *ret_fd)
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

int pail_parting_wait(int fd, char *message, size_t size)
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
