/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A mount that does nothing, for tests of the driver: each call notes what it was given, answers what the test has put here, and is linked in the
 * place of the true one. Not locked: a test that has several threads looks at what `meanwhile` tells it.
 */
#ifndef PAIL_TESTS_UNIT_FUSE_FAKE_MOUNT_H
#define PAIL_TESTS_UNIT_FUSE_FAKE_MOUNT_H

#include "pail/mount/mount.h"

enum { FAKE_FORGETS_MAX = 16, FAKE_PARTS = 2 };

struct fake_name {
        const char *name;
        struct pail_fs_entry entry;
};

struct fake {
        /* What is answered. */
        int r;                         /* of the call; < 0: it fails */
        struct pail_fs_entry entry;    /* of those that make or find something */
        struct stat attributes;        /* getattr, setattr */
        int64_t ttl_ms;                /* of them */
        const char *target;            /* readlink */
        struct statvfs statistics;     /* statfs */
        bool keep_cache;               /* open */
        const char *part[FAKE_PARTS];  /* read: lent in pieces */
        const struct fake_name *names; /* readdir; ends with a NULL; an offset is an index */
        int end_of_names;              /* its result behind the last; < 0: fails there */
        /* Called within each call that returns an int, which then returns what this returns, if that is < 0. */
        int (*meanwhile)(void);

        /* What was called. */
        unsigned calls;
        const char *last; /* name of the last one: "lookup" */
        uint64_t node, new_parent, offset;
        char name[2048], new_name[2048]; /* of a symbolic link: the second is its target */
        mode_t mode;
        dev_t device;
        int flags;
        unsigned set;
        size_t size;
        char data[64];
        bool plus;
        struct pail_fs_caller caller;
        struct pail_handle *handle;
        struct stat given;
        unsigned opens, releases, dir_opens, dir_releases, lent, taken_back; /* handles and read results */
        bool was_answered_before_release;
        int answer_fd; /* where that is looked for */
        size_t forgets;
        struct {
                uint64_t node, lookups;
        } forgotten[FAKE_FORGETS_MAX];
};
extern struct fake fake;

struct pail_mount *fake_mount(void);
struct pail_handle *fake_handle(void);

#endif
