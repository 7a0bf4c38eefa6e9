/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How umount waits until everything is sent: the daemon listens on an abstract unix socket named after the mount's
 * device number; whoever unmounts connects first, and hears from it at the daemon's end, or sees the connection break. Nothing is
 * left behind by a daemon that dies, and no path is needed. Private to the layer.
 */
#ifndef PAIL_CLI_PARTING_H
#define PAIL_CLI_PARTING_H

#include <stddef.h>
#include <sys/types.h>

/* Daemon: listens for the mount with this device number. -errno. */
int pail_parting_listen(unsigned device_major, unsigned device_minor, int *ret_fd);
/* Daemon, at its end: tells all who wait. message "": all is sent. */
void pail_parting_tell(int fd, const char *message);

/* Unmounter. Only a daemon of root or of this user is believed: others could take the name. -errno: nobody listens. */
int pail_parting_connect(unsigned device_major, unsigned device_minor, uid_t owner, int *ret_fd);
/* Waits for the end. The message, "" when all is sent; -EPIPE: the daemon died without a word. */
int pail_parting_wait(int fd, char *message, size_t size);

#endif
