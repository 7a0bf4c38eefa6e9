/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PAIL_TESTS_SIM_KERNEL_PRIVATE_H
#define PAIL_TESTS_SIM_KERNEL_PRIVATE_H

#include "kernel.h"
#include "pail/util/mutex.h"
#include "pail/util/workpool.h"

struct kernel_inode {
        uint64_t id;
        struct stat attributes;
        int64_t attributes_until_ms;
        uint64_t lookups;
        uint64_t
                changed_at; /* kernel->clock, when the size last changed here: answers to older questions do not tell it */
        bool is_unlinked;
        unsigned references; /* names, open files, calls under way */
        struct pail_mutex lock;
        struct pail_mutex content_lock; /* after lock: the order of writes and cuts; O_TRUNC takes it alone */
        struct kernel_inode *next;
};

struct kernel_name {
        struct kernel_inode *parent, *inode;
        char *name;
        int64_t until_ms;
        struct kernel_name *next;
};

struct kernel {
        struct pail_sim *sim;
        struct pail_fs *fs;
        struct kernel_inode *inodes, *root;
        struct kernel_name *names;
        struct pail_mutex rename_lock; /* of renames between directories */
        struct pail_workpool *releases;
        uint64_t clock; /* counts changes of sizes */
        struct kernel_process *processes[KERNEL_PROCESSES_MAX];
        unsigned process_count;
        struct kernel *next; /* all of the run */
};

/* names.c */
struct kernel_inode *kernel_inode_hold(struct kernel_inode *inode);
void kernel_inode_drop(struct kernel *kernel, struct kernel_inode *inode); /* NULL is fine */
/* The inode of an answer, its lookup counted; held. asked_at: kernel->clock, when the question began. */
struct kernel_inode *kernel_inode_enter(struct kernel *kernel, const struct pail_fs_entry *entry, uint64_t asked_at);
/* What an answer tells of an inode; its size only when nothing here changed that meanwhile. */
void kernel_inode_learn(struct kernel_inode *inode, const struct stat *attributes, int64_t until_ms, uint64_t asked_at);
/* The size changed here. */
void kernel_inode_resize(struct kernel *kernel, struct kernel_inode *inode, uint64_t size);
void kernel_name_enter(struct kernel *kernel, struct kernel_inode *parent, const char *name, struct kernel_inode *inode,
                       int64_t ttl_ms);
void kernel_name_remove(struct kernel *kernel, struct kernel_inode *parent, const char *name);
/* Both names change places with what is there; to loses what it was. */
void kernel_name_move(struct kernel *kernel, struct kernel_inode *parent, const char *name,
                      struct kernel_inode *new_parent, const char *new_name);
/*
 * The inode of a name, held. is_locked: the caller has the parent's lock; else it is taken where the volume has to be asked.
 * is_fresh: the cache is not asked.
 */
int kernel_look_up(struct kernel *kernel, struct kernel_inode *parent, const char *name, bool is_locked, bool is_fresh,
                   struct kernel_inode **ret_inode);
/* The directory of the last component of path, held, and that component. */
int kernel_walk(struct kernel *kernel, const char *path, bool is_fresh, struct kernel_inode **ret_parent,
                const char **ret_name);
int kernel_walk_all(struct kernel *kernel, const char *path, bool is_fresh, struct kernel_inode **ret_inode);

/* What a call begins and ends with: the token of its process. */
static inline void kernel_enter(struct kernel_process *process)
{
        process->is_changing = false;
        pail_interrupt_install(&process->token);
}
static inline int kernel_leave(int result)
{
        pail_interrupt_install(NULL);
        return result;
}
/* From here on the volume is asked for a change: what is interrupted now goes on. */
static inline void kernel_begin_change(struct kernel_process *process)
{
        process->is_changing = true;
}
struct pail_fs_caller kernel_caller(const struct kernel_process *process);

#endif
