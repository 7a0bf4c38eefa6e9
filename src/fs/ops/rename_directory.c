/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Renaming a directory: every key below it is copied, in parallel, and only when all copies are there are the old keys
 * deleted, in bulk. If a copy fails, the copies made are deleted again and the old name is as it was.
 *
 * The directory is locked as a tree (core/lock.h): nothing below it is being changed on S3. Files below that are open have their uploads
 * finished first, and follow to their new keys afterwards. Inodes compute their keys from their names, so entering the new name
 * is one pointer.
 */
#include "rename_directory.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "fs/file/file.h"
#include "fs/file/finish_upload.h"
#include "fs/file/rebind.h"
#include "fs/file/release.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"
#include "server_copy.h"

enum { COPIES_AT_ONCE = 16, NAME_LIMIT = 255 };

struct copy {
        char *old_key, *new_key;
        char etag[PAIL_REMOTE_ETAG_SIZE];
        bool is_done;
};

struct plan {
        struct pail_fs *fs;
        const char *old_key, *new_key;
        struct copy *copies;
        size_t count, allocated;
        _Atomic size_t next; /* of the copies, not yet taken by a worker */
        _Atomic int error;   /* the first one */
};

static void plan_done(struct plan *plan)
{
        for (size_t i = 0; i < plan->count; i++) {
                free(plan->copies[i].old_key);
                free(plan->copies[i].new_key);
        }
        free(plan->copies);
}

/* true when every component of the rest of a key can be a name. */
static bool is_path(const char *rest)
{
        while (*rest) {
                size_t length = strcspn(rest, "/");

                if (length == 0 || length > NAME_LIMIT || (length == 1 && rest[0] == '.') ||
                    (length == 2 && rest[0] == '.' && rest[1] == '.'))
                        return false;
                rest += length + (rest[length] == '/');
        }
        return true;
}

static int plan_key(struct plan *plan, const char *key)
{
        const char *rest = key + strlen(plan->old_key);
        struct copy copy = { 0 };
        int r;

        if (!is_path(rest))
                return -EXDEV; /* a key that no path can express is never touched */
        if (plan->count == plan->allocated) {
                size_t allocated = plan->allocated ? plan->allocated * 2 : 64;
                struct copy *copies = reallocarray(plan->copies, allocated, sizeof(*copies));

                if (!copies)
                        return -ENOMEM;
                plan->copies = copies;
                plan->allocated = allocated;
        }
        r = pail_str_dup(key, &copy.old_key);
        if (r == 0)
                r = pail_str_printf(&copy.new_key, "%s%s", plan->new_key, rest);
        if (r == 0 && strlen(copy.new_key) > PAIL_REMOTE_KEY_MAX)
                r = -ENAMETOOLONG;
        if (r < 0) {
                free(copy.old_key);
                free(copy.new_key);
                return r;
        }
        plan->copies[plan->count++] = copy;
        return 0;
}

static int list_plan(struct plan *plan)
{
        const struct pail_remote_listing what = { .prefix = plan->old_key };
        struct pail_remote *remote = plan->fs->options.remote;
        struct pail_remote_list *list = NULL;
        int r = plan->fs->options.can_list ? remote->ops->list(remote, &what, &list) : -EACCES;

        while (r >= 0) {
                struct pail_remote_page page;

                r = remote->ops->next_page(list, &page, NULL);
                if (r <= 0)
                        break;
                for (size_t i = 0; i < page.count && r >= 0; i++)
                        r = plan_key(plan, page.entries[i].key);
                pail_remote_page_done(&page);
        }
        remote->ops->end_list(list);
        return r;
}

static int copy_one(struct plan *plan, struct copy *copy)
{
        int r = pail_server_copy_key(plan->fs, NULL, copy->old_key, copy->new_key, NULL, copy->etag);

        copy->is_done = r == 0;
        return r;
}

/* Each worker takes the next copy until there is none, or one has failed. */
static int copy_until_done(void *context)
{
        struct plan *plan = context;

        for (;;) {
                size_t i = plan->next++;
                int expected = 0, r;

                if (i >= plan->count || plan->error)
                        return 0;
                r = copy_one(plan, &plan->copies[i]);
                if (r < 0)
                        atomic_compare_exchange_strong(&plan->error, &expected, r);
        }
}

static int copy_all(struct plan *plan)
{
        struct pail_future *workers[COPIES_AT_ONCE] = { 0 };

        for (size_t i = 1; i < COPIES_AT_ONCE && i < plan->count; i++)
                if (pail_future_start(plan->fs->shared->queries, copy_until_done, NULL, plan, &workers[i]) < 0)
                        break; /* the others do it */
        copy_until_done(plan);
        for (size_t i = 1; i < COPIES_AT_ONCE; i++) {
                if (workers[i])
                        pail_future_wait(workers[i], INT64_MAX);
                pail_future_unref(workers[i]);
        }
        return plan->error;
}

