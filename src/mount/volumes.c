/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entering a bucket. The first call below it opens its volume, which asks the network and takes a state directory; others that come
 * meanwhile wait for it, and share its failure. A later call tries again.
 */
#include "mount/volumes.h"

#include <errno.h>

#include "mount/bucket_entry.h"
#include "pail/util/interrupt.h"

static int open_volume(struct pail_mount *mount, const struct pail_bucket_entry *entry, struct timespec created,
                       struct pail_mount_bucket *ret_bucket, struct pail_fs **ret_volume)
{
        struct pail_fs_options options = mount->volume_options;
        struct pail_mount_bucket bucket = { 0 };
        int r = mount->source->open(mount->source_context, entry->group->number, entry->name, &bucket);

        if (r < 0)
                return r;
        options.remote = bucket.remote;
        options.prefix = "";
        options.state_dir = bucket.state_dir;
        options.can_list = bucket.can_list;
        options.volume = pail_fs_volume_of(entry->id);
        options.parent_ino = entry->group->id;
        options.root_time = created;
        r = pail_fs_new(&options, ret_volume);
        if (r < 0)
                mount->source->close(mount->source_context, &bucket);
        else
                *ret_bucket = bucket;
        /* -ENOENT of the local disk says nothing of the bucket. */
        return r == -ENOENT ? -EIO : r;
}

/* Gives the lock back while it opens. */
static int open_entry_locked(struct pail_mount *mount, struct pail_bucket_entry *entry)
{
        pail_mutex_assert_held(&mount->guarded.mutex);
        struct pail_mount_bucket bucket = { 0 };
        struct timespec created = entry->guarded.created;
        struct pail_fs *volume = NULL;
        int r;

        entry->guarded.is_opening = true;
        pail_mutex_unlock(&mount->guarded.mutex);
        r = open_volume(mount, entry, created, &bucket, &volume);
        pail_mutex_lock(&mount->guarded.mutex);
        entry->guarded.volume = volume;
        entry->guarded.bucket = bucket;
        entry->guarded.is_opening = false;
        entry->guarded.open_error = r;
        entry->guarded.openings++;
        if (r == -ENOENT)
                pail_bucket_entry_mark_gone_locked(mount, entry);
        pail_cond_broadcast(&mount->guarded.changed);
        return r;
}

/* 0: opened, or to be tried again since the one who tried was interrupted. */
static int await_opening_locked(struct pail_mount *mount, struct pail_bucket_entry *entry)
{
        pail_mutex_assert_held(&mount->guarded.mutex);
        unsigned before = entry->guarded.openings;

        while (entry->guarded.openings == before) {
                int r = pail_interrupt_wait(&mount->guarded.changed, &mount->guarded.mutex, INT64_MAX);

                if (r < 0)
                        return r;
        }
        return entry->guarded.open_error == -EINTR ? 0 : entry->guarded.open_error;
}

int pail_volumes_enter(struct pail_mount *mount, uint64_t id, struct pail_fs **ret_volume)
{
        if (mount->single) {
                *ret_volume = mount->single;
                return 0;
        }
        PAIL_LOCK(&mount->guarded.mutex);
        struct pail_bucket_entry *entry = pail_bucket_entry_of_locked(mount, id);

        if (!entry)
                return -ESTALE;
        while (!entry->guarded.volume) {
                int r;

                if (entry->guarded.is_gone)
                        return -ENOENT;
                r = entry->guarded.is_opening ? await_opening_locked(mount, entry) : open_entry_locked(mount, entry);
                if (r < 0)
                        return r;
        }
        *ret_volume = entry->guarded.volume;
        return 0;
}

struct pail_fs *pail_volumes_find_open(struct pail_mount *mount, uint64_t id)
{
        if (mount->single)
                return mount->single;
        PAIL_LOCK(&mount->guarded.mutex);
        struct pail_bucket_entry *entry = pail_bucket_entry_of_locked(mount, id);

        return entry ? entry->guarded.volume : NULL;
}
