/* SPDX-License-Identifier: Apache-2.0 */
/* Where the buckets of a mount come from: what the router asks of the owner of sessions, clients and state directories. */
#ifndef PAIL_MOUNT_SOURCE_H
#define PAIL_MOUNT_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

struct pail_remote;

/* The buckets that an account lists. */
struct pail_mount_listed {
        char *name;
        struct timespec created;
};
struct pail_mount_list {
        struct pail_mount_listed *items;
        size_t count;
};
void pail_mount_list_done(struct pail_mount_list *list);

/* What a volume needs of its bucket. Owned by the source; borrowed until close. */
struct pail_mount_bucket {
        struct pail_remote *remote;
        const char *state_dir;
        bool can_list;
        void *owned; /* the source's own */
};

/*
 * group: the number of an account. Called without locks, by any thread; may wait for the network, interruptibly but for create and
 * remove. 0 or -errno.
 */
struct pail_mount_source {
        /* -EPERM: this account may not list; it can enter what it can name. *ret_list: pail_mount_list_done(). */
        int (*list)(void *context, unsigned group, struct pail_mount_list *ret_list);
        /* Is there such a bucket? -ENOENT, also where no bucket can have that name. */
        int (*exists)(void *context, unsigned group, const char *name);
        int (*open)(void *context, unsigned group, const char *name, struct pail_mount_bucket *ret_bucket);
        void (*close)(void *context, struct pail_mount_bucket *bucket);
        /* -EINVAL: no bucket can have that name; -EEXIST. */
        int (*create)(void *context, unsigned group, const char *name);
        /* -ENOTEMPTY. */
        int (*remove)(void *context, unsigned group, const char *name);
};

#endif
