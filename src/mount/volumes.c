/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entering a bucket. The first call below it makes the tree, which asks the network and takes a state directory; others that come
 * meanwhile wait for it, and share its failure. A later call tries again.
 */
#include <errno.h>

#include "mount/private.h"
#include "pail/util/interrupt.h"

static int make_tree(struct pail_forest *forest, const struct pail_place *place, struct timespec created,
                     struct pail_forest_bucket *ret_bucket, struct pail_fs **ret_fs)
{
        const struct pail_forest_source *source = forest->options.source;
        struct pail_fs_options options = forest->options.tree;
        struct pail_forest_bucket bucket = { 0 };
        int r = source->open(forest->options.source_context, place->group->number, place->name, &bucket);

        if (r < 0)
                return r;
        options.remote = bucket.remote;
        options.prefix = "";
        options.state_dir = bucket.state_dir;
        options.can_list = bucket.can_list;
        options.tree = pail_fs_tree_of(place->id);
        options.parent_ino = place->group->id;
        options.root_time = created;
        r = pail_fs_new(&options, ret_fs);
        if (r < 0)
                source->close(forest->options.source_context, &bucket);
        else
                *ret_bucket = bucket;
        /* -ENOENT of the local disk says nothing of the bucket. */
        return r == -ENOENT ? -EIO : r;
}

static int open_locked(struct pail_forest *forest, struct pail_place *place)
{
        struct pail_forest_bucket bucket = { 0 };
        struct timespec created = place->created;
        struct pail_fs *fs = NULL;
        int r;

        place->is_opening = true;
        pail_mutex_unlock(&forest->guarded.mutex);
        r = make_tree(forest, place, created, &bucket, &fs);
        pail_mutex_lock(&forest->guarded.mutex);
        place->fs = fs;
        place->bucket = bucket;
        place->is_opening = false;
        place->open_error = r;
        place->openings++;
        if (r == -ENOENT)
                pail_place_lose_locked(place);
        pail_cond_broadcast(&forest->guarded.changed);
        return r;
}

/* 0: made, or to be tried again since the one who tried was interrupted. */
static int await_opening_locked(struct pail_forest *forest, struct pail_place *place)
{
        unsigned before = place->openings;

        while (place->openings == before) {
                int r = pail_interrupt_wait(&forest->guarded.changed, &forest->guarded.mutex, INT64_MAX);

                if (r < 0)
                        return r;
        }
        return place->open_error == -EINTR ? 0 : place->open_error;
}

int pail_forest_enter(struct pail_forest *forest, uint64_t id, struct pail_fs **ret_fs)
{
        if (forest->only) {
                *ret_fs = forest->only;
                return 0;
        }
        if (pail_forest_is_top(forest, id))
                return -EPERM;
        PAIL_LOCK(&forest->guarded.mutex);
        struct pail_place *place = pail_place_of_locked(forest, id);

        if (!place)
                return -ESTALE;
        while (!place->fs) {
                int r;

                if (place->is_gone)
                        return -ENOENT;
                r = place->is_opening ? await_opening_locked(forest, place) : open_locked(forest, place);
                if (r < 0)
                        return r;
        }
        *ret_fs = place->fs;
        return 0;
}

struct pail_fs *pail_forest_tree(struct pail_forest *forest, uint64_t id)
{
        if (forest->only)
                return forest->only;
        PAIL_LOCK(&forest->guarded.mutex);
        struct pail_place *place = pail_place_of_locked(forest, id);

        return place ? place->fs : NULL;
}
