/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pail_blocks: readers, read-ahead, replaced objects and charged memory on a pool that is too small, with a source (source.c) that is slow,
 * fails, ends early, starts again, answers at once or not at all while it is cancelled. The model: every byte is a function of version and position;
 * an error that a reader gets was told by the source for one of his blocks, and a cancellation never is; a block is asked for by one live
 * fetch at a time; the limits of the pool hold; everybody comes to an end; every call is released once and nothing is left.
 */
#include "pail/cache/blocks.h"

#include <errno.h>
#include <stdlib.h>

#include "pail/util/interrupt.h"
#include "scenarios.h"
#include "source.h"

enum { OBJECTS = 2, OBJECT_BLOCKS = 24, READERS_MAX = 5, READS_MAX = 6, VIEW_MAX = 6 };

/* One version of an object; gone as soon as its blocks are. */
struct object {
        struct source_object *version; /* of the source's */
        struct pail_blocks *blocks;
        unsigned users; /* calls on blocks */
        bool is_being_replaced;
};

struct library {
        struct pail_sim *sim;
        struct pail_pool *pool;
        struct source *source;
        unsigned interrupts_one_in;
        struct pail_mutex mutex; /* of the objects */
        struct pail_cond changed;
        struct object objects[OBJECTS];
};

static void make_version(struct library *library, struct object *object)
{
        uint64_t size = (uint64_t)pail_sim_choose_between(library->sim, 1, OBJECT_BLOCKS) * PAIL_BLOCK_SIZE;
        size -= pail_sim_choose(library->sim, PAIL_BLOCK_SIZE - 1);
        object->version = source_object_new(library->source, size);
        PAIL_SIM_CHECK(pail_blocks_new(library->pool, size, source_functions(), object->version, &object->blocks) == 0);
}

static void end_version(struct object *object)
{
        pail_blocks_free(object->blocks);
        source_object_free(object->version);
}

static struct object *enter(struct library *library)
{
        struct object *object = &library->objects[pail_sim_choose(library->sim, OBJECTS)];
        PAIL_LOCK(&library->mutex);
        while (object->is_being_replaced)
                pail_cond_wait(&library->changed, &library->mutex);
        object->users++;
        return object;
}

static void leave(struct library *library, struct object *object)
{
        PAIL_LOCK(&library->mutex);
        if (--object->users == 0)
                pail_cond_broadcast(&library->changed);
}

static void replace(struct library *library)
{
        struct object *object = &library->objects[pail_sim_choose(library->sim, OBJECTS)];
        PAIL_LOCK(&library->mutex);
        while (object->is_being_replaced)
                pail_cond_wait(&library->changed, &library->mutex);
        object->is_being_replaced = true;
        while (object->users > 0)
                pail_cond_wait(&library->changed, &library->mutex);
        end_version(object);
        make_version(library, object);
        object->is_being_replaced = false;
        pail_cond_broadcast(&library->changed);
}

static void check_limits(const struct library *library)
{
        struct pail_pool_stats stats;
        uint64_t used = 0;
        pail_pool_stats(library->pool, &stats);
        for (unsigned i = 0; i < PAIL_POOL_CLASSES; i++)
                used += stats.used_blocks[i];
        PAIL_SIM_CHECK(used * PAIL_BLOCK_SIZE <= stats.limit_bytes);
        PAIL_SIM_CHECK(stats.peak_bytes <= stats.limit_bytes);
}

static bool is_interrupted(void *context)
{
        const struct library *library = context;
        return pail_sim_chance(library->sim, library->interrupts_one_in);
}

struct range {
        uint64_t first;
        unsigned count, extra;
};

static struct range choose_range(struct library *library, const struct object *object)
{
        uint32_t blocks = (uint32_t)source_object_blocks(object->version);
        struct range range = { .first = pail_sim_choose(library->sim, blocks) };
        uint32_t left = blocks - (uint32_t)range.first;
        range.count = pail_sim_choose_between(library->sim, 1, left < VIEW_MAX ? left : VIEW_MAX);
        range.extra = pail_sim_choose(library->sim, 4);
        return range;
}

static void ask_ahead(struct library *library, struct object *object, const void *reader)
{
        uint64_t next, first = pail_sim_choose(library->sim, (uint32_t)source_object_blocks(object->version));
        uint64_t count = pail_sim_choose_between(library->sim, 1, 12);
        source_ahead_begins(object->version, first, count);
        int r = pail_blocks_prefetch(object->blocks, first, count, reader, &next);
        source_ahead_ends(object->version, first, count);
        PAIL_SIM_CHECK(next >= first);
        PAIL_SIM_CHECK(r == 0 || r == 1 || r == -EAGAIN || r == -EIO || r == -ENOMEM);
}

