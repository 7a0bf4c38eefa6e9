/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a mount. Private to the layer. */
#ifndef PAIL_FUSE_UNMOUNT_H
#define PAIL_FUSE_UNMOUNT_H

struct pail_mountinfo;

/* mounted: what was found after we mounted; its mountpoint is NULL where nothing was found, and nothing is done then. */

/* Cuts the connection, so that whoever waits for an answer gets ENOTCONN and no notification hangs, where /sys permits. */
void pail_fuse_abort_connection(const struct pail_mountinfo *mounted);
/* Takes the mount point away if our mount still lies on it. */
void pail_fuse_detach_mountpoint(const struct pail_mountinfo *mounted);

#endif
