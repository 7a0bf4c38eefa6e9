/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names above the volumes are groups, which are fixed, and buckets (groups.h). Making and deleting a bucket runs on the pool of changing
 * calls to its end, because the caller may be interrupted and leave; the group's serial then tells questions under way that they are old.
 */
#include "mount/upper.h"

#include <errno.h>
#include <stdlib.h>

#include "mount/bucket_entry.h"
#include "mount/groups.h"
#include "pail/util/clock.h"
#include "pail/util/future.h"
#include "pail/util/str.h"

struct pail_group *pail_upper_group(struct pail_mount *mount, uint64_t id)
{
        for (unsigned i = 0; i < mount->group_count; i++)
                if (mount->groups[i].id == id)
                        return &mount->groups[i];
        return NULL;
}

static struct pail_group *find_group_by_name(struct pail_mount *mount, const char *name)
{
        for (unsigned i = 0; i < mount->group_count; i++)
                if (pail_str_equal(mount->groups[i].name, name))
                        return &mount->groups[i];
        return NULL;
}

void pail_upper_describe_group(const struct pail_mount *mount, const struct pail_group *group,
                               struct pail_fs_entry *ret_entry)
{
        int64_t ttl_ms = mount->volume_options.ttl_ms;

        *ret_entry =
                (struct pail_fs_entry){ .node_id = group->id, .entry_ttl_ms = ttl_ms, .attributes_ttl_ms = ttl_ms };
        pail_fs_describe_directory(&mount->volume_options, group->id, (struct timespec){ 0 }, &ret_entry->attributes);
}

static int look_up_group(struct pail_mount *mount, const char *name, struct pail_fs_entry *ret_entry)
{
        const struct pail_group *group = find_group_by_name(mount, name);

        if (!group)
                return -ENOENT;
        pail_upper_describe_group(mount, group, ret_entry);
        return 0;
}

static int look_up_bucket(struct pail_mount *mount, struct pail_group *group, const char *name,
                          struct pail_fs_entry *ret_entry)
{
        struct pail_bucket_entry *entry;
        int r = pail_group_find(mount, group, name, &entry);

        return r < 0 ? r : pail_bucket_entry_describe(mount, entry, ret_entry);
}

int pail_upper_lookup(struct pail_mount *mount, uint64_t parent, const char *name, struct pail_fs_entry *ret_entry)
{
        struct pail_group *group = pail_upper_group(mount, parent);
        int r = group ? look_up_bucket(mount, group, name, ret_entry) : look_up_group(mount, name, ret_entry);

        if (r != -ENOENT)
                return r;
        *ret_entry = (struct pail_fs_entry){ .entry_ttl_ms = mount->volume_options.ttl_ms };
        return 0;
}

/* Of a bucket whose volume is not open. */
static int find_creation_time(struct pail_mount *mount, uint64_t node, struct timespec *ret_created)
{
        PAIL_LOCK(&mount->guarded.mutex);
        const struct pail_bucket_entry *entry = pail_bucket_entry_of_locked(mount, node);

        if (!entry)
                return -ESTALE;
        *ret_created = entry->guarded.created;
        return 0;
}

int pail_upper_getattr(struct pail_mount *mount, uint64_t node, struct pail_handle *handle, struct stat *ret_attributes,
                       int64_t *ret_ttl_ms)
{
        struct timespec created = { 0 };
        int r = pail_mount_is_upper(mount, node) ? 0 : find_creation_time(mount, node, &created);

        (void)handle;
        if (r < 0)
                return r;
        pail_fs_describe_directory(&mount->volume_options, node, created, ret_attributes);
        *ret_ttl_ms = mount->volume_options.ttl_ms;
        return 0;
}

struct bucket_change {
        struct pail_mount *mount;
        struct pail_group *group;
        char *name;
        struct pail_bucket_entry *entry; /* result of making one */
};

static void free_change(void *context)
{
        struct bucket_change *change = context;

        free(change->name);
        free(change);
}

static int create_bucket(void *context)
{
        struct bucket_change *change = context;
        struct pail_mount *mount = change->mount;
        int r = mount->source->create(mount->source_context, change->group->number, change->name);

        if (r < 0)
                return r;
        PAIL_LOCK(&mount->guarded.mutex);
        change->group->guarded.serial++;
        r = pail_bucket_entry_confirm_locked(mount, change->group, change->name, pail_clock_monotonic_ms(),
                                             &change->entry);
        if (r < 0)
                return r;
        change->entry->guarded.is_shown = true;
        change->entry->guarded.created = pail_clock_now();
        return 0;
}

static struct pail_fs *find_volume_by_name(const struct bucket_change *change)
{
        struct pail_mount *mount = change->mount;

        PAIL_LOCK(&mount->guarded.mutex);
        const struct pail_bucket_entry *entry = pail_bucket_entry_find_locked(mount, change->group, change->name);

        return entry ? entry->guarded.volume : NULL;
}

/* What was written in it and is not sent yet would have nowhere to go. */
static bool has_unsent(const struct bucket_change *change)
{
        struct pail_fs *volume = find_volume_by_name(change);

        return volume && pail_fs_is_in_use(volume);
}

static int delete_bucket(void *context)
{
        struct bucket_change *change = context;
        struct pail_mount *mount = change->mount;
        struct pail_bucket_entry *entry;
        int r = has_unsent(change) ? -ENOTEMPTY
                                   : mount->source->remove(mount->source_context, change->group->number, change->name);

        if (r < 0)
                return r;
        PAIL_LOCK(&mount->guarded.mutex);
        change->group->guarded.serial++;
        entry = pail_bucket_entry_find_locked(mount, change->group, change->name);
        if (entry)
                pail_bucket_entry_mark_gone_locked(mount, entry);
        return 0;
}

static int start_change(struct pail_mount *mount, uint64_t parent, const char *name, int (*run)(void *change),
                        struct pail_future **ret_future, struct bucket_change **ret_change)
{
        struct pail_group *group = pail_upper_group(mount, parent);
        struct bucket_change *change;

        if (mount->volume_options.read_only)
                return -EROFS;
        if (!group || !mount->can_manage_buckets)
                return -EPERM;
        change = calloc(1, sizeof(*change));
        if (!change || pail_str_dup(name, &change->name) < 0) {
                free(change);
                return -ENOMEM;
        }
        change->mount = mount;
        change->group = group;
        *ret_change = change;
        return pail_fs_shared_start_change(mount->volume_options.shared, run, free_change, change, ret_future);
}

int pail_upper_mkdir(struct pail_mount *mount, uint64_t parent, const char *name, mode_t mode,
                     const struct pail_fs_caller *caller, struct pail_fs_entry *ret_entry)
{
        _cleanup_future_ struct pail_future *future = NULL;
        struct bucket_change *change;
        int r = start_change(mount, parent, name, create_bucket, &future, &change);

        (void)mode; /* a bucket has neither, until its root is changed */
        (void)caller;
        if (r == 0)
                r = pail_future_wait(future, INT64_MAX);
        return r < 0 ? r : pail_bucket_entry_describe(mount, change->entry, ret_entry);
}

int pail_upper_rmdir(struct pail_mount *mount, uint64_t parent, const char *name)
{
        _cleanup_future_ struct pail_future *future = NULL;
        struct bucket_change *change;
        int r = start_change(mount, parent, name, delete_bucket, &future, &change);

        return r < 0 ? r : pail_future_wait(future, INT64_MAX);
}

int pail_upper_statfs(struct pail_mount *mount, struct statvfs *ret_statistics)
{
        pail_fs_describe_space(mount->volume_options.read_only, ret_statistics);
        return 0;
}
