/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file system's own state, shared by tree/ (names, attributes) and write/ (bytes that S3 does not have yet).
 *
 * Locks: tree.mutex guards names and attributes of all nodes; it is held for moments only, never across a request or a disk
 * access. A draft's mutex (write/draft.h) guards its bytes and comes after it. What must be exclusive for the length of a request is
 * claimed (tree/claim.h): a busy state of the node, with tree.changed to wait on.
 */
#ifndef PAIL_FS_PRIVATE_H
#define PAIL_FS_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#include "fs/core/resources.h"
#include "pail/fs/fs.h"
#include "pail/store/spool.h"
#include "pail/util/future.h"
#include "pail/util/mutex.h"

struct pail_node;

struct pail_fs {
        struct pail_fs_options options; /* strings owned, prefix never NULL */
        struct pail_fs_shared *shared;
        struct pail_fs *previous_tree, *next_tree; /* shared->guarded.trees */
        struct pail_spool *spool;
        _Atomic bool lacks_conditions; /* the server does not do conditional writes as it should: look before instead */
        struct {
                struct pail_mutex mutex;
                struct pail_cond changed; /* a claim, a listing or a load ended */
                struct pail_node *by_id;  /* uthash */
                struct pail_node *root;
                uint64_t last_id;
                uint64_t serial; /* counts changes that this mount made on S3 */
                uint64_t hidden_keys;
                unsigned open_handles, dirty_files, lost_files;
                bool draining;
                struct pail_handle *handles; /* all open ones, for the drain */
        } tree;
};

/* Logs through the options' hook; never a secret. */
void pail_fs_log(const struct pail_fs *fs, bool is_error, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
/* When a call that begins now gives up. */
int64_t pail_fs_deadline(const struct pail_fs *fs);
/* Runs a changing call on the mutation pool and waits for it; its argument (owned from here on) can be read while the future lives. */
int pail_fs_mutate(struct pail_fs *fs, int (*run)(void *argument), void (*release)(void *argument), void *argument,
                   struct pail_future **ret_future);
/* Of a new object: by the name of a file; of a directory its marker's; NULL: none. Borrowed from the mount. */
const char *pail_content_type(const struct pail_fs *fs, mode_t mode, const char *name);
/* statfs.c: what every tree says of its space. */
void pail_fs_describe_space(bool read_only, struct statvfs *ret_statistics);

#endif