/* Deletes one side of the plan: the old keys, or the copies that were made. */
static int delete_side(struct plan *plan, bool old)
{
        _cleanup_free_ const char **list = calloc(plan->count ? plan->count : 1, sizeof(*list));
        struct pail_remote *remote = plan->fs->options.remote;
        size_t count = 0;

        if (!list)
                return -ENOMEM;
        for (size_t i = 0; i < plan->count; i++)
                if (old || plan->copies[i].is_done)
                        list[count++] = old ? plan->copies[i].old_key : plan->copies[i].new_key;
        return count ? remote->ops->remove_many(remote, list, count, NULL) : 0;
}

static bool is_below(const struct pail_inode *inode, const struct pail_inode *directory)
{
        while (inode && inode != directory)
                inode = inode->parent;
        return inode;
}

/* A file below with an upload open, used for the caller; also one whose last handle is gone but which is still to be sent. */
static struct pail_file *next_upload(struct pail_fs *fs, struct pail_inode *directory)
{
        struct pail_inode *inode, *next;

        PAIL_LOCK(&fs->tree.mutex);
        HASH_ITER(by_id, fs->tree.by_id, inode, next) {
                if (!inode->file || !is_below(inode, directory) || !pail_file_has_upload(inode->file))
                        continue;
                pail_file_ref_locked(inode->file);
                return inode->file;
        }
        return NULL;
}

/* No file below has an upload open. */
static int finish_uploads_below(struct pail_fs *fs, struct pail_inode *directory)
{
        struct pail_file *file;
        int r = 0;

        while (r == 0 && (file = next_upload(fs, directory))) {
                r = pail_file_finish_upload(file);
                pail_file_release_later(file);
        }
        return r;
}

/* The inode that a key below the directory belongs to, if the tree has it. */
static struct pail_inode *find_below_locked(struct pail_fs *fs, struct pail_inode *directory, const char *rest)
{
        pail_mutex_assert_held(&fs->tree.mutex);
        char name[NAME_LIMIT + 1];

        while (directory && *rest) {
                size_t length = strcspn(rest, "/");

                pail_str_copy(name, length < NAME_LIMIT ? length + 1 : sizeof(name), rest);
                directory = pail_inode_child_locked(fs, directory, name);
                rest += length + (rest[length] == '/');
        }
        return directory;
}

static int rebind_below_locked(struct plan *plan, struct pail_inode *directory)
{
        pail_mutex_assert_held(&plan->fs->tree.mutex);
        for (size_t i = 0; i < plan->count; i++) {
                const struct copy *copy = &plan->copies[i];
                struct pail_inode *inode = find_below_locked(plan->fs, directory,
                                                             copy->old_key + strlen(plan->old_key));
                bool is_local, is_loaded;
                int r;

                if (!inode || inode->is_directory)
                        continue;
                is_local = inode->is_local;
                is_loaded = inode->is_loaded;
                r = pail_rebind_inode_locked(plan->fs, inode, copy->new_key, copy->etag);
                inode->is_local = is_local;
                inode->is_loaded = is_loaded;
                if (r < 0)
                        return r;
        }
        return 0;
}

static int collect_rebind(struct plan *plan, struct pail_inode *directory, struct pail_rebind *rebind)
{
        int r = 0;

        PAIL_LOCK(&plan->fs->tree.mutex);
        for (size_t i = 0; i < plan->count && r == 0; i++) {
                struct pail_inode *inode = find_below_locked(plan->fs, directory,
                                                             plan->copies[i].old_key + strlen(plan->old_key));

                if (inode)
                        r = pail_rebind_add_locked(rebind, plan->fs, inode);
        }
        return r;
}

/* Copies, deletes, and enters the new name; what is left of a failed attempt is the old directory. */
static int carry_out(struct plan *plan, const struct pail_rename *rename)
{
        int r = copy_all(plan);

        if (r < 0)
                (void)delete_side(plan, false);
        else
                r = delete_side(plan, true);
        if (r < 0)
                return r;
        PAIL_LOCK(&plan->fs->tree.mutex);
        r = rebind_below_locked(plan, rename->inode);
        return r < 0 ? r : pail_rename_enter_locked(plan->fs, rename);
}

int pail_rename_directory(struct pail_fs *fs, const struct pail_rename *rename, const char *old_key,
                          const char *new_key)
{
        _cleanup_(pail_rebind_done) struct pail_rebind rebind = { 0 };
        struct plan plan = { .fs = fs, .old_key = old_key, .new_key = new_key };
        int r = finish_uploads_below(fs, rename->inode);

        if (r == 0)
                r = list_plan(&plan);
        if (r == 0)
                r = collect_rebind(&plan, rename->inode, &rebind);
        if (r == 0) {
                pail_rebind_begin(&rebind);
                r = carry_out(&plan, rename);
                pail_rebind_end(&rebind);
        }
        plan_done(&plan);
        return r;
}
