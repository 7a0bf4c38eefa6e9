/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which buckets there are. A list tells of those to be shown, with their dates; whether a name is there is asked for by itself, because
 * buckets of others that may be entered are in no list, and because one name costs the server less than all.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fs/forest/private.h"
#include "pail/util/cleanup.h"
#include "pail/util/clock.h"
#include "pail/util/interrupt.h"
#include "pail/util/str.h"

enum { NAME_LIMIT = 255, PLACES_STEP = 64 };

struct pail_place *pail_place_of_locked(struct pail_forest *forest, uint64_t id)
{
        uint64_t tree = pail_fs_tree_of(id);

        pail_mutex_assert_held(&forest->guarded.mutex);
        return tree && tree <= forest->guarded.place_count ? forest->guarded.places[tree - 1] : NULL;
}

static void free_place(struct pail_place *place)
{
        if (!place)
                return;
        free(place->name);
        free(place);
}
PAIL_DEFINE_CLEANUP(struct pail_place, free_place);

static int make_room_locked(struct pail_forest *forest)
{
        struct pail_place **places;

        if (forest->guarded.place_count % PLACES_STEP)
                return 0;
        places = reallocarray(forest->guarded.places, forest->guarded.place_count + PLACES_STEP, sizeof(*places));
        if (!places)
                return -ENOMEM;
        forest->guarded.places = places;
        return 0;
}

static int add_locked(struct pail_forest *forest, struct pail_group *group, const char *name,
                      struct pail_place **ret_place)
{
        _cleanup_(free_place_p) struct pail_place *place = calloc(1, sizeof(*place));
        int r = place ? pail_str_dup(name, &place->name) : -ENOMEM;

        if (r == 0)
                r = make_room_locked(forest);
        if (r < 0)
                return r;
        HASH_ADD_KEYPTR(by_name, group->places, place->name, strlen(place->name), place);
        if (!place->by_name.tbl)
                return -ENOMEM;
        forest->guarded.places[forest->guarded.place_count++] = place;
        place->id = pail_fs_id(forest->guarded.place_count, PAIL_FS_ROOT);
        place->group = group;
        *ret_place = pail_steal(&place);
        return 0;
}

static struct pail_place *find_locked(struct pail_group *group, const char *name)
{
        struct pail_place *place;

        HASH_FIND(by_name, group->places, name, strlen(name), place);
        return place;
}

int pail_place_confirm_locked(struct pail_forest *forest, struct pail_group *group, const char *name,
                              int64_t checked_ms, struct pail_place **ret_place)
{
        struct pail_place *place = find_locked(group, name);
        int r = 0;

        pail_mutex_assert_held(&forest->guarded.mutex);
        if (!place)
                r = add_locked(forest, group, name, &place);
        if (r < 0)
                return r;
        if (place->checked_ms < checked_ms)
                place->checked_ms = checked_ms;
        *ret_place = place;
        return 0;
}

void pail_place_lose_locked(struct pail_place *place)
{
        if (place->is_gone)
                return;
        place->is_gone = true;
        HASH_DELETE(by_name, place->group->places, place);
}

int64_t pail_place_ttl_locked(const struct pail_forest *forest, const struct pail_place *place)
{
        int64_t left = place->checked_ms + forest->options.tree.ttl_ms - pail_clock_monotonic_ms();

        return left > 0 && !place->is_gone ? left : 0;
}

void pail_forest_describe(const struct pail_forest *forest, uint64_t ino, struct timespec time,
                          struct stat *ret_attributes)
{
        pail_fs_describe_directory(&forest->options.tree, ino, time, ret_attributes);
}

int pail_place_entry(struct pail_forest *forest, struct pail_place *place, struct pail_fs_entry *ret_entry)
{
        struct pail_fs_entry entry = { .node_id = place->id };
        struct timespec created;
        struct pail_fs *fs;
        int64_t ignored;
        int r = 0;

        pail_mutex_lock(&forest->guarded.mutex);
        entry.entry_ttl_ms = entry.attributes_ttl_ms = pail_place_ttl_locked(forest, place);
        created = place->created;
        fs = place->fs;
        pail_mutex_unlock(&forest->guarded.mutex);
        if (fs)
                r = pail_fs_getattr(fs, place->id, NULL, &entry.attributes, &ignored); /* a chmod of the root lasts */
        else
                pail_forest_describe(forest, place->id, created, &entry.attributes);
        if (r == 0)
                *ret_entry = entry;
        return r;
}

/* A server may tell any name; one that is no component of a path cannot be shown. */
static bool is_component(const char *name)
{
        return *name && strlen(name) <= NAME_LIMIT && !strchr(name, '/') && !pail_str_equal(name, ".") &&
               !pail_str_equal(name, "..");
}

void pail_forest_list_done(struct pail_forest_list *list)
{
        for (size_t i = 0; i < list->count; i++)
                free(list->items[i].name);
        free(list->items);
        *list = (struct pail_forest_list){ 0 };
}

