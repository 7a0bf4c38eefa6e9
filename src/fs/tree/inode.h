/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A node: a file or directory that the mount knows, by name in its parent and by id for the kernel. All fields are guarded by
 * fs->tree.mutex unless said otherwise.
 *
 * Life: a node is freed when nobody can reach it: no lookups of the kernel, no references, no children, and either no name
 * (detached) or a parent that is being forgotten. Nodes with a name and nothing else are the cache of a listing.
 *
 * detached: the name is gone (unlinked, renamed over, or the object was replaced by someone else); open handles go on.
 */
#ifndef PAIL_FS_TREE_NODE_H
#define PAIL_FS_TREE_NODE_H

#include <stdbool.h>
#include <stdint.h>
#include <uthash.h>

#include "fs/core/volume.h"
#include "fs/tree/attributes.h"

struct pail_draft;
struct pail_directory;

struct pail_node {
        uint64_t id;              /* the kernel's name for it; never used twice */
        uint64_t ino;             /* st_ino; inherited when an object is replaced */
        char *name;               /* "" for the root */
        struct pail_node *parent; /* NULL: root or detached */
        struct pail_node *children;
        UT_hash_handle by_id, by_name;
        uint64_t lookups;
        unsigned references; /* of our own threads and handles */

        bool is_directory;
        bool is_detached;
        bool is_superseded; /* detached because someone else replaced or deleted the object: writing to it is ESTALE */
        bool is_loaded;     /* attributes come from the object's headers, or are ours */
        bool is_local;      /* the truth is here: made or changed, and not yet sent */
        bool is_remote;     /* S3 has an object under the key, as far as we know */
        bool is_loading;    /* one thread asks S3 for the headers */
        bool has_delivered; /* the kernel has, or had, bytes of this version */
        bool is_queued;     /* will be asked for, ahead of the caller (ahead.c) */
        bool is_claimed;    /* a change of the object is under way (claim.h) */
        bool is_moving;     /* a directory on its way to another name */
        unsigned claims_below; /* claimed nodes in the subtree, itself included */

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

        struct pail_directory *directory; /* of directories; made on demand */
        struct pail_content *content;     /* bytes of this version, for readers; made on demand */
        char *target;                     /* of a symbolic link, once read */
        struct pail_draft *draft;         /* while open or unsent; its fields have a lock of their own */
};

/* All of these with the tree locked. */
struct pail_node *pail_node_new_locked(struct pail_fs *fs, struct pail_node *parent, const char *name,
                                       bool is_directory, uint64_t ino);
struct pail_node *pail_node_by_id_locked(struct pail_fs *fs, uint64_t id);
struct pail_node *pail_node_child_locked(struct pail_fs *fs, struct pail_node *parent, const char *name);
/* Takes the name away: lookups of it no longer find this node. Frees the node when nothing else holds it. */
void pail_node_detach_locked(struct pail_fs *fs, struct pail_node *node);
/* Gives a node (detached or not) another parent and name, where no node is. -ENOMEM: unchanged. */
int pail_node_move_locked(struct pail_fs *fs, struct pail_node *node, struct pail_node *parent, const char *name);
void pail_node_ref_locked(struct pail_node *node);
void pail_node_unref_locked(struct pail_fs *fs, struct pail_node *node);
void pail_node_forget_locked(struct pail_fs *fs, struct pail_node *node, uint64_t lookups);
/* The key of the object: prefix, names joined by '/', and a final '/' for a directory. -ENAMETOOLONG over 1024 bytes; -ENOENT when detached. */
int pail_node_key_locked(const struct pail_fs *fs, const struct pail_node *node, char **ret_key);
/* The key that name in parent has or would have. */
int pail_node_child_key_locked(const struct pail_fs *fs, const struct pail_node *parent, const char *name,
                               bool is_directory, char **ret_key);
/* Fills an entry and counts a lookup. */
void pail_node_entry_locked(struct pail_fs *fs, struct pail_node *node, struct pail_fs_entry *ret_entry);
/* Milliseconds for which what is known of the node may still be trusted. */
int64_t pail_node_ttl_locked(const struct pail_fs *fs, const struct pail_node *node);
/* The bytes or headers changed on S3 by our own doing: new ETag, and the node is up to date. etag NULL: unknown. is_put: not by a copy. */
int pail_node_written_locked(struct pail_fs *fs, struct pail_node *node, const char *etag, bool is_put);
/* What is known of the object, as HEAD would tell it. -ENODATA: not enough, or not fresh. *ret_acl_is_default: we have just made it. */
int pail_node_object_locked(const struct pail_fs *fs, const struct pail_node *node,
                            struct pail_remote_object *ret_object, bool *ret_acl_is_default);
void pail_node_drop_content_locked(struct pail_node *node);
/* What a listing entered under a name while a change of ours put something else there, which is newer: it goes. keep: not this node. */
void pail_node_clear_name_locked(struct pail_fs *fs, struct pail_node *parent, const char *name,
                                 const struct pail_node *keep);
/* Has the node, or anything below it, bytes or a change that S3 does not have yet, or an open file? */
bool pail_node_is_in_use_locked(const struct pail_node *node);
/* Is the node, or a directory above it, on its way to another name? */
bool pail_node_is_moving_locked(const struct pail_node *node);
void pail_node_free_tree(struct pail_fs *fs);

/* Without the lock. A reference, or -ESTALE for an id that is not there. */
int pail_node_get(struct pail_fs *fs, uint64_t id, struct pail_node **ret_node);
void pail_node_put(struct pail_fs *fs, struct pail_node *node); /* NULL is fine */

/* A reference for the length of a scope. */
struct pail_node_pin {
        struct pail_fs *fs;
        struct pail_node *node;
};
static inline void pail_node_pin_done(struct pail_node_pin *pin)
{
        pail_node_put(pin->fs, pin->node);
}
#define _cleanup_pin_ __attribute__((cleanup(pail_node_pin_done)))

#endif
