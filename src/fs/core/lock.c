/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Locks count upwards: each directory knows how many are held in its subtree, so that locking the whole of it needs no walk. One condition
 * variable serves all; locks last for requests, so the spurious wake-ups do not matter.
 */
#include "fs/core/lock.h"

#include <errno.h>

#include "pail/util/interrupt.h"

static void count_upwards(struct pail_lock *lock, unsigned difference)
{
        for (; lock; lock = lock->above)
                lock->held_below += difference;
}

void pail_lock_attach_locked(struct pail_fs *fs, struct pail_lock *lock, struct pail_lock *above)
{
        pail_mutex_assert_held(&fs->tree.mutex);
        lock->above = above;
        count_upwards(above, lock->held_below);
}

void pail_lock_detach_locked(struct pail_fs *fs, struct pail_lock *lock)
{
        pail_mutex_assert_held(&fs->tree.mutex);
        count_upwards(lock->above, -lock->held_below);
        lock->above = NULL;
}

bool pail_lock_is_in_held_tree(const struct pail_lock *lock)
{
        for (; lock; lock = lock->above)
                if (lock->is_tree_held)
                        return true;
        return false;
}

static int acquire_locked(struct pail_fs *fs, struct pail_lock *lock, int64_t deadline_ms)
{
        pail_mutex_assert_held(&fs->tree.mutex);
        while (lock->is_held || pail_lock_is_in_held_tree(lock)) {
                int r = pail_interrupt_wait(&fs->tree.changed, &fs->tree.mutex, deadline_ms);

                if (r < 0)
                        return r;
        }
        lock->is_held = true;
        count_upwards(lock, 1);
        return 0;
}

static void release_locked(struct pail_fs *fs, struct pail_lock *lock)
{
        pail_mutex_assert_held(&fs->tree.mutex);
        lock->is_held = false;
        count_upwards(lock, -1U);
        pail_cond_broadcast(&fs->tree.changed);
}

int pail_lock_acquire(struct pail_fs *fs, struct pail_lock *lock, int64_t deadline_ms)
{
        PAIL_LOCK(&fs->tree.mutex);
        return acquire_locked(fs, lock, deadline_ms);
}

void pail_lock_release(struct pail_fs *fs, struct pail_lock *lock)
{
        PAIL_LOCK(&fs->tree.mutex);
        release_locked(fs, lock);
}

int pail_lock_acquire_tree(struct pail_fs *fs, struct pail_lock *lock, int64_t deadline_ms)
{
        PAIL_LOCK(&fs->tree.mutex);
        int r = acquire_locked(fs, lock, deadline_ms);

        if (r < 0)
                return r;
        lock->is_tree_held = true;
        while (lock->held_below > 1) {
                r = pail_interrupt_wait(&fs->tree.changed, &fs->tree.mutex, deadline_ms);
                if (r < 0) {
                        lock->is_tree_held = false;
                        release_locked(fs, lock);
                        return r;
                }
        }
        return 0;
}

void pail_lock_release_tree(struct pail_fs *fs, struct pail_lock *lock)
{
        PAIL_LOCK(&fs->tree.mutex);
        lock->is_tree_held = false;
        release_locked(fs, lock);
}
