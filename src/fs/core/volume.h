/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A volume, one bucket and prefix, as all folders know it.
 *
 * Locks: tree.mutex guards names and attributes of all inodes; it is held for moments only, never across a request or a disk
 * access. A file's mutex (data/base.h) guards its bytes and comes after it. What must be exclusive for the length of a request has a
 * lock of its own (lock.h): a busy state of the inode, with tree.changed to wait on.
 */
#ifndef PAIL_FS_CORE_VOLUME_H
#define PAIL_FS_CORE_VOLUME_H

#include <stdbool.h>
#include <stdint.h>

#include "fs/core/resources.h"
#include "pail/fs/fs.h"
#include "pail/store/spool.h"
#include "pail/util/future.h"
#include "pail/util/mutex.h"

struct pail_inode;
struct pail_object_data;

/* What the folders above tree/ hang on an inode, and how tree/ lets it go. Under tree.mutex. */
struct pail_inode_hooks {
        void (*unref_data)(struct pail_object_data *data); /* blocks for nothing */
};

struct pail_fs {
        struct pail_fs_options options; /* strings owned, prefix never NULL */
        struct pail_fs_shared *shared;
        const struct pail_inode_hooks *inode_hooks;
        struct pail_fs *prev_volume, *next_volume; /* shared->guarded.volumes */
        struct pail_spool *spool;
        _Atomic bool lacks_conditions; /* the server does not do conditional writes as it should: look before instead */
        struct {
                struct pail_mutex mutex;
                struct pail_cond changed; /* a lock, a listing or a question for attributes ended */
                struct pail_inode *by_id; /* uthash */
                struct pail_inode *root;
                uint64_t last_id;
                uint64_t serial; /* counts changes that this mount made on S3 */
                uint64_t hidden_keys;
                unsigned open_handles, lost_files;
                bool draining;
                struct pail_handle *handles; /* all open ones, for the drain */
        } tree;
};

/* Logs through the options' hook; never a secret. */
void pail_fs_log(const struct pail_fs *fs, bool is_error, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
/* When a call that begins now gives up. */
int64_t pail_fs_deadline(const struct pail_fs *fs);
/*
 * Runs a changing call on the pool for operations and waits for it; its argument (owned from here on) can be read while the future
 * lives.
 */
int pail_fs_run_operation(struct pail_fs *fs, int (*run)(void *argument), void (*release)(void *argument),
                          void *argument, struct pail_future **ret_future);
/* Of a new object: by the name of a file; of a directory its marker's; NULL: none. Borrowed from the mount. */
const char *pail_fs_content_type(const struct pail_fs *fs, mode_t mode, const char *name);

#endif
