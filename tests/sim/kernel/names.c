/* SPDX-License-Identifier: Apache-2.0 */
/* Inodes, names and their cache. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pail/util/clock.h"
#include "pail/util/str.h"
#include "private.h"

struct kernel_inode *kernel_inode_hold(struct kernel_inode *inode)
{
        inode->references++;
        return inode;
}

static void free_inode(struct kernel *kernel, struct kernel_inode *inode)
{
        struct kernel_inode **at = &kernel->inodes;
        uint64_t id = inode->id, lookups = inode->lookups;

        while (*at != inode)
                at = &(*at)->next;
        *at = inode->next;
        pail_mutex_done(&inode->content_lock);
        pail_mutex_done(&inode->lock);
        free(inode);
        pail_fs_forget(kernel->fs, id, lookups);
}

void kernel_inode_drop(struct kernel *kernel, struct kernel_inode *inode)
{
        if (!inode)
                return;
        PAIL_SIM_CHECK(inode->references > 0);
        if (--inode->references == 0 && inode != kernel->root)
                free_inode(kernel, inode);
}

uint64_t kernel_inode_id(const struct kernel_inode *inode)
{
        return inode->id;
}

bool kernel_inode_is_unlinked(const struct kernel_inode *inode)
{
        return inode->is_unlinked;
}

static struct kernel_inode *find_inode(struct kernel *kernel, uint64_t id)
{
        struct kernel_inode *inode = kernel->inodes;
        while (inode && inode->id != id)
                inode = inode->next;
        return inode;
}

void kernel_inode_learn(struct kernel_inode *inode, const struct stat *attributes, int64_t until_ms, uint64_t asked_at)
{
        off_t size = inode->attributes.st_size;

        inode->attributes = *attributes;
        inode->attributes_until_ms = until_ms;
        if (inode->changed_at > asked_at)
                inode->attributes.st_size = size;
}

void kernel_inode_resize(struct kernel *kernel, struct kernel_inode *inode, uint64_t size)
{
        inode->attributes.st_size = (off_t)size;
        inode->changed_at = ++kernel->clock;
}

struct kernel_inode *kernel_inode_enter(struct kernel *kernel, const struct pail_fs_entry *entry, uint64_t asked_at)
{
        int64_t now_ms = pail_clock_monotonic_ms(); /* others may run: before anything is looked at */
        struct kernel_inode *inode = find_inode(kernel, entry->node_id);

        if (!inode) {
                inode = calloc(1, sizeof(*inode));
                PAIL_SIM_CHECK(inode);
                inode->id = entry->node_id;
                pail_mutex_init(&inode->lock);
                pail_mutex_init(&inode->content_lock);
                inode->next = kernel->inodes;
                kernel->inodes = inode;
        }
        inode->lookups++;
        kernel_inode_learn(inode, &entry->attributes, now_ms + entry->attributes_ttl_ms, asked_at);
        return kernel_inode_hold(inode);
}

static struct kernel_name **find_name(struct kernel *kernel, const struct kernel_inode *parent, const char *name)
{
        struct kernel_name **at = &kernel->names;
        while (*at && ((*at)->parent != parent || !pail_str_equal((*at)->name, name)))
                at = &(*at)->next;
        return at;
}

static void remove_name(struct kernel *kernel, struct kernel_name **at)
{
        struct kernel_name *gone = *at;
        *at = gone->next;
        struct kernel_inode *inode = gone->inode, *parent = gone->parent;
        free(gone->name);
        free(gone);
        kernel_inode_drop(kernel, inode);
        kernel_inode_drop(kernel, parent);
}

void kernel_name_remove(struct kernel *kernel, struct kernel_inode *parent, const char *name)
{
        struct kernel_name **at = find_name(kernel, parent, name);
        if (*at)
                remove_name(kernel, at);
}

void kernel_name_enter(struct kernel *kernel, struct kernel_inode *parent, const char *name, struct kernel_inode *inode,
                       int64_t ttl_ms)
{
        struct kernel_name *made = calloc(1, sizeof(*made));

        PAIL_SIM_CHECK(made && pail_str_dup(name, &made->name) == 0);
        made->parent = kernel_inode_hold(parent);
        made->inode = kernel_inode_hold(inode);
        made->until_ms = pail_clock_monotonic_ms() + ttl_ms;
        kernel_name_remove(kernel, parent, name);
        made->next = kernel->names;
        kernel->names = made;
}

