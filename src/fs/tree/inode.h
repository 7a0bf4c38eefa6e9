/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An inode: a file or directory that the mount knows, by name in its parent and by id for the kernel. All fields are guarded by
 * fs->tree.mutex unless said otherwise.
 *
 * Life: an inode is freed when nobody can reach it: no lookups of the kernel, no references, no children, and either no name
 * (detached) or a parent that is being forgotten. Inodes with a name and nothing else are the cache of a listing.
 *
 * detached: the name is gone (unlinked, renamed over, or the object was replaced by someone else); open handles go on.
 */
#ifndef PAIL_FS_TREE_INODE_H
#define PAIL_FS_TREE_INODE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <uthash.h>

#include "attributes.h"
#include "fs/core/lock.h"

struct pail_file;
struct pail_listing_state;

struct pail_inode {
        uint64_t id;               /* the kernel's name for it; never used twice */
        uint64_t ino;              /* st_ino; inherited when an object is replaced */
        char *name;                /* "" for the root */
        struct pail_inode *parent; /* NULL: root or detached */
        struct pail_inode *children;
        UT_hash_handle by_id, by_name;
        uint64_t lookups;
        unsigned refs; /* of our own threads and handles */

        bool is_directory;
        bool is_detached;
        bool is_superseded; /* detached because someone else replaced or deleted the object: writing to it is ESTALE */
        bool is_loaded;     /* attributes come from the object's headers, or are ours */
        bool is_local;      /* the truth is here: made or changed, and not yet sent */
        bool is_remote;     /* S3 has an object under the key, as far as we know */
        bool is_loading;    /* one thread asks S3 for the headers */
        _Atomic bool has_delivered; /* without a lock; the kernel has, or had, bytes of this version */
        bool is_queued;             /* will be asked for, ahead of the caller (prefetch.h) */
        struct pail_lock lock;      /* its object: held while a change of it is under way */

        struct pail_attributes attributes;
        char *etag;           /* NULL: unknown or none */
        time_t last_modified; /* of that version, whole seconds; 0: unknown (we wrote it) */
        char *extra;          /* what is stored with the object beside our attributes; NULL: nothing */
        unsigned tag_count;
        int64_t checked_ms; /* when S3 last said so; INT64_MIN: never */
        int64_t seen_ms;    /* begin of the last listing that showed it */
        int64_t put_ms; /* when we made this object by a PUT, which gives it the default ACL; INT64_MIN: not known to be ours */
        uint64_t changed_serial; /* tree.serial of our last change on S3 */
        int error;               /* sticky, negative: a background upload failed; reported at the next open or fsync */

        struct pail_listing_state *listing; /* of directories; made on demand (directory.h) */
        struct pail_object_data *data;      /* bytes of this version, for readers; made on demand */
        char *target;                       /* of a symbolic link, once read */
        struct pail_file *file;             /* while open or unsent; its fields have a lock of their own */
};

/* All of these with the tree locked. */
struct pail_inode *pail_inode_new_locked(struct pail_fs *fs, struct pail_inode *parent, const char *name,
                                         bool is_directory, uint64_t ino);
struct pail_inode *pail_inode_by_id_locked(struct pail_fs *fs, uint64_t id);
struct pail_inode *pail_inode_child_locked(struct pail_fs *fs, struct pail_inode *parent, const char *name);
/* Takes the name away: lookups of it no longer find this inode. Frees the inode when nothing else holds it. */
void pail_inode_detach_locked(struct pail_fs *fs, struct pail_inode *inode);
/* Gives an inode (detached or not) another parent and name, where no inode is. -ENOMEM: unchanged. */
int pail_inode_move_locked(struct pail_fs *fs, struct pail_inode *inode, struct pail_inode *parent, const char *name);
void pail_inode_ref_locked(struct pail_fs *fs, struct pail_inode *inode);
void pail_inode_unref_locked(struct pail_fs *fs, struct pail_inode *inode);
void pail_inode_forget_locked(struct pail_fs *fs, struct pail_inode *inode, uint64_t lookups);
/* The key of the object: prefix, names joined by '/', and a final '/' for a directory. -ENAMETOOLONG over 1024 bytes; -ENOENT when detached. */
int pail_inode_key_locked(const struct pail_fs *fs, const struct pail_inode *inode, char **ret_key);
/* The key that name in parent has or would have. */
int pail_inode_child_key_locked(const struct pail_fs *fs, const struct pail_inode *parent, const char *name,
                                bool is_directory, char **ret_key);
