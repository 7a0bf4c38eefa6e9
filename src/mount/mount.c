/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mount as a whole: its beginning, its end, its figures. Volumes come one by one as buckets are entered and none goes before the end,
 * so that walking them needs the lock for each step only.
 */
#include "pail/mount/mount.h"

#include <errno.h>
#include <stdlib.h>

#include "mount/bucket_entry.h"
#include "mount/directory.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"

PAIL_DEFINE_CLEANUP(struct pail_mount, pail_mount_free);

static struct pail_mount *new_mount(void)
{
        struct pail_mount *mount = calloc(1, sizeof(*mount));

        if (!mount)
                return NULL;
        pail_mutex_init(&mount->guarded.mutex);
        pail_cond_init(&mount->guarded.changed);
        return mount;
}

static int make_groups(struct pail_mount *mount, const char *const *names)
{
        size_t count = 0;

        while (names && names[count])
                count++;
        mount->groups = calloc(names ? count + 1 : 1, sizeof(*mount->groups));
        if (!mount->groups)
                return -ENOMEM;
        for (size_t i = 0; i < (names ? count : 1); i++) {
                struct pail_group *group = &mount->groups[mount->group_count];
                int r = pail_str_dup(names ? names[i] : "", &group->name);

                if (r < 0)
                        return r;
                group->number = mount->group_count++;
                group->id = pail_fs_id(0, names ? PAIL_FS_ROOT + 1 + i : PAIL_FS_ROOT);
                group->guarded.listed_ms = INT64_MIN;
        }
        return 0;
}

int pail_mount_new(const struct pail_mount_options *options, struct pail_mount **ret_mount)
{
        _cleanup_(pail_mount_free_p) struct pail_mount *mount = new_mount();
        int r;

        if (!mount)
                return -ENOMEM;
        mount->volume_options = options->volume;
        mount->volume_options.shared = pail_fs_shared_ref(options->volume.shared);
        mount->can_manage_buckets = options->can_manage_buckets;
        mount->source = options->source;
        mount->source_context = options->source_context;
        r = make_groups(mount, options->group_names);
        if (r < 0)
                return r;
        *ret_mount = pail_steal(&mount);
        return 0;
}

int pail_mount_new_single(struct pail_fs *volume, struct pail_mount **ret_mount)
{
        struct pail_mount *mount = new_mount();

        if (!mount)
                return -ENOMEM;
        mount->single = volume;
        *ret_mount = mount;
        return 0;
}

/* One open volume after the other, in the order of their numbers; NULL: no more. *at: 0 at first. */
static struct pail_fs *next_volume(struct pail_mount *mount, size_t *at)
{
        if (mount->single)
                return (*at)++ ? NULL : mount->single;
        PAIL_LOCK(&mount->guarded.mutex);
        while (*at < mount->guarded.entry_count) {
                struct pail_fs *volume = mount->guarded.entries[(*at)++]->guarded.volume;

                if (volume)
                        return volume;
        }
        return NULL;
}

static size_t entry_count(struct pail_mount *mount)
{
        PAIL_LOCK(&mount->guarded.mutex);
        return mount->guarded.entry_count;
}

unsigned pail_mount_drain(struct pail_mount *mount, int64_t deadline_ms)
{
        _cleanup_free_ struct pail_fs **volumes = calloc(entry_count(mount) + 1, sizeof(*volumes));
        struct pail_fs *volume;
        size_t count = 0, at = 0;
        unsigned lost = 0;

        pail_mount_dir_close_all(mount);
        while ((volume = next_volume(mount, &at))) {
                if (volumes)
                        volumes[count++] = volume;
                else /* no memory for all at once: one after the other */
                        lost += pail_fs_drain(&volume, 1, deadline_ms);
        }
        return lost + pail_fs_drain(volumes, count, deadline_ms);
}

void pail_mount_free(struct pail_mount *mount)
{
        if (!mount)
                return;
        pail_mount_dir_close_all(mount);
        if (mount->volume_options.shared)
                pail_fs_shared_wait(mount->volume_options.shared); /* a bucket may still be made */
        pail_fs_free(mount->single);
        for (unsigned i = 0; i < mount->group_count; i++) {
                HASH_CLEAR(guarded.by_name, mount->groups[i].guarded.entries);
                free(mount->groups[i].name);
        }
        for (size_t i = 0; i < mount->guarded.entry_count; i++)
                pail_bucket_entry_free(mount, mount->guarded.entries[i]);
        free(mount->guarded.entries);
        free(mount->groups);
        pail_fs_shared_unref(mount->volume_options.shared);
        pail_cond_done(&mount->guarded.changed);
        pail_mutex_done(&mount->guarded.mutex);
        free(mount);
}

void pail_mount_counters(struct pail_mount *mount, struct pail_mount_counters *ret_counters)
{
        struct pail_fs *volume;
        size_t at = 0;

        *ret_counters = (struct pail_mount_counters){ 0 };
        while ((volume = next_volume(mount, &at))) {
                pail_fs_counters(volume, &ret_counters->volumes);
                ret_counters->volume_count++;
        }
}
