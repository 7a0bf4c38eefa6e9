/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file system: POSIX on the objects of one bucket, a volume. The FUSE driver reaches it through a mount (pail/mount/mount.h) of one
 * or many; it knows nothing of FUSE's wire, but its model is the kernel's: nodes that the kernel looks up and forgets,
 * handles that it opens and releases.
 *
 * Every function returns 0 or -errno and is thread safe. Those that may wait for the network do so interruptibly
 * (pail/util/interrupt.h): -EINTR means that a query was given up, or that a mutation goes on by itself to its end.
 */
#ifndef PAIL_FS_FS_H
#define PAIL_FS_FS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/types.h>

#include "pail/fs/read_result.h"
#include "pail/fs/shared.h"
#include "pail/remote/remote.h"
#include "pail/util/mime.h"

struct pail_fs;
struct pail_handle;     /* an open file; it knows its volume */
struct pail_dir_handle; /* an open directory: a snapshot of its names; as well */

enum { PAIL_FS_ROOT = 1, PAIL_FS_VOLUME_SHIFT = 44 }; /* node id of the root, FUSE_ROOT_ID */

/* Ids of nodes, and st_ino, have the number of their volume in the upper bits, so that all volumes of a mount share one space of them. */
static inline uint64_t pail_fs_id(uint64_t volume, uint64_t number)
{
        return volume << PAIL_FS_VOLUME_SHIFT | number;
}
static inline uint64_t pail_fs_volume_of(uint64_t id)
{
        return id >> PAIL_FS_VOLUME_SHIFT;
}

struct pail_fs_options {
        struct pail_fs_shared *shared; /* a reference is taken, as of the next */
        struct pail_remote *remote;
        const char *prefix;        /* "" or ends with '/'; copied */
        const char *state_dir;     /* of this source and identity; exists, 0700; copied */
        uint64_t volume;           /* its number in the mount; 0 where its root is the mount's */
        uint64_t parent_ino;       /* of what is above its root; 0: nothing is */
        struct timespec root_time; /* of the root of a bucket, which has no object that could tell */
        uid_t uid;                 /* owner of what has no owner in its headers */
        gid_t gid;
        mode_t file_mode,
                dir_mode; /* permissions of what has none in its headers (0644, 0755), umask already applied */
        bool force_owner; /* uid/gid given as mount options override the headers */
        bool read_only;
        bool can_list;                 /* found out by the probe at mount */
        int64_t ttl_ms;                /* how long metadata is trusted */
        int64_t timeout_ms;            /* of a call in an outage */
        uint64_t part_size_bytes;      /* of uploads */
        unsigned max_connections;      /* of the HTTP engine, to size parallel work */
        const struct pail_mime *types; /* Content-Type of new files, by their names; borrowed; NULL: they get none */
        /* A node's cached pages or a name must be dropped by the kernel. Called from one notifier thread, without locks. May be NULL. */
        void (*invalidate_node)(void *context, uint64_t node_id);
        void (*invalidate_entry)(void *context, uint64_t parent_id, const char *name);
        void *notify_context;
        /* For background work only (late stores, lost+found): never with a secret. May be NULL. */
        void (*log)(void *context, bool is_error, const char *message);
        void *log_context;
};

/* Prepares the state directory (moves what a crash left to lost+found). No request is sent. */
int pail_fs_new(const struct pail_fs_options *options, struct pail_fs **ret_fs);
/*
 * All volumes of a mount at once, when no call is under way. Counts as RELEASE of every open handle: sends what is dirty, waits for all
 * that is under way until deadline_ms (monotonic). Returns the number of files whose bytes could not be sent and lie in lost+found.
 */
unsigned pail_fs_drain(struct pail_fs *const *volumes, size_t count, int64_t deadline_ms);
/* Whether anything that has a name in it is open, unsent or being changed. */
bool pail_fs_is_in_use(struct pail_fs *fs);
void pail_fs_free(struct pail_fs *fs);

struct pail_fs_caller {
        uid_t uid;
        gid_t gid;
        pid_t pid; /* thread id, as FUSE tells; 0: unknown */
        mode_t umask;
};

struct pail_fs_entry {
        uint64_t node_id;       /* 0: a negative entry (does not exist, may be cached for entry_ttl_ms) */
        struct stat attributes; /* st_ino is stable over replaced objects; node_id is not */
        int64_t entry_ttl_ms, attributes_ttl_ms;
};

/* Each entry returned with a node_id counts one lookup on that node, to be forgotten with pail_fs_forget. lookup of an absent name: 0 with node_id 0. */
int pail_fs_lookup(struct pail_fs *fs, uint64_t parent, const char *name, struct pail_fs_entry *ret_entry);
void pail_fs_forget(struct pail_fs *fs, uint64_t node, uint64_t lookups);

/* handle may be NULL. */
int pail_fs_getattr(struct pail_fs *fs, uint64_t node, struct pail_handle *handle, struct stat *ret_attributes,
                    int64_t *ret_ttl_ms);

