/* SPDX-License-Identifier: Apache-2.0 */
/* The forest as a whole: its beginning, its end, its figures. */
#include <errno.h>
#include <stdlib.h>

#include "mount/private.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"

PAIL_DEFINE_CLEANUP(struct pail_forest, pail_forest_free);

static struct pail_forest *new_forest(void)
{
        struct pail_forest *forest = calloc(1, sizeof(*forest));

        if (!forest)
                return NULL;
        pail_mutex_init(&forest->guarded.mutex);
        pail_cond_init(&forest->guarded.changed);
        return forest;
}

static int make_groups(struct pail_forest *forest, const char *const *names)
{
        size_t count = 0;

        while (names && names[count])
                count++;
        forest->groups = calloc(names ? count + 1 : 1, sizeof(*forest->groups));
        if (!forest->groups)
                return -ENOMEM;
        for (size_t i = 0; i < (names ? count : 1); i++) {
                struct pail_group *group = &forest->groups[forest->group_count];
                int r = pail_str_dup(names ? names[i] : "", &group->name);

                if (r < 0)
                        return r;
                group->number = forest->group_count++;
                group->id = pail_fs_id(0, names ? PAIL_FS_ROOT + 1 + i : PAIL_FS_ROOT);
                group->listed_ms = INT64_MIN;
        }
        return 0;
}

int pail_forest_new(const struct pail_forest_options *options, struct pail_forest **ret_forest)
{
        _cleanup_(pail_forest_free_p) struct pail_forest *forest = new_forest();
        int r;

        if (!forest)
                return -ENOMEM;
        forest->options = *options;
        forest->options.group_names = NULL;
        forest->options.tree.shared = pail_fs_shared_ref(options->tree.shared);
        r = make_groups(forest, options->group_names);
        if (r < 0)
                return r;
        *ret_forest = pail_steal(&forest);
        return 0;
}

int pail_forest_new_single(struct pail_fs *tree, struct pail_forest **ret_forest)
{
        struct pail_forest *forest = new_forest();

        if (!forest)
                return -ENOMEM;
        forest->only = tree;
        *ret_forest = forest;
        return 0;
}

/* One tree after the other, in the order of their numbers; NULL: no more. *at: 0 at first. */
static struct pail_fs *next_tree(struct pail_forest *forest, size_t *at)
{
        if (forest->only)
                return (*at)++ ? NULL : forest->only;
        PAIL_LOCK(&forest->guarded.mutex);
        while (*at < forest->guarded.place_count) {
                struct pail_fs *fs = forest->guarded.places[(*at)++]->fs;

                if (fs)
                        return fs;
        }
        return NULL;
}

static size_t place_count(struct pail_forest *forest)
{
        PAIL_LOCK(&forest->guarded.mutex);
        return forest->guarded.place_count;
}

unsigned pail_forest_drain(struct pail_forest *forest, int64_t deadline_ms)
{
        _cleanup_free_ struct pail_fs **trees = calloc(place_count(forest) + 1, sizeof(*trees));
        struct pail_fs *fs;
        size_t count = 0, at = 0;
        unsigned lost = 0;

        pail_forest_release_dirs(forest);
        while ((fs = next_tree(forest, &at))) {
                if (trees)
                        trees[count++] = fs;
                else /* no memory for all at once: one after the other */
                        lost += pail_fs_drain(&fs, 1, deadline_ms);
        }
        return lost + pail_fs_drain(trees, count, deadline_ms);
}

static void free_place(struct pail_forest *forest, struct pail_place *place)
{
        if (place->fs) {
                pail_fs_free(place->fs);
                forest->options.source->close(forest->options.source_context, &place->bucket);
        }
        free(place->name);
        free(place);
}

void pail_forest_free(struct pail_forest *forest)
{
        if (!forest)
                return;
        pail_forest_release_dirs(forest);
        if (forest->options.tree.shared)
                pail_fs_shared_wait(forest->options.tree.shared); /* a bucket may still be made */
        pail_fs_free(forest->only);
        for (unsigned i = 0; i < forest->group_count; i++) {
                HASH_CLEAR(by_name, forest->groups[i].places);
                free(forest->groups[i].name);
        }
        for (size_t i = 0; i < forest->guarded.place_count; i++)
                free_place(forest, forest->guarded.places[i]);
        free(forest->guarded.places);
        free(forest->groups);
        pail_fs_shared_unref(forest->options.tree.shared);
        pail_cond_done(&forest->guarded.changed);
        pail_mutex_done(&forest->guarded.mutex);
        free(forest);
}

void pail_forest_counters(struct pail_forest *forest, struct pail_forest_counters *ret_counters)
{
        struct pail_fs *fs;
        size_t at = 0;

        *ret_counters = (struct pail_forest_counters){ 0 };
        while ((fs = next_tree(forest, &at))) {
                pail_fs_counters(fs, &ret_counters->trees);
                ret_counters->tree_count++;
        }
}
