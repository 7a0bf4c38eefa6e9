/* SPDX-License-Identifier: Apache-2.0 */
/* Calls on top directories: the root above the groups, and the groups. */
#include <errno.h>
#include <stdlib.h>

#include "fs/forest/private.h"
#include "pail/util/cleanup.h"
#include "pail/util/clock.h"
#include "pail/util/str.h"

struct pail_group *pail_top_group(struct pail_forest *forest, uint64_t id)
{
        for (unsigned i = 0; i < forest->group_count; i++)
                if (forest->groups[i].id == id)
                        return &forest->groups[i];
        return NULL;
}

static struct pail_group *find_group(struct pail_forest *forest, const char *name)
{
        for (unsigned i = 0; i < forest->group_count; i++)
                if (pail_str_equal(forest->groups[i].name, name))
                        return &forest->groups[i];
        return NULL;
}

void pail_group_entry(const struct pail_forest *forest, const struct pail_group *group, struct pail_fs_entry *ret_entry)
{
        int64_t ttl_ms = forest->options.tree.ttl_ms;

        *ret_entry =
                (struct pail_fs_entry){ .node_id = group->id, .entry_ttl_ms = ttl_ms, .attributes_ttl_ms = ttl_ms };
        pail_forest_describe(forest, group->id, (struct timespec){ 0 }, &ret_entry->attributes);
}

static int look_up_group(struct pail_forest *forest, const char *name, struct pail_fs_entry *ret_entry)
{
        const struct pail_group *group = find_group(forest, name);

        if (!group)
                return -ENOENT;
        pail_group_entry(forest, group, ret_entry);
        return 0;
}

static int look_up_bucket(struct pail_forest *forest, struct pail_group *group, const char *name,
                          struct pail_fs_entry *ret_entry)
{
        struct pail_place *place;
        int r = pail_group_find(forest, group, name, &place);

        return r < 0 ? r : pail_place_entry(forest, place, ret_entry);
}

int pail_top_lookup(struct pail_forest *forest, uint64_t parent, const char *name, struct pail_fs_entry *ret_entry)
{
        struct pail_group *group = pail_top_group(forest, parent);
        int r = group ? look_up_bucket(forest, group, name, ret_entry) : look_up_group(forest, name, ret_entry);

        if (r != -ENOENT)
                return r;
        *ret_entry = (struct pail_fs_entry){ .entry_ttl_ms = forest->options.tree.ttl_ms };
        return 0;
}

/* A bucket is made or deleted: a job, because its caller may be interrupted and leave. */
struct change {
        struct pail_forest *forest;
        struct pail_group *group;
        char *name;
        struct pail_place *place; /* result of making one */
};

static void free_change(void *context)
{
        struct change *change = context;

        free(change->name);
        free(change);
}

static int run_make(void *context)
{
        struct change *change = context;
        struct pail_forest *forest = change->forest;
        int r = forest->options.source->create(forest->options.source_context, change->group->number, change->name);

        if (r < 0)
                return r;
        PAIL_LOCK(&forest->guarded.mutex);
        change->group->serial++;
        r = pail_place_confirm_locked(forest, change->group, change->name, pail_clock_monotonic_ms(), &change->place);
        if (r < 0)
                return r;
        change->place->is_shown = true;
        change->place->created = pail_clock_now();
        return 0;
}

/* What was written in it and is not sent yet would have no place to go. */
static bool has_unsent(struct change *change)
{
        struct pail_forest *forest = change->forest;
        struct pail_place *place;
        struct pail_fs *fs;

        pail_mutex_lock(&forest->guarded.mutex);
        HASH_FIND(by_name, change->group->places, change->name, strlen(change->name), place);
        fs = place ? place->fs : NULL;
        pail_mutex_unlock(&forest->guarded.mutex);
        return fs && pail_fs_is_in_use(fs);
}

static int run_delete(void *context)
{
        struct change *change = context;
        struct pail_forest *forest = change->forest;
        struct pail_place *place;
        int r = has_unsent(change) ? -ENOTEMPTY
                                   : forest->options.source->remove(forest->options.source_context,
                                                                    change->group->number, change->name);

        if (r < 0)
                return r;
        PAIL_LOCK(&forest->guarded.mutex);
        change->group->serial++;
        HASH_FIND(by_name, change->group->places, change->name, strlen(change->name), place);
        if (place)
                pail_place_lose_locked(place);
        return 0;
}

static int start(struct pail_forest *forest, uint64_t parent, const char *name, int (*run)(void *change),
                 struct pail_future **ret_future, struct change **ret_change)
{
        struct pail_group *group = pail_top_group(forest, parent);
        struct change *change;

        if (forest->options.tree.read_only)
                return -EROFS;
        if (!group || !forest->options.manage_buckets)
                return -EPERM;
        change = calloc(1, sizeof(*change));
        if (!change || pail_str_dup(name, &change->name) < 0) {
                free(change);
                return -ENOMEM;
        }
        change->forest = forest;
        change->group = group;
        *ret_change = change;
        return pail_fs_shared_start_change(forest->options.tree.shared, run, free_change, change, ret_future);
}

int pail_top_mkdir(struct pail_forest *forest, uint64_t parent, const char *name, struct pail_fs_entry *ret_entry)
{
        _cleanup_future_ struct pail_future *future = NULL;
        struct change *change;
        int r = start(forest, parent, name, run_make, &future, &change);

        if (r == 0)
                r = pail_future_wait(future, INT64_MAX);
        return r < 0 ? r : pail_place_entry(forest, change->place, ret_entry);
}

int pail_top_rmdir(struct pail_forest *forest, uint64_t parent, const char *name)
{
        _cleanup_future_ struct pail_future *future = NULL;
        struct change *change;
        int r = start(forest, parent, name, run_delete, &future, &change);

        return r < 0 ? r : pail_future_wait(future, INT64_MAX);
}