/* Fills an entry and counts a lookup. */
void pail_inode_entry_locked(struct pail_fs *fs, struct pail_inode *inode, struct pail_fs_entry *ret_entry);
/* Milliseconds for which what is known of the inode may still be trusted. */
int64_t pail_inode_ttl_locked(const struct pail_fs *fs, const struct pail_inode *inode);
/* The bytes or headers changed on S3 by our own doing: new ETag, and the inode is up to date. etag NULL: unknown. is_put: not by a copy. */
int pail_inode_written_locked(struct pail_fs *fs, struct pail_inode *inode, const char *etag, bool is_put);
/* What is known of the object, as HEAD would tell it. -ENODATA: not enough, or not fresh. *ret_acl_is_default: we have just made it. */
int pail_inode_object_locked(const struct pail_fs *fs, const struct pail_inode *inode,
                             struct pail_remote_object *ret_object, bool *ret_acl_is_default);
/* The key of a file that is to be written: -ESTALE when somebody else has replaced or deleted the object. */
int pail_inode_writable_key_locked(const struct pail_fs *fs, const struct pail_inode *inode, char **ret_key);
/* The version that S3 has; borrowed. NULL: none, or unknown. */
const char *pail_inode_remote_etag_locked(const struct pail_fs *fs, const struct pail_inode *inode);
/* The file's bytes were changed here; is_unsent: and S3 does not have them yet. */
void pail_inode_note_written_locked(struct pail_fs *fs, struct pail_inode *inode, uint64_t size_bytes, bool is_unsent);
/* The error of a background upload, which is told once; 0: none. Without the lock. */
int pail_inode_steal_error(struct pail_fs *fs, struct pail_inode *inode);
/* Unlinked here: its bytes end with its last user. A file that others replaced, or whose directory went, still owes them to its writer. */
bool pail_inode_is_unlinked_locked(const struct pail_fs *fs, const struct pail_inode *inode);
/* What was changed here could not be sent: S3's version counts again, and error is told once. */
void pail_inode_revert_locked(struct pail_fs *fs, struct pail_inode *inode, int error);
void pail_inode_drop_data_locked(struct pail_fs *fs, struct pail_inode *inode);
/* What a listing entered under a name while a change of ours put something else there, which is newer: it goes. keep: not this inode. */
void pail_inode_clear_name_locked(struct pail_fs *fs, struct pail_inode *parent, const char *name,
                                  const struct pail_inode *keep);
/* Has the inode, or anything below it, bytes or a change that S3 does not have yet, or an open file? */
bool pail_inode_is_in_use_locked(const struct pail_fs *fs, const struct pail_inode *inode);
void pail_inode_free_tree(struct pail_fs *fs);

/* Without the lock. A reference, or -ESTALE for an id that is not there. */
int pail_inode_get(struct pail_fs *fs, uint64_t id, struct pail_inode **ret_inode);
void pail_inode_put(struct pail_fs *fs, struct pail_inode *inode); /* NULL is fine */

/* A reference for the length of a scope. */
struct pail_inode_pin {
        struct pail_fs *fs;
        struct pail_inode *inode;
};
static inline void pail_inode_pin_done(struct pail_inode_pin *pin)
{
        pail_inode_put(pin->fs, pin->inode);
}
#define _cleanup_pin_ __attribute__((cleanup(pail_inode_pin_done)))

#endif