void kernel_name_move(struct kernel *kernel, struct kernel_inode *parent, const char *name,
                      struct kernel_inode *new_parent, const char *new_name)
{
        int64_t now_ms = pail_clock_monotonic_ms();
        struct kernel_name *old = *find_name(kernel, parent, name);
        struct kernel_inode *inode = old ? kernel_inode_hold(old->inode) : NULL;
        int64_t ttl_ms = old ? old->until_ms - now_ms : 0;

        kernel_name_remove(kernel, parent, name);
        kernel_name_remove(kernel, new_parent, new_name);
        if (inode)
                kernel_name_enter(kernel, new_parent, new_name, inode, ttl_ms);
        kernel_inode_drop(kernel, inode);
}

static int ask(struct kernel *kernel, struct kernel_inode *parent, const char *name, struct kernel_inode **ret_inode)
{
        struct pail_fs_entry entry;
        uint64_t asked_at = kernel->clock;
        int r = pail_fs_lookup(kernel->fs, parent->id, name, &entry);

        if (r == 0 && !entry.node_id)
                r = -ENOENT;
        if (r == -ENOENT)
                kernel_name_remove(kernel, parent, name);
        if (r < 0)
                return r;
        *ret_inode = kernel_inode_enter(kernel, &entry, asked_at);
        kernel_name_enter(kernel, parent, name, *ret_inode, entry.entry_ttl_ms);
        return 0;
}

/* A name that is known is asked for again without the lock. false: it means something else now. */
static bool revalidate(struct kernel *kernel, struct kernel_inode *parent, const char *name, struct kernel_inode *inode)
{
        struct pail_fs_entry entry;
        uint64_t asked_at = kernel->clock, id = inode->id;
        struct kernel_inode *found;
        struct kernel_name *known;
        int64_t now_ms;
        bool is_same;

        if (pail_fs_lookup(kernel->fs, parent->id, name, &entry) < 0 || !entry.node_id)
                return false;
        now_ms = pail_clock_monotonic_ms();
        found = kernel_inode_enter(kernel, &entry, asked_at);
        known = *find_name(kernel, parent, name);
        is_same = entry.node_id == id && known && known->inode == found;
        if (is_same)
                known->until_ms = now_ms + entry.entry_ttl_ms;
        kernel_inode_drop(kernel, found);
        return is_same;
}

int kernel_look_up(struct kernel *kernel, struct kernel_inode *parent, const char *name, bool is_locked, bool is_fresh,
                   struct kernel_inode **ret_inode)
{
        int64_t now_ms = pail_clock_monotonic_ms();
        struct kernel_name *known = *find_name(kernel, parent, name);
        int r;

        if (known && !is_fresh && known->until_ms > now_ms) {
                *ret_inode = kernel_inode_hold(known->inode);
                return 0;
        }
        if (known && !is_locked && revalidate(kernel, parent, name, known->inode)) {
                known = *find_name(kernel, parent, name);
                if (known) {
                        *ret_inode = kernel_inode_hold(known->inode);
                        return 0;
                }
        }
        if (!is_locked)
                pail_mutex_lock(&parent->lock);
        r = ask(kernel, parent, name, ret_inode);
        if (!is_locked)
                pail_mutex_unlock(&parent->lock);
        return r;
}

int kernel_walk(struct kernel *kernel, const char *path, bool is_fresh, struct kernel_inode **ret_parent,
                const char **ret_name)
{
        struct kernel_inode *at = kernel_inode_hold(kernel->root);
        char name[KERNEL_PATH_MAX];

        for (;;) {
                size_t length = strcspn(path, "/");
                struct kernel_inode *next;
                int r;

                if (!path[length])
                        break;
                pail_str_copy(name, length + 1, path);
                r = kernel_look_up(kernel, at, name, false, is_fresh, &next);
                kernel_inode_drop(kernel, at);
                if (r == 0 && !S_ISDIR(next->attributes.st_mode)) {
                        kernel_inode_drop(kernel, next);
                        r = -ENOTDIR;
                }
                if (r < 0)
                        return r;
                at = next;
                path += length + 1;
        }
        *ret_parent = at;
        *ret_name = path;
        return 0;
}

