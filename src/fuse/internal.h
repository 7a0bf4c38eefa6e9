/* SPDX-License-Identifier: Apache-2.0 */
/* The driver as its files share it. Private to the layer. */
#ifndef PAIL_FUSE_INTERNAL_H
#define PAIL_FUSE_INTERNAL_H

#define FUSE_USE_VERSION 35
#include <fuse_lowlevel.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "pail/mount/mount.h"
#include "pail/fuse/driver.h"

struct pail_loop;
struct pail_notifier;

struct pail_driver {
        struct fuse_session *session;
        struct pail_forest *forest; /* borrowed */
        struct pail_loop *loop;
        struct pail_notifier *notifier;
        char *mountpoint;
        unsigned max_threads;
        unsigned max_read_bytes; /* 0: the kernel's */
        bool is_mounted;
        unsigned device_major, device_minor; /* of the mount; 0:0 unknown */
        _Atomic bool said_init;              /* the kernel's INIT was answered, or is about to be */
        _Atomic bool said_ready;             /* on_ready was called */
        void (*on_ready)(void *context);
        void *on_ready_context;
        void (*on_end)(void *context);
        void *on_end_context;
};

/* Each file of callbacks enters its own. */
void pail_fuse_entries_operations(struct fuse_lowlevel_ops *operations);
void pail_fuse_names_operations(struct fuse_lowlevel_ops *operations);
void pail_fuse_files_operations(struct fuse_lowlevel_ops *operations);
void pail_fuse_directories_operations(struct fuse_lowlevel_ops *operations);

/* The INIT callback: what of the protocol is used. user_data is the driver. */
void pail_fuse_negotiate(void *user_data, struct fuse_conn_info *connection);
/* Raises the kernel's read-ahead of this mount, where permitted. */
void pail_fuse_set_read_ahead(const struct pail_driver *driver);

#endif