/* The bytes are there and stay while they are held, whatever becomes of the object. */
static void use_view(struct library *library, struct pail_view *view, const struct source_version *version,
                     uint64_t first)
{
        for (unsigned i = 0; i < view->count; i++)
                source_check_block(version, first + i, pail_view_data(view, i));
        pail_sim_dawdle(library->sim, 10);
        check_limits(library);
        for (unsigned i = 0; i < view->count; i++)
                source_check_block(version, first + i, pail_view_data(view, i));
        pail_view_release(view);
        pail_view_release(view);
}

static void read_some(struct library *library, const void *reader)
{
        struct object *object = enter(library);
        struct source_version version = source_object_version(object->version);
        struct range range = choose_range(library, object);
        struct pail_view view;
        struct source_reading reading = { .first = range.first, .count = range.count };
        source_reader_comes(object->version, &reading);
        int r = pail_blocks_acquire(object->blocks, range.first, range.count, range.extra, &view);
        bool is_acquired = r == 0;
        if (is_acquired)
                source_reader_waits(object->version, &reading);
        if (is_acquired && pail_sim_chance(library->sim, 4))
                ask_ahead(library, object, reader);
        if (is_acquired)
                r = pail_view_wait(&view);
        PAIL_SIM_CHECK(r != -EINTR || library->interrupts_one_in > 0);
        PAIL_SIM_CHECK(r == 0 || r == -EINTR || source_has_told(object->version, range.first, range.count, r));
        source_reader_goes(object->version, &reading, is_acquired && r == -EINTR);
        leave(library, object);
        if (r == 0)
                use_view(library, &view, &version, range.first);
        else if (is_acquired)
                pail_view_release(&view); /* of a view that failed: nothing */
}

static void abandon(struct library *library, const void *reader)
{
        struct object *object = enter(library);
        uint64_t first = pail_sim_choose(library->sim, (uint32_t)source_object_blocks(object->version));
        pail_blocks_abandon(object->blocks, first, pail_sim_choose_between(library->sim, 1, OBJECT_BLOCKS), reader);
        leave(library, object);
}

static void ask_ahead_only(struct library *library, const void *reader)
{
        struct object *object = enter(library);
        ask_ahead(library, object, reader);
        leave(library, object);
}

static void charge(struct library *library)
{
        unsigned count = pail_sim_choose_between(library->sim, 1, 12);
        if (pail_sim_chance(library->sim, 8))
                pail_pool_trim(library->pool);
        if (pail_pool_reserve(library->pool, PAIL_POOL_OTHER, count) < 0)
                return;
        check_limits(library);
        pail_sim_dawdle(library->sim, 10);
        pail_pool_unreserve(library->pool, PAIL_POOL_OTHER, count);
}

static void visit(struct pail_sim_caller *caller)
{
        struct library *library = caller->context;
        const struct pail_interrupt interrupt = { .is_set = is_interrupted, .context = library };
        if (library->interrupts_one_in > 0)
                pail_interrupt_install(&interrupt);
        for (unsigned steps = pail_sim_choose_between(caller->sim, 1, READS_MAX); steps > 0; steps--)
                switch (pail_sim_choose(caller->sim, 10)) {
                case 6:
                        ask_ahead_only(library, caller);
                        break;
                case 7:
                        abandon(library, caller);
                        break;
                case 8:
                        charge(library);
                        break;
                case 9:
                        replace(library);
                        break;
                default:
                        read_some(library, caller);
                }
        pail_interrupt_install(NULL);
}

static void check_empty(const struct library *library)
{
        struct pail_pool_stats stats;
        pail_pool_stats(library->pool, &stats);
        for (unsigned i = 0; i < PAIL_POOL_CLASSES; i++)
                PAIL_SIM_CHECK(stats.used_blocks[i] == 0);
        PAIL_SIM_CHECK(stats.valid_blocks == 0);
}

void scenario_blocks(struct pail_sim *sim)
{
        const struct pail_pool_options options = { .limit_bytes = (uint64_t)PAIL_POOL_MIN_BLOCKS * PAIL_BLOCK_SIZE };
        struct library library = { .sim = sim };
        struct pail_sim_callers readers;
        PAIL_SIM_CHECK(pail_pool_new(&options, &library.pool) == 0);
        library.source = source_new(sim);
        library.interrupts_one_in = pail_sim_chance(sim, 2) ? 10 : 0;
        pail_mutex_init(&library.mutex);
        pail_cond_init(&library.changed);
        for (unsigned i = 0; i < OBJECTS; i++)
                make_version(&library, &library.objects[i]);
        pail_sim_callers_start(sim, &readers, "reader", pail_sim_choose_between(sim, 1, READERS_MAX), visit, &library);
        pail_sim_callers_join(&readers);
        for (unsigned i = 0; i < OBJECTS; i++)
                end_version(&library.objects[i]);
        source_free(library.source); /* ends what is under way */
        check_empty(&library);
        pail_pool_free(library.pool);
        pail_cond_done(&library.changed);
        pail_mutex_done(&library.mutex);
}
