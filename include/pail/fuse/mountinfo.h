/* SPDX-License-Identifier: Apache-2.0 */
/* What is mounted where, from /proc/self/mountinfo (proc(5)). Never touches the mounts themselves. Stateless, thread safe. */
#ifndef PAIL_FUSE_MOUNTINFO_H
#define PAIL_FUSE_MOUNTINFO_H

#include <sys/types.h>

struct pail_mountinfo {
        unsigned device_major, device_minor; /* st_dev of what is in it */
        char *mountpoint;                    /* owned, unescaped, as are the others */
        char *type;                          /* "fuse.pail" */
        char *source;
        char *options; /* of the superblock: "rw,user_id=0,group_id=0" */
};
void pail_mountinfo_done(struct pail_mountinfo *info);

/* One line of the file. -EINVAL: not such a line. */
int pail_mountinfo_parse(const char *line, struct pail_mountinfo *ret_info);
/* The topmost mount on exactly this absolute path. -ENOENT: none. */
int pail_mountinfo_find(const char *mountpoint, struct pail_mountinfo *ret_info);

#endif
