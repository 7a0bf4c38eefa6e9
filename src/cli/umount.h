/* SPDX-License-Identifier: Apache-2.0 */
/* umount.fuse.pail, which umount(8) runs. Private to the layer. */
#ifndef PAIL_CLI_UMOUNT_H
#define PAIL_CLI_UMOUNT_H

/* The exit status. */
int pail_umount_main(int argc, char **argv);

#endif
