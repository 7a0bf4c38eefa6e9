/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The FUSE driver: libfuse3's low-level callbacks translated to calls of a mount (pail/mount/mount.h). Translation only, no policy.
 */
#ifndef PAIL_FUSE_DRIVER_H
#define PAIL_FUSE_DRIVER_H

#include <stdbool.h>
#include <stdint.h>

struct pail_driver;
struct pail_mount;

struct pail_driver_options {
        const char *mountpoint; /* absolute; copied */
        const char *source;     /* shown as fsname in /proc/mounts: copied */
        const char *const *
                fuse_options; /* generic ones for libfuse ("allow_other", "auto_unmount", "nosuid"…), NULL-terminated; borrowed during new */
        bool debug;           /* libfuse's own trace */
        unsigned max_threads; /* 0: 64 */
};

/* Prepares the session without mounting. -EINVAL: libfuse refused the options. */
int pail_driver_new(const struct pail_driver_options *options, struct pail_driver **ret_driver);
void pail_driver_free(struct pail_driver *driver);
/* What the callbacks work on (borrowed); must be set before run. */
void pail_driver_set_mount(struct pail_driver *driver, struct pail_mount *mount);
/* For pail_fs_options.invalidate_*; context is the driver. Queued, sent by the notifier thread. */
void pail_driver_invalidate_node(void *driver, uint64_t node_id);
void pail_driver_invalidate_entry(void *driver, uint64_t parent_id, const char *name);

/* Mounts. -errno; what libfuse or fusermount3 printed is in ret_message (owned, may be NULL), one line. */
int pail_driver_mount(struct pail_driver *driver, char **ret_message);
/* Serves until unmounted or stopped; 0 or -errno. on_ready (may be NULL) runs once the kernel said INIT. */
int pail_driver_run(struct pail_driver *driver, void (*on_ready)(void *context), void *context);
/* Called by run(), on its thread, when the connection has ended or stop was asked for, before the requests under way are finished. Set before run. */
void pail_driver_set_on_end(struct pail_driver *driver, void (*on_end)(void *context), void *context);
/* Ends run() soon. Async-signal-safe. */
void pail_driver_stop(struct pail_driver *driver);
void pail_driver_unmount(struct pail_driver *driver);

#endif
