/* SPDX-License-Identifier: Apache-2.0 */
/*
 * That of a volume is the volume's own; an upper directory is a snapshot of its names, taken when reading starts (and again after
 * rewinddir). An offset is the index in the snapshot of the next entry. Names and ids are those of groups and bucket entries, which stay.
 *
 * Of entries above the volumes no lookup is counted that the kernel would have to forget: they stay.
 */
#include "mount/directory.h"

#include <errno.h>
#include <stdlib.h>
#include <utlist.h>

#include "mount/bucket_entry.h"
#include "mount/groups.h"
#include "mount/upper.h"
#include "mount/volumes.h"

enum { DOTS = 2 };

struct item {
        const char *name;
        uint64_t id;
        struct pail_group *group;        /* an entry of the root; or */
        struct pail_bucket_entry *entry; /* one of a group; or "." and ".." */
};

struct pail_mount_dir {
        struct pail_dir_handle *handle; /* of a volume; NULL: above them, the rest */
        struct pail_mount *mount;
        uint64_t id;
        struct pail_mount_dir *prev, *next; /* mount->guarded.dirs */
        struct {
                struct pail_mutex mutex; /* readers take turns, also while the buckets are listed */
                struct item *items;
                size_t count;
                bool is_filled;
        } guarded;
};

static int reset_items_locked(struct pail_mount_dir *dir, size_t names)
{
        pail_mutex_assert_held(&dir->guarded.mutex);
        free(dir->guarded.items);
        dir->guarded.count = 0;
        dir->guarded.is_filled = false;
        dir->guarded.items = calloc(names + DOTS, sizeof(*dir->guarded.items));
        if (!dir->guarded.items)
                return -ENOMEM;
        dir->guarded.items[dir->guarded.count++] = (struct item){ .name = ".", .id = dir->id };
        dir->guarded.items[dir->guarded.count++] = (struct item){ .name = "..", .id = PAIL_FS_ROOT };
        return 0;
}

static int fill_with_groups_locked(struct pail_mount_dir *dir)
{
        pail_mutex_assert_held(&dir->guarded.mutex);
        struct pail_mount *mount = dir->mount;
        int r = reset_items_locked(dir, mount->group_count);

        for (unsigned i = 0; i < mount->group_count && r == 0; i++) {
                struct pail_group *group = &mount->groups[i];

                dir->guarded.items[dir->guarded.count++] =
                        (struct item){ .name = group->name, .id = group->id, .group = group };
        }
        return r;
}

static int fill_with_buckets_locked(struct pail_mount_dir *dir, struct pail_group *group)
{
        pail_mutex_assert_held(&dir->guarded.mutex);
        struct pail_mount *mount = dir->mount;
        int r = pail_group_list(mount, group);

        if (r < 0)
                return r;
        PAIL_LOCK(&mount->guarded.mutex);
        r = reset_items_locked(dir, HASH_CNT(guarded.by_name, group->guarded.entries));
        for (struct pail_bucket_entry *entry = group->guarded.entries; entry && r == 0;
             entry = entry->guarded.by_name.next)
                if (entry->guarded.is_shown)
                        dir->guarded.items[dir->guarded.count++] =
                                (struct item){ .name = entry->name, .id = entry->id, .entry = entry };
        return r;
}

static int take_snapshot_locked(struct pail_mount_dir *dir)
{
        pail_mutex_assert_held(&dir->guarded.mutex);
        struct pail_group *group = pail_upper_group(dir->mount, dir->id);
        int r = group ? fill_with_buckets_locked(dir, group) : fill_with_groups_locked(dir);

        dir->guarded.is_filled = r == 0;
        return r;
}

static int emit_item(struct pail_mount_dir *dir, const struct item *item, bool plus, uint64_t next, pail_fs_emit *emit,
                     void *context)
{
        struct pail_fs_entry told = { 0 };
        int r = 0;

        if (plus && item->group)
                pail_upper_describe_group(dir->mount, item->group, &told);
        else if (plus && item->entry)
                r = pail_bucket_entry_describe(dir->mount, item->entry, &told);
        if (r < 0 || !told.entry_ttl_ms) /* gone meanwhile, or not to be trusted: the kernel asks by the name */
                told = (struct pail_fs_entry){ 0 };
        told.attributes.st_ino = item->id;
        told.attributes.st_mode |= S_IFDIR;
        return emit(context, item->name, &told, next);
}

static int read_upper(struct pail_mount_dir *dir, uint64_t offset, bool plus, pail_fs_emit *emit, void *context)
{
        int r = 0;

        PAIL_LOCK(&dir->guarded.mutex);
        if (!dir->guarded.is_filled || offset == 0)
                r = take_snapshot_locked(dir);
        for (uint64_t i = offset; r == 0 && i < dir->guarded.count; i++)
                if (emit_item(dir, &dir->guarded.items[i], plus, i + 1, emit, context))
                        break;
        return r;
}

static void free_directory(struct pail_mount_dir *dir)
{
        if (dir->handle)
                pail_fs_releasedir(dir->handle);
        free(dir->guarded.items);
        pail_mutex_done(&dir->guarded.mutex);
        free(dir);
}

int pail_mount_dir_open(struct pail_mount *mount, uint64_t id, struct pail_mount_dir **ret_dir)
{
        struct pail_mount_dir *dir = calloc(1, sizeof(*dir));
        struct pail_fs *volume;
        int r = 0;

        if (!dir)
                return -ENOMEM;
        dir->mount = mount;
        dir->id = id;
        pail_mutex_init(&dir->guarded.mutex);
        if (!pail_mount_is_upper(mount, id)) {
                r = pail_volumes_enter(mount, id, &volume);
                if (r == 0)
                        r = pail_fs_opendir(volume, id, &dir->handle);
        }
        if (r < 0) {
                free_directory(dir);
                return r;
        }
        PAIL_LOCK(&mount->guarded.mutex);
        DL_PREPEND2(mount->guarded.dirs, dir, prev, next);
        *ret_dir = dir;
        return 0;
}

int pail_mount_dir_read(struct pail_mount_dir *dir, uint64_t offset, bool plus, pail_fs_emit *emit, void *context)
{
        return dir->handle ? pail_fs_readdir(dir->handle, offset, plus, emit, context)
                           : read_upper(dir, offset, plus, emit, context);
}

static void unlist(struct pail_mount_dir *dir)
{
        PAIL_LOCK(&dir->mount->guarded.mutex);
        DL_DELETE2(dir->mount->guarded.dirs, dir, prev, next);
}

void pail_mount_dir_close(struct pail_mount_dir *dir)
{
        unlist(dir);
        free_directory(dir);
}

static struct pail_mount_dir *first_open(struct pail_mount *mount)
{
        PAIL_LOCK(&mount->guarded.mutex);
        return mount->guarded.dirs;
}

void pail_mount_dir_close_all(struct pail_mount *mount)
{
        struct pail_mount_dir *dir;

        while ((dir = first_open(mount)))
                pail_mount_dir_close(dir);
}
