/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How umount waits until everything is sent: the daemon listens on an abstract unix socket named after the mount's
 * device number; whoever unmounts connects first, and hears from it at the daemon's end, or sees the connection break. Nothing is
 * left behind by a daemon that dies, and no path is needed. Private to the layer.
 */
#ifndef PAIL_DAEMON_UNMOUNT_WAIT_H
#define PAIL_DAEMON_UNMOUNT_WAIT_H

#include <stddef.h>
#include <sys/types.h>

enum { PAIL_PARTING_WAITERS_MAX = 64 };

/* The daemon's side. */
struct pail_parting {
        int listener; /* -1: not listening */
        int waiters[PAIL_PARTING_WAITERS_MAX];
        unsigned count;
};
#define PAIL_PARTING_INIT ((struct pail_parting){ .listener = -1 })

/* Listens for the mount with this device number. -errno. */
int pail_parting_listen(struct pail_parting *parting, unsigned device_major, unsigned device_minor);
/* The mount has ended: takes in who waits and gives the name up, since the kernel may give the device number to the next mount. */
void pail_parting_collect(struct pail_parting *parting);
/* Tells all who wait. message "": all is sent. */
void pail_parting_tell(struct pail_parting *parting, const char *message);
void pail_parting_done(struct pail_parting *parting);

/* Unmounter. Only a daemon of root or of this user is believed: others could take the name. -errno: nobody listens. */
int pail_parting_connect(unsigned device_major, unsigned device_minor, uid_t owner, int *ret_fd);
/* Waits for the end. The message, "" when all is sent; -EPIPE: the daemon died without a word. */
int pail_parting_wait(int fd, char *message, size_t size);

#endif
