/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Open directories. That of a tree is the tree's own; a top is a snapshot of its names, taken when reading starts (and again after
 * rewinddir). An offset is the place in the snapshot of the next entry. Names and ids are those of groups and places, which stay.
 */
#include <errno.h>
#include <stdlib.h>
#include <utlist.h>

#include "mount/private.h"

enum { DOTS = 2 };

struct item {
        const char *name;
        uint64_t id;
        struct pail_group *group; /* an entry of the root; or */
        struct pail_place *place; /* one of a group; or "." and ".." */
};

struct pail_forest_dir {
        struct pail_dir_handle *handle; /* of a tree; NULL: of a top, the rest */
        struct pail_forest *forest;
        uint64_t id;
        struct pail_mutex mutex; /* readers take turns, also while the buckets are listed */
        struct item *items;
        size_t count;
        bool is_filled;
        struct pail_forest_dir *previous, *next; /* forest->guarded.dirs */
};

static int make_room(struct pail_forest_dir *dir, size_t names)
{
        free(dir->items);
        dir->count = 0;
        dir->is_filled = false;
        dir->items = calloc(names + DOTS, sizeof(*dir->items));
        if (!dir->items)
                return -ENOMEM;
        dir->items[dir->count++] = (struct item){ .name = ".", .id = dir->id };
        dir->items[dir->count++] = (struct item){ .name = "..", .id = PAIL_FS_ROOT };
        return 0;
}

static int fill_with_groups(struct pail_forest_dir *dir)
{
        struct pail_forest *forest = dir->forest;
        int r = make_room(dir, forest->group_count);

        for (unsigned i = 0; i < forest->group_count && r == 0; i++) {
                struct pail_group *group = &forest->groups[i];

                dir->items[dir->count++] = (struct item){ .name = group->name, .id = group->id, .group = group };
        }
        return r;
}

static int fill_with_buckets(struct pail_forest_dir *dir, struct pail_group *group)
{
        struct pail_forest *forest = dir->forest;
        int r = pail_group_list(forest, group);

        if (r < 0)
                return r;
        PAIL_LOCK(&forest->guarded.mutex);
        r = make_room(dir, HASH_CNT(by_name, group->places));
        for (struct pail_place *place = group->places; place && r == 0; place = place->by_name.next)
                if (place->is_shown)
                        dir->items[dir->count++] =
                                (struct item){ .name = place->name, .id = place->id, .place = place };
        return r;
}

static int fill(struct pail_forest_dir *dir)
{
        struct pail_group *group = pail_top_group(dir->forest, dir->id);
        int r = group ? fill_with_buckets(dir, group) : fill_with_groups(dir);

        dir->is_filled = r == 0;
        return r;
}

/* Of trees and tops alike nothing is counted that the kernel would have to forget: they stay. */
static int emit_item(struct pail_forest_dir *dir, const struct item *item, bool plus, uint64_t next, pail_fs_emit *emit,
                     void *context)
{
        struct pail_fs_entry entry = { 0 };
        int r = 0;

        if (plus && item->group)
                pail_group_entry(dir->forest, item->group, &entry);
        else if (plus && item->place)
                r = pail_place_entry(dir->forest, item->place, &entry);
        if (r < 0 || !entry.entry_ttl_ms) /* gone meanwhile, or not to be trusted: the kernel asks by the name */
                entry = (struct pail_fs_entry){ 0 };
        entry.attributes.st_ino = item->id;
        entry.attributes.st_mode |= S_IFDIR;
        return emit(context, item->name, &entry, next);
}

static int read_top(struct pail_forest_dir *dir, uint64_t offset, bool plus, pail_fs_emit *emit, void *context)
{
        int r = 0;

        PAIL_LOCK(&dir->mutex);
        if (!dir->is_filled || offset == 0)
                r = fill(dir);
        for (uint64_t i = offset; r == 0 && i < dir->count; i++)
                if (emit_item(dir, &dir->items[i], plus, i + 1, emit, context))
                        break;
        return r;
}

static void free_dir(struct pail_forest_dir *dir)
{
        if (dir->handle)
                pail_fs_releasedir(dir->handle);
        free(dir->items);
        pail_mutex_done(&dir->mutex);
        free(dir);
}

int pail_forest_opendir(struct pail_forest *forest, uint64_t id, struct pail_forest_dir **ret_dir)
{
        struct pail_forest_dir *dir = calloc(1, sizeof(*dir));
        struct pail_fs *fs;
        int r = 0;

        if (!dir)
                return -ENOMEM;
        dir->forest = forest;
        dir->id = id;
        pail_mutex_init(&dir->mutex);
        if (!pail_forest_is_top(forest, id)) {
                r = pail_forest_enter(forest, id, &fs);
                if (r == 0)
                        r = pail_fs_opendir(fs, id, &dir->handle);
        }
        if (r < 0) {
                free_dir(dir);
                return r;
        }
        PAIL_LOCK(&forest->guarded.mutex);
        DL_PREPEND2(forest->guarded.dirs, dir, previous, next);
        *ret_dir = dir;
        return 0;
}

int pail_forest_readdir(struct pail_forest_dir *dir, uint64_t offset, bool plus, pail_fs_emit *emit, void *context)
{
        return dir->handle ? pail_fs_readdir(dir->handle, offset, plus, emit, context)
                           : read_top(dir, offset, plus, emit, context);
}

void pail_forest_releasedir(struct pail_forest_dir *dir)
{
        struct pail_forest *forest = dir->forest;

        pail_mutex_lock(&forest->guarded.mutex);
        DL_DELETE2(forest->guarded.dirs, dir, previous, next);
        pail_mutex_unlock(&forest->guarded.mutex);
        free_dir(dir);
}

static struct pail_forest_dir *any_dir(struct pail_forest *forest)
{
        PAIL_LOCK(&forest->guarded.mutex);
        return forest->guarded.dirs;
}

void pail_forest_release_dirs(struct pail_forest *forest)
{
        struct pail_forest_dir *dir;

        while ((dir = any_dir(forest)))
                pail_forest_releasedir(dir);
}
