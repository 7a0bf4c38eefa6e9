/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which buckets there are. A list tells of those to be shown, with their dates; whether a name is there is asked for by itself, because
 * buckets of others that may be entered are in no list, and because one name costs the server less than all.
 *
 * One thread lists a group at a time; others that come meanwhile wait for its answer and share it, an error too. An answer that was under
 * way while a bucket was made or deleted here may be older than that, and is asked for again: group->guarded.serial tells.
 */
#include "mount/groups.h"

#include <errno.h>
#include <string.h>

#include "mount/bucket_entry.h"
#include "pail/util/cleanup.h"
#include "pail/util/clock.h"
#include "pail/util/interrupt.h"
#include "pail/util/str.h"

enum { NAME_LIMIT = 255 };

/* A server may tell any name; one that is no component of a path cannot be shown. */
static bool is_component(const char *name)
{
        return *name && strlen(name) <= NAME_LIMIT && !strchr(name, '/') && !pail_str_equal(name, ".") &&
               !pail_str_equal(name, "..");
}

static int apply_list_locked(struct pail_mount *mount, struct pail_group *group, const struct pail_mount_list *buckets,
                             int64_t began_ms)
{
        pail_mutex_assert_held(&mount->guarded.mutex);
        struct pail_bucket_entry *entry, *next;

        HASH_ITER(guarded.by_name, group->guarded.entries, entry, next)
                entry->guarded.is_shown = false;
        for (size_t i = 0; i < buckets->count; i++) {
                const struct pail_mount_listed *listed = &buckets->items[i];
                int r = is_component(listed->name)
                                ? pail_bucket_entry_confirm_locked(mount, group, listed->name, began_ms, &entry)
                                : 1;

                if (r < 0)
                        return r;
                if (r > 0)
                        continue;
                entry->guarded.is_shown = true;
                entry->guarded.created = listed->created;
        }
        group->guarded.listed_ms = began_ms;
        return 0;
}

/* One question and its answer. 1: buckets were made or deleted here meanwhile, so that the answer may be older than they. */
static int list_buckets_once_locked(struct pail_mount *mount, struct pail_group *group)
{
        pail_mutex_assert_held(&mount->guarded.mutex);
        _cleanup_(pail_mount_list_done) struct pail_mount_list buckets = { 0 };
        int64_t began_ms = pail_clock_monotonic_ms();
        uint64_t serial = group->guarded.serial;
        int r;

        pail_mutex_unlock(&mount->guarded.mutex);
        r = mount->source->list(mount->source_context, group->number, &buckets);
        pail_mutex_lock(&mount->guarded.mutex);
        if (r < 0 && r != -EPERM)
                return r;
        return group->guarded.serial == serial ? apply_list_locked(mount, group, &buckets, began_ms) : 1;
}

static int list_buckets_locked(struct pail_mount *mount, struct pail_group *group)
{
        pail_mutex_assert_held(&mount->guarded.mutex);
        int r;

        group->guarded.is_listing = true;
        do
                r = list_buckets_once_locked(mount, group);
        while (r > 0);
        group->guarded.is_listing = false;
        group->guarded.list_error = r;
        group->guarded.listings++;
        pail_cond_broadcast(&mount->guarded.changed);
        return r;
}

/* Another thread asks: its answer is ours too. 1: it was interrupted, and there is none. */
static int await_list_locked(struct pail_mount *mount, struct pail_group *group)
{
        pail_mutex_assert_held(&mount->guarded.mutex);
        unsigned before = group->guarded.listings;

        while (group->guarded.listings == before) {
                int r = pail_interrupt_wait(&mount->guarded.changed, &mount->guarded.mutex, INT64_MAX);

                if (r < 0)
                        return r;
        }
        return group->guarded.list_error == -EINTR ? 1 : group->guarded.list_error;
}

int pail_group_list(struct pail_mount *mount, struct pail_group *group)
{
        int64_t ttl_ms = mount->volume_options.ttl_ms;
        int r;

        PAIL_LOCK(&mount->guarded.mutex);
        if (group->guarded.listed_ms != INT64_MIN && pail_clock_monotonic_ms() - group->guarded.listed_ms < ttl_ms)
                return 0;
        do
                r = group->guarded.is_listing ? await_list_locked(mount, group) : list_buckets_locked(mount, group);
        while (r > 0);
        return r;
}

static bool find_fresh_entry(struct pail_mount *mount, struct pail_group *group, const char *name,
                             struct pail_bucket_entry **ret_entry)
{
        PAIL_LOCK(&mount->guarded.mutex);
        struct pail_bucket_entry *entry = pail_bucket_entry_find_locked(mount, group, name);

        if (!entry || pail_bucket_entry_ttl_locked(mount, entry) == 0)
                return false;
        *ret_entry = entry;
        return true;
}

static uint64_t serial_of(struct pail_mount *mount, const struct pail_group *group)
{
        PAIL_LOCK(&mount->guarded.mutex);
        return group->guarded.serial;
}

/* 1: as with a list. */
static int check_bucket_once(struct pail_mount *mount, struct pail_group *group, const char *name,
                             struct pail_bucket_entry **ret_entry)
{
        uint64_t serial = serial_of(mount, group);
        int64_t began_ms = pail_clock_monotonic_ms();
        int r = mount->source->exists(mount->source_context, group->number, name);

        PAIL_LOCK(&mount->guarded.mutex);
        if (group->guarded.serial != serial)
                return 1;
        if (r == 0)
                return pail_bucket_entry_confirm_locked(mount, group, name, began_ms, ret_entry);
        if (r == -ENOENT) {
                struct pail_bucket_entry *entry = pail_bucket_entry_find_locked(mount, group, name);

                if (entry)
                        pail_bucket_entry_mark_gone_locked(mount, entry);
        }
        return r;
}

static bool was_listed(struct pail_mount *mount, const struct pail_group *group)
{
        PAIL_LOCK(&mount->guarded.mutex);
        return group->guarded.listed_ms != INT64_MIN;
}

/* Only a list tells dates, so there is one before the first name. */
static int list_before_first_name(struct pail_mount *mount, struct pail_group *group)
{
        return !was_listed(mount, group) && pail_group_list(mount, group) == -EINTR ? -EINTR : 0;
}

int pail_group_find(struct pail_mount *mount, struct pail_group *group, const char *name,
                    struct pail_bucket_entry **ret_entry)
{
        int r = list_before_first_name(mount, group);

        if (r < 0 || find_fresh_entry(mount, group, name, ret_entry))
                return r;
        do
                r = check_bucket_once(mount, group, name, ret_entry);
        while (r > 0);
        return r;
}