int kernel_walk_all(struct kernel *kernel, const char *path, bool is_fresh, struct kernel_inode **ret_inode)
{
        struct kernel_inode *parent;
        const char *name;
        int r;

        if (!*path) {
                *ret_inode = kernel_inode_hold(kernel->root);
                return 0;
        }
        r = kernel_walk(kernel, path, is_fresh, &parent, &name);
        if (r < 0)
                return r;
        r = kernel_look_up(kernel, parent, name, false, is_fresh, ret_inode);
        kernel_inode_drop(kernel, parent);
        return r;
}

void kernel_invalidate_node(void *context, uint64_t node_id)
{
        struct kernel_inode *inode = find_inode(context, node_id);
        if (inode)
                inode->attributes_until_ms = INT64_MIN;
}

void kernel_invalidate_entry(void *context, uint64_t parent_id, const char *name)
{
        struct kernel *kernel = context;
        struct kernel_inode *parent = find_inode(kernel, parent_id);
        struct kernel_name *known = parent ? *find_name(kernel, parent, name) : NULL;
        if (known)
                known->until_ms = INT64_MIN;
}

/* A name of a directory that has names below it stays: the kernel forgets from the leaves. */
static bool has_names(const struct kernel *kernel, const struct kernel_inode *inode)
{
        for (const struct kernel_name *name = kernel->names; name; name = name->next)
                if (name->parent == inode)
                        return true;
        return false;
}

static void forget_names(struct kernel *kernel, bool all)
{
        bool was_any;
        do {
                struct kernel_name **at = &kernel->names;
                was_any = false;
                while (*at) {
                        bool goes = !has_names(kernel, (*at)->inode) && (all || pail_sim_chance(kernel->sim, 2));
                        if (goes) {
                                remove_name(kernel, at);
                                was_any = true;
                                break; /* forgetting may have let others run */
                        }
                        at = &(*at)->next;
                }
        } while (was_any && all);
}

void kernel_shrink(struct kernel *kernel)
{
        for (unsigned i = 0; i < 4; i++)
                forget_names(kernel, false);
}

void kernel_settle(struct kernel *kernel)
{
        pail_workpool_drain(kernel->releases);
        forget_names(kernel, true);
}

static struct kernel *all_kernels;

struct kernel *kernel_new(struct pail_sim *sim)
{
        struct kernel *kernel = calloc(1, sizeof(*kernel));

        PAIL_SIM_CHECK(kernel);
        kernel->sim = sim;
        pail_mutex_init(&kernel->rename_lock);
        PAIL_SIM_CHECK(pail_workpool_new("release", 8, &kernel->releases) == 0);
        kernel->root = calloc(1, sizeof(*kernel->root));
        PAIL_SIM_CHECK(kernel->root);
        kernel->root->id = PAIL_FS_ROOT;
        kernel->root->attributes.st_mode = S_IFDIR;
        pail_mutex_init(&kernel->root->lock);
        pail_mutex_init(&kernel->root->content_lock);
        kernel->inodes = kernel->root;
        kernel->next = all_kernels;
        all_kernels = kernel;
        return kernel;
}

void kernel_set_volume(struct kernel *kernel, struct pail_fs *fs)
{
        kernel->fs = fs;
}

void kernel_free(struct kernel *kernel)
{
        struct kernel **at = &all_kernels;

        while (*at != kernel)
                at = &(*at)->next;
        *at = kernel->next;
        pail_workpool_free(kernel->releases);
        PAIL_SIM_CHECK(!kernel->names && kernel->inodes == kernel->root && !kernel->root->next);
        pail_mutex_done(&kernel->root->content_lock);
        pail_mutex_done(&kernel->root->lock);
        pail_mutex_done(&kernel->rename_lock);
        free(kernel->root);
        free(kernel);
}

/* What /proc tells the volume (fs/write/process.h): a process has a hundred thread ids. */
pid_t pail_process_of(pid_t thread);
bool pail_process_holds(pid_t process, uint64_t ino, const char *name);

pid_t pail_process_of(pid_t thread)
{
        return thread / 100;
}

bool pail_process_holds(pid_t pid, uint64_t ino, const char *name)
{
        (void)name;
        for (struct kernel *kernel = all_kernels; kernel; kernel = kernel->next)
                for (unsigned i = 0; i < kernel->process_count; i++) {
                        struct kernel_process *process = kernel->processes[i];
                        if (process->pid / 100 != pid)
                                continue;
                        for (unsigned fd = 0; fd < KERNEL_FILES_MAX; fd++)
                                if (process->files[fd] && process->files[fd]->inode->attributes.st_ino == ino)
                                        return true;
                }
        return false;
}
