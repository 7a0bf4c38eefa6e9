/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PAIL_FAKE_PRIVATE_H
#define PAIL_FAKE_PRIVATE_H

#include "fake.h"
#include "pail/util/mutex.h"

struct fake_node {
        uint64_t id, lookups;
        unsigned handles;
        struct fake_node *parent; /* NULL: unlinked */
        char name[256];
        struct stat attributes;
        char *data; /* content, or target of a link */
        struct fake_node *prev, *next;
};

struct pail_handle {
        struct pail_fs *fs;
        struct fake_node *node;
        struct pail_handle *prev, *next;
};

struct pail_dir_handle {
        struct pail_fs *fs;
        struct fake_node *node;
        struct pail_dir_handle *prev, *next;
};

/* One lock for everything: nobody measures this. */
struct pail_fs {
        struct pail_mutex mutex;
        struct pail_cond never; /* hung calls wait here */
        struct fake_node *nodes;
        struct pail_handle *open_files;
        struct pail_dir_handle *open_directories;
        uint64_t root_id, next_id;
        unsigned handles;
};

struct fake_node *fake_find_locked(struct pail_fs *fs, uint64_t id);
struct fake_node *fake_child_locked(struct pail_fs *fs, const struct fake_node *parent, const char *name);
int fake_make_locked(struct pail_fs *fs, uint64_t parent, const char *name, mode_t mode,
                     const struct pail_fs_caller *caller, struct fake_node **ret_node);
void fake_fill_locked(struct fake_node *node, struct pail_fs_entry *ret_entry);
/* Frees a node that has no name, no lookups and no handles. */
void fake_free_unused_locked(struct pail_fs *fs, struct fake_node *node);
/* -EINTR, sooner or later, for a node that hangs; else 0. */
int fake_hang_locked(struct pail_fs *fs, const struct fake_node *node);

#endif