static int enter_list_locked(struct pail_forest *forest, struct pail_group *group,
                             const struct pail_forest_list *buckets, int64_t began_ms)
{
        struct pail_place *place, *next;

        HASH_ITER(by_name, group->places, place, next)
                place->is_shown = false;
        for (size_t i = 0; i < buckets->count; i++) {
                const struct pail_forest_listed *entry = &buckets->items[i];
                int r = is_component(entry->name)
                                ? pail_place_confirm_locked(forest, group, entry->name, began_ms, &place)
                                : 1;

                if (r < 0)
                        return r;
                if (r > 0)
                        continue;
                place->is_shown = true;
                place->created = entry->created;
        }
        group->listed_ms = began_ms;
        return 0;
}

/* One question and its answer. 1: buckets were made or deleted here meanwhile, so that the answer may be older than they. */
static int list_once_locked(struct pail_forest *forest, struct pail_group *group)
{
        _cleanup_(pail_forest_list_done) struct pail_forest_list buckets = { 0 };
        int64_t began_ms = pail_clock_monotonic_ms();
        uint64_t serial = group->serial;
        int r;

        pail_mutex_unlock(&forest->guarded.mutex);
        r = forest->options.source->list(forest->options.source_context, group->number, &buckets);
        pail_mutex_lock(&forest->guarded.mutex);
        if (r < 0 && r != -EPERM)
                return r;
        return group->serial == serial ? enter_list_locked(forest, group, &buckets, began_ms) : 1;
}

static int list_locked(struct pail_forest *forest, struct pail_group *group)
{
        int r;

        group->is_listing = true;
        do
                r = list_once_locked(forest, group);
        while (r > 0);
        group->is_listing = false;
        group->list_error = r;
        group->listings++;
        pail_cond_broadcast(&forest->guarded.changed);
        return r;
}

/* Another thread asks: its answer is ours too. 1: it was interrupted, and there is none. */
static int await_list_locked(struct pail_forest *forest, struct pail_group *group)
{
        unsigned before = group->listings;

        while (group->listings == before) {
                int r = pail_interrupt_wait(&forest->guarded.changed, &forest->guarded.mutex, INT64_MAX);

                if (r < 0)
                        return r;
        }
        return group->list_error == -EINTR ? 1 : group->list_error;
}

int pail_group_list(struct pail_forest *forest, struct pail_group *group)
{
        int64_t ttl_ms = forest->options.tree.ttl_ms;
        int r;

        PAIL_LOCK(&forest->guarded.mutex);
        if (group->listed_ms != INT64_MIN && pail_clock_monotonic_ms() - group->listed_ms < ttl_ms)
                return 0;
        do
                r = group->is_listing ? await_list_locked(forest, group) : list_locked(forest, group);
        while (r > 0);
        return r;
}

static bool find_fresh(struct pail_forest *forest, struct pail_group *group, const char *name,
                       struct pail_place **ret_place)
{
        PAIL_LOCK(&forest->guarded.mutex);
        struct pail_place *place = find_locked(group, name);

        if (!place || pail_place_ttl_locked(forest, place) == 0)
                return false;
        *ret_place = place;
        return true;
}

static uint64_t serial_of(struct pail_forest *forest, const struct pail_group *group)
{
        PAIL_LOCK(&forest->guarded.mutex);
        return group->serial;
}

/* 1: as with a list. */
static int ask_once(struct pail_forest *forest, struct pail_group *group, const char *name,
                    struct pail_place **ret_place)
{
        uint64_t serial = serial_of(forest, group);
        int64_t began_ms = pail_clock_monotonic_ms();
        int r = forest->options.source->exists(forest->options.source_context, group->number, name);

        PAIL_LOCK(&forest->guarded.mutex);
        if (group->serial != serial)
                return 1;
        if (r == 0)
                return pail_place_confirm_locked(forest, group, name, began_ms, ret_place);
        if (r == -ENOENT) {
                struct pail_place *place = find_locked(group, name);

                if (place)
                        pail_place_lose_locked(place);
        }
        return r;
}

/* Only a list tells dates, so there is one before the first name. */
static int list_first(struct pail_forest *forest, struct pail_group *group)
{
        bool is_needed;

        pail_mutex_lock(&forest->guarded.mutex);
        is_needed = group->listed_ms == INT64_MIN;
        pail_mutex_unlock(&forest->guarded.mutex);
        return is_needed && pail_group_list(forest, group) == -EINTR ? -EINTR : 0;
}

int pail_group_find(struct pail_forest *forest, struct pail_group *group, const char *name,
                    struct pail_place **ret_place)
{
        int r = list_first(forest, group);

        if (r < 0 || find_fresh(forest, group, name, ret_place))
                return r;
        do
                r = ask_once(forest, group, name, ret_place);
        while (r > 0);
        return r;
}
