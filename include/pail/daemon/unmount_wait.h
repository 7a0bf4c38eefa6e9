/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How umount waits until everything is sent: the daemon listens on an abstract unix socket named after the mount's
 * device number; whoever unmounts connects first, and hears from it at the daemon's end, or sees the connection break. Nothing is
 * left behind by a daemon that dies, and no path is needed.
 */
#ifndef PAIL_DAEMON_UNMOUNT_WAIT_H
#define PAIL_DAEMON_UNMOUNT_WAIT_H

#include <stddef.h>
#include <sys/types.h>

enum { PAIL_UNMOUNT_WAIT_MAX = 64 };

/* The daemon's side. */
struct pail_unmount_wait {
        int listener; /* -1: not listening */
        int waiters[PAIL_UNMOUNT_WAIT_MAX];
        unsigned count;
};
#define PAIL_UNMOUNT_WAIT_INIT ((struct pail_unmount_wait){ .listener = -1 })

/* Listens for the mount with this device number. -errno. */
int pail_unmount_wait_listen(struct pail_unmount_wait *unmount_wait, unsigned device_major, unsigned device_minor);
/* The mount has ended: takes in who waits and gives the name up, since the kernel may give the device number to the next mount. */
void pail_unmount_wait_accept(struct pail_unmount_wait *unmount_wait);
/* Tells all who wait. message "": all is sent. */
void pail_unmount_wait_tell(struct pail_unmount_wait *unmount_wait, const char *message);
void pail_unmount_wait_done(struct pail_unmount_wait *unmount_wait);

/* Unmounter. Only a daemon of root or of this user is believed: others could take the name. -errno: nobody listens. */
int pail_unmount_wait_connect(unsigned device_major, unsigned device_minor, uid_t owner, int *ret_fd);
/* Waits for the end. The message, "" when all is sent; -EPIPE: the daemon died without a word. */
int pail_unmount_wait_read(int fd, char *message, size_t size);

#endif