enum pail_fs_set {
        PAIL_FS_SET_MODE = 1 << 0,
        PAIL_FS_SET_UID = 1 << 1,
        PAIL_FS_SET_GID = 1 << 2,
        PAIL_FS_SET_SIZE = 1 << 3,
        PAIL_FS_SET_ATIME = 1 << 4,
        PAIL_FS_SET_MTIME = 1 << 5,
        PAIL_FS_SET_ATIME_NOW = 1 << 6,
        PAIL_FS_SET_MTIME_NOW = 1 << 7,
        PAIL_FS_SET_CTIME = 1 << 8,
};
int pail_fs_setattr(struct pail_fs *fs, uint64_t node, struct pail_handle *handle, const struct stat *attributes,
                    unsigned set, struct stat *ret_attributes, int64_t *ret_ttl_ms);

/* Owned by the caller. */
int pail_fs_readlink(struct pail_fs *fs, uint64_t node, char **ret_target);
int pail_fs_symlink(struct pail_fs *fs, uint64_t parent, const char *name, const char *target,
                    const struct pail_fs_caller *caller, struct pail_fs_entry *ret_entry);
/* Regular files, FIFOs, sockets, devices. */
int pail_fs_mknod(struct pail_fs *fs, uint64_t parent, const char *name, mode_t mode, dev_t device,
                  const struct pail_fs_caller *caller, struct pail_fs_entry *ret_entry);
int pail_fs_mkdir(struct pail_fs *fs, uint64_t parent, const char *name, mode_t mode,
                  const struct pail_fs_caller *caller, struct pail_fs_entry *ret_entry);
int pail_fs_unlink(struct pail_fs *fs, uint64_t parent, const char *name);
int pail_fs_rmdir(struct pail_fs *fs, uint64_t parent, const char *name);
/* flags: 0 or RENAME_NOREPLACE; others -EINVAL. */
int pail_fs_rename(struct pail_fs *fs, uint64_t parent, const char *name, uint64_t new_parent, const char *new_name,
                   unsigned flags);

/* flags as of open(2). ret_keep_cache: the kernel may keep the pages it has. */
int pail_fs_open(struct pail_fs *fs, uint64_t node, int flags, const struct pail_fs_caller *caller,
                 struct pail_handle **ret_handle, bool *ret_keep_cache);
int pail_fs_create(struct pail_fs *fs, uint64_t parent, const char *name, mode_t mode, int flags,
                   const struct pail_fs_caller *caller, struct pail_fs_entry *ret_entry,
                   struct pail_handle **ret_handle);
/* The bytes are lent: write them out, then pail_content_result_done(). Less than size only at the end of the file. */
int pail_fs_read(struct pail_handle *handle, size_t size, uint64_t offset, struct pail_content_result *ret_result);
/* All of it or an error. */
int pail_fs_write(struct pail_handle *handle, const void *data, size_t size, uint64_t offset);
/* close(2) of one descriptor, by any process that has one. */
int pail_fs_flush(struct pail_handle *handle, const struct pail_fs_caller *caller);
int pail_fs_fsync(struct pail_handle *handle);
/* The last one is gone: the handle is invalid afterwards. May block for an upload. */
void pail_fs_release(struct pail_handle *handle);

int pail_fs_opendir(struct pail_fs *fs, uint64_t node, struct pail_dir_handle **ret_handle);
/*
 * Calls emit for each entry from offset on (0: from the start; an offset is what emit was given as next_offset) until it returns
 * non-zero ("full": the entry was not taken) or the end. With plus, entry is filled and, when taken, counts a lookup (but "." and ".." never do);
 * without, only st_ino and the type in st_mode (0: unknown) are set. entry->node_id 0 with plus: attributes are unknown now, the kernel will look up.
 */
typedef int pail_fs_emit(void *context, const char *name, const struct pail_fs_entry *entry, uint64_t next_offset);
int pail_fs_readdir(struct pail_dir_handle *handle, uint64_t offset, bool plus, pail_fs_emit *emit, void *context);
/* fsync of a directory: nothing is ever pending. */
void pail_fs_releasedir(struct pail_dir_handle *handle);

int pail_fs_statfs(struct pail_fs *fs, struct statvfs *ret_statistics);
/* What every volume says of its space. */
void pail_fs_describe_space(bool read_only, struct statvfs *ret_statistics);
/* Attributes of a directory that no object tells of. time: 0: not known. */
void pail_fs_describe_directory(const struct pail_fs_options *options, uint64_t ino, struct timespec time,
                                struct stat *ret_attributes);

struct pail_fs_counters {
        unsigned nodes, open_handles, dirty_files, uploads;
        uint64_t hidden_keys; /* seen that no path can express */
};
/* Adds this volume's. Those of the memory are of all volumes (pail_fs_shared_counters). */
void pail_fs_counters(struct pail_fs *fs, struct pail_fs_counters *counters);

#endif
