/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bucket entry is made when its bucket is first known to be there, and gets the next free number of a volume. It is never freed before
 * the mount: when the bucket is gone the name is free for another entry with another number, while the kernel may still hold the old one.
 */
#include "mount/bucket_entry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pail/util/cleanup.h"
#include "pail/util/clock.h"
#include "pail/util/str.h"

enum { ENTRIES_STEP = 64 };

struct pail_bucket_entry *pail_bucket_entry_of_locked(struct pail_mount *mount, uint64_t id)
{
        pail_mutex_assert_held(&mount->guarded.mutex);
        uint64_t volume = pail_fs_volume_of(id);

        return volume && volume <= mount->guarded.entry_count ? mount->guarded.entries[volume - 1] : NULL;
}

struct pail_bucket_entry *pail_bucket_entry_find_locked(struct pail_mount *mount, struct pail_group *group,
                                                        const char *name)
{
        pail_mutex_assert_held(&mount->guarded.mutex);
        struct pail_bucket_entry *entry;

        HASH_FIND(guarded.by_name, group->guarded.entries, name, strlen(name), entry);
        return entry;
}

static void free_unnamed_entry(struct pail_bucket_entry *entry)
{
        if (!entry)
                return;
        free(entry->name);
        free(entry);
}
PAIL_DEFINE_CLEANUP(struct pail_bucket_entry, free_unnamed_entry);

static int grow_entries_locked(struct pail_mount *mount)
{
        pail_mutex_assert_held(&mount->guarded.mutex);
        struct pail_bucket_entry **entries;

        if (mount->guarded.entry_count % ENTRIES_STEP)
                return 0;
        entries = reallocarray(mount->guarded.entries, mount->guarded.entry_count + ENTRIES_STEP, sizeof(*entries));
        if (!entries)
                return -ENOMEM;
        mount->guarded.entries = entries;
        return 0;
}

static int add_entry_locked(struct pail_mount *mount, struct pail_group *group, const char *name,
                            struct pail_bucket_entry **ret_entry)
{
        pail_mutex_assert_held(&mount->guarded.mutex);
        _cleanup_(free_unnamed_entry_p) struct pail_bucket_entry *entry = calloc(1, sizeof(*entry));
        int r = entry ? pail_str_dup(name, &entry->name) : -ENOMEM;

        if (r == 0)
                r = grow_entries_locked(mount);
        if (r < 0)
                return r;
        HASH_ADD_KEYPTR(guarded.by_name, group->guarded.entries, entry->name, strlen(entry->name), entry);
        if (!entry->guarded.by_name.tbl)
                return -ENOMEM;
        mount->guarded.entries[mount->guarded.entry_count++] = entry;
        entry->id = pail_fs_id(mount->guarded.entry_count, PAIL_FS_ROOT);
        entry->group = group;
        *ret_entry = pail_steal(&entry);
        return 0;
}

int pail_bucket_entry_confirm_locked(struct pail_mount *mount, struct pail_group *group, const char *name,
                                     int64_t checked_ms, struct pail_bucket_entry **ret_entry)
{
        pail_mutex_assert_held(&mount->guarded.mutex);
        struct pail_bucket_entry *entry = pail_bucket_entry_find_locked(mount, group, name);
        int r = 0;

        if (!entry)
                r = add_entry_locked(mount, group, name, &entry);
        if (r < 0)
                return r;
        if (entry->guarded.checked_ms < checked_ms)
                entry->guarded.checked_ms = checked_ms;
        *ret_entry = entry;
        return 0;
}

void pail_bucket_entry_mark_gone_locked(struct pail_mount *mount, struct pail_bucket_entry *entry)
{
        pail_mutex_assert_held(&mount->guarded.mutex);
        if (entry->guarded.is_gone)
                return;
        entry->guarded.is_gone = true;
        HASH_DELETE(guarded.by_name, entry->group->guarded.entries, entry);
}

int64_t pail_bucket_entry_ttl_locked(struct pail_mount *mount, const struct pail_bucket_entry *entry)
{
        pail_mutex_assert_held(&mount->guarded.mutex);
        int64_t left = entry->guarded.checked_ms + mount->volume_options.ttl_ms - pail_clock_monotonic_ms();

        return left > 0 && !entry->guarded.is_gone ? left : 0;
}

/* What its volume does not tell. Returns the volume, NULL where there is none yet. */
static struct pail_fs *describe_from_above(struct pail_mount *mount, struct pail_bucket_entry *entry,
                                           struct pail_fs_entry *told)
{
        PAIL_LOCK(&mount->guarded.mutex);
        told->entry_ttl_ms = told->attributes_ttl_ms = pail_bucket_entry_ttl_locked(mount, entry);
        pail_fs_describe_directory(&mount->volume_options, entry->id, entry->guarded.created, &told->attributes);
        return entry->guarded.volume;
}

int pail_bucket_entry_describe(struct pail_mount *mount, struct pail_bucket_entry *entry,
                               struct pail_fs_entry *ret_entry)
{
        struct pail_fs_entry told = { .node_id = entry->id };
        struct pail_fs *volume = describe_from_above(mount, entry, &told);
        int64_t ignored;
        int r = 0;

        if (volume) /* a chmod of the root lasts */
                r = pail_fs_getattr(volume, entry->id, NULL, &told.attributes, &ignored);
        if (r == 0)
                *ret_entry = told;
        return r;
}

void pail_bucket_entry_free(struct pail_mount *mount, struct pail_bucket_entry *entry)
{
        if (entry->guarded.volume) {
                pail_fs_free(entry->guarded.volume);
                mount->source->close(mount->source_context, &entry->guarded.bucket);
        }
        free_unnamed_entry(entry);
}
