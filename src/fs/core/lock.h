/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Locks: exclusive use of an inode's object for the length of requests, without holding a mutex meanwhile. All fields and all
 * functions that end with _locked are under the volume's tree.mutex; who waits does so on tree.changed.
 *
 *   one object   one holder at a time; waits while the directory, or one above it, is locked as a tree
 *   a tree       of a directory: waits until nothing below it is locked, and keeps new locks out
 *
 * A thread takes at most: one tree, then locks outside of it. The kernel orders renames among themselves.
 */
#ifndef PAIL_FS_CORE_LOCK_H
#define PAIL_FS_CORE_LOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fs/core/volume.h"

/* A part of each inode. Zero-initialised: free, and below nothing. */
struct pail_lock {
        struct pail_lock *above; /* of the directory that the inode is in; NULL: the root, or without a name */
        bool is_held;            /* a change of the object is under way */
        bool is_tree_held;       /* of a directory: on its way to another name, or away */
        unsigned held_below;     /* locks that are held in the subtree, this one included */
};

/* The inode gets a name in a directory, or loses it; what is held below counts there. */
void pail_lock_attach_locked(struct pail_fs *fs, struct pail_lock *lock, struct pail_lock *above);
void pail_lock_detach_locked(struct pail_fs *fs, struct pail_lock *lock);
/* Is the tree held that the inode belongs to, itself included? */
bool pail_lock_is_in_held_tree(const struct pail_lock *lock);

/* Waits interruptibly until deadline_ms: 0, -EINTR, -ETIMEDOUT. */
int pail_lock_acquire(struct pail_fs *fs, struct pail_lock *lock, int64_t deadline_ms);
void pail_lock_release(struct pail_fs *fs, struct pail_lock *lock);

/* For directories: the object and all that is below. */
int pail_lock_acquire_tree(struct pail_fs *fs, struct pail_lock *lock, int64_t deadline_ms);
void pail_lock_release_tree(struct pail_fs *fs, struct pail_lock *lock);

/* A lock for the length of a scope; NULL: none. */
struct pail_lock_pin {
        struct pail_fs *fs;
        struct pail_lock *lock;
};
static inline void pail_lock_pin_done(struct pail_lock_pin *pin)
{
        if (pin->lock)
                pail_lock_release(pin->fs, pin->lock);
}
#define _cleanup_lock_ __attribute__((cleanup(pail_lock_pin_done)))

#endif
