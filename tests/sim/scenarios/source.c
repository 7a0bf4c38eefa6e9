/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A call stands in marks[] for each block that it has still to bring. When another call comes for such a block, the first one must have been
 * cancelled: that is single flight, seen from outside. (cancel() itself comes a little later than the decision: the cache calls it
 * without its lock.) From then on its deliveries must be refused.
 */
#include "source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "pail/util/mutex.h"

enum { BLOCKS_MAX = 32, SERVERS_MAX = 3, PERIOD = 65521, ERRORS = 2, SAMPLES = 7 };

enum fate { WHOLE, FAILS, ENDS_EARLY, STARTS_AGAIN, FATES };

struct call {
        struct source *source;
        struct source_object *object; /* NULL: the object is gone, and this call was cancelled */
        struct pail_fetch *fetch;
        struct pail_fetch_range range;
        uint32_t version;
        uint64_t number, delivered;
        unsigned readers_ever;
        bool is_held, is_cancelled, was_refused, must_be_cancelled, may_be_shared, has_ended;
        struct call *prev, *next; /* in the queue */
        struct call *all_prev, *all_next;
};

struct source_object {
        struct source *source;
        struct source_version version;
        uint64_t blocks;
        struct call *marks[BLOCKS_MAX];
        bool told[BLOCKS_MAX][ERRORS];
        unsigned readers[BLOCKS_MAX];
        uint64_t wishes; /* read-ahead that was asked for: also of what had no call yet */
};

struct source {
        struct pail_sim *sim;
        struct pail_mutex mutex;
        struct pail_cond changed;
        struct call *queue, *calls;
        bool is_stopping;
        unsigned bad_one_in, at_once_one_in, fails_to_start_one_in;
        uint32_t versions;
        uint64_t calls_ever;
        struct pail_sim_callers servers;
};

/* Of all versions: they begin at different places of one pattern, which repeats after a prime number of bytes. */
static char pattern[PERIOD + PAIL_BLOCK_SIZE];

static __attribute__((constructor)) void make_pattern(void)
{
        for (uint64_t i = 0; i < sizeof(pattern); i++)
                pattern[i] = (char)(((i % PERIOD + 1) * UINT64_C(0x9E3779B97F4A7C15)) >> 56);
}

static const char *bytes_at(uint32_t version, uint64_t position)
{
        return pattern + (position + version * UINT64_C(7919)) % PERIOD;
}

void source_check_block(const struct source_version *version, uint64_t number, const char *data)
{
        uint64_t at = number * PAIL_BLOCK_SIZE, left = version->size_bytes - at;
        size_t size = left < PAIL_BLOCK_SIZE ? left : PAIL_BLOCK_SIZE;
        for (unsigned i = 0; i <= SAMPLES; i++) {
                size_t sample = (size - 1) * i / SAMPLES;
                PAIL_SIM_CHECK(data[sample] == *bytes_at(version->number, at + sample));
        }
}

static unsigned index_of(int error)
{
        PAIL_SIM_CHECK(error == -EIO || error == -ENOMEM);
        return error == -EIO ? 0 : 1;
}

bool source_has_told(const struct source_object *object, uint64_t first, unsigned count, int error)
{
        unsigned index = index_of(error);
        bool result = false;
        for (unsigned i = 0; i < count; i++)
                result |= object->told[first + i][index];
        return result;
}

static uint64_t first_block(const struct pail_fetch_range *range)
{
        return range->offset / PAIL_BLOCK_SIZE;
}

static uint64_t end_block(const struct pail_fetch_range *range)
{
        return (range->offset + range->size_bytes + PAIL_BLOCK_SIZE - 1) / PAIL_BLOCK_SIZE;
}

void source_reader_comes(struct source_object *object, struct source_reading *reading)
{
        reading->wishes = object->wishes;
        for (unsigned i = 0; i < reading->count; i++)
                object->readers[reading->first + i]++;
}

void source_reader_waits(const struct source_object *object, struct source_reading *reading)
{
        for (unsigned i = 0; i < reading->count; i++) {
                struct call *call = object->marks[reading->first + i];
                if (!call)
                        continue;
                reading->awaited[i] = call->number;
                if (i == 0 || reading->awaited[i - 1] != call->number)
                        call->readers_ever++;
        }
}

static bool is_read(const struct call *call)
{
        unsigned readers = 0;
        for (uint64_t i = first_block(&call->range); i < end_block(&call->range); i++)
                readers += call->object->readers[i];
        return readers > 0;
}

void source_reader_goes(struct source_object *object, const struct source_reading *reading, bool is_interrupted)
{
        for (unsigned i = 0; i < reading->count; i++)
                object->readers[reading->first + i]--;
        for (unsigned i = 0; i < reading->count && is_interrupted && reading->wishes == object->wishes; i++) {
                const struct call *call = object->marks[reading->first + i];
                if (call && call->number == reading->awaited[i] && !call->range.reader && !call->may_be_shared &&
                    call->readers_ever == 1)
                        PAIL_SIM_CHECK(is_read(call) || call->is_cancelled);
        }
}

void source_ahead_begins(struct source_object *object, uint64_t first, uint64_t count)
{
        for (uint64_t i = first; i < object->blocks && i - first < count; i++)
                object->readers[i]++;
}

void source_ahead_ends(struct source_object *object, uint64_t first, uint64_t count)
{
        object->wishes++;
        for (uint64_t i = first; i < object->blocks && i - first < count; i++) {
                object->readers[i]--;
                if (object->marks[i])
                        object->marks[i]->may_be_shared = true;
        }
}

static void tell(struct source_object *object, const struct pail_fetch_range *range, int error)
{
        for (uint64_t i = first_block(range); object && error < 0 && i < end_block(range); i++)
                object->told[i][index_of(error)] = true;
}

static void mark(struct call *call)
{
        for (uint64_t i = first_block(&call->range); i < end_block(&call->range); i++) {
                if (call->object->marks[i])
                        call->object->marks[i]->must_be_cancelled = true;
                call->object->marks[i] = call;
        }
}

/* Blocks up to that position are there, or given up, in the next moment. */
static void unmark_up_to(struct call *call, uint64_t position)
{
        uint64_t end = end_block(&call->range);
        for (uint64_t i = first_block(&call->range); call->object && i < end && (i + 1) * PAIL_BLOCK_SIZE <= position;
             i++)
                if (call->object->marks[i] == call)
                        call->object->marks[i] = NULL;
}

static int deliver(struct call *call, size_t size)
{
        bool must_fail = call->must_be_cancelled;
        uint64_t at = call->range.offset + call->delivered;
        if (!call->is_held && call->delivered + size == call->range.size_bytes)
                unmark_up_to(call, end_block(&call->range) * PAIL_BLOCK_SIZE);
        else if (!call->is_held)
                unmark_up_to(call, at + size);
        int r = pail_fetch_deliver(call->fetch, bytes_at(call->version, at), size);
        PAIL_SIM_CHECK(r == 0 || r == -ECANCELED);
        PAIL_SIM_CHECK(!must_fail || r == -ECANCELED);
        call->was_refused |= r == -ECANCELED;
        call->delivered += size;
        return r;
}

/* Until stop, in pieces, or until it is told to stop. */
static int deliver_up_to(struct call *call, uint64_t stop)
{
        static const size_t pieces[] = { 131072, 65536, 131071, 100000, 4096, 1 };
        struct pail_sim *sim = call->source->sim;
        unsigned small = 0;
        int r = 0;
        while (call->delivered < stop && r == 0) {
                size_t piece = pieces[pail_sim_choose(sim, 6)];
                small += piece < 65536;
                if (small > 4) /* a few of those are enough */
                        piece = PAIL_BLOCK_SIZE;
                if (piece > stop - call->delivered)
                        piece = stop - call->delivered;
                r = deliver(call, piece);
                if (pail_sim_chance(sim, 4))
                        pail_sim_dawdle(sim, 20);
                if (call->is_cancelled && pail_sim_chance(sim, 2))
                        r = -ECANCELED;
        }
        return r;
}

/* Bytes that turn out to be wrong: they are held back, and come again. */
static int start_again(struct call *call)
{
        call->is_held = true;
        pail_fetch_hold(call->fetch);
        for (unsigned rounds = pail_sim_choose(call->source->sim, 3); rounds > 0; rounds--) {
                call->version += 1000;
                int r = deliver_up_to(call, pail_sim_choose(call->source->sim, (uint32_t)call->range.size_bytes));
                call->version -= 1000;
                if (r < 0)
                        return r;
                pail_fetch_rewind(call->fetch);
                call->delivered = 0;
        }
        return 0;
}

static void serve(struct call *call)
{
        struct pail_sim *sim = call->source->sim;
        enum fate fate = pail_sim_chance(sim, call->source->bad_one_in) ? pail_sim_choose(sim, FATES) : WHOLE;
        uint64_t stop = call->range.size_bytes;
        int r = fate == STARTS_AGAIN ? start_again(call) : 0, result;
        if (fate == FAILS || fate == ENDS_EARLY)
                stop = pail_sim_choose(sim, (uint32_t)stop);
        if (r == 0)
                r = deliver_up_to(call, stop);
        result = r < 0 ? r : fate == FAILS ? -ENOMEM : 0;
        if (result == -ENOMEM)
                tell(call->object, &call->range, -ENOMEM);
        if (result == 0 && stop < call->range.size_bytes)
                tell(call->object, &call->range, -EIO);
        unmark_up_to(call, UINT64_MAX);
        call->has_ended = true;
        pail_fetch_end(call->fetch, result);
}

static int start(void *context, struct pail_fetch *fetch, const struct pail_fetch_range *range, void **ret_call)
{
        struct source_object *object = context;
        struct source *source = object->source;
        if (pail_sim_chance(source->sim, source->fails_to_start_one_in)) {
                tell(object, range, -EIO);
                return -EIO;
        }
        struct call *call = calloc(1, sizeof(*call));
        PAIL_SIM_CHECK(call);
        *call = (struct call){ .source = source, .object = object, .fetch = fetch, .range = *range };
        call->version = object->version.number;
        call->number = ++source->calls_ever;
        pail_sim_note("starts a call: blocks %llu to %llu%s", (unsigned long long)first_block(range),
                      (unsigned long long)end_block(range) - 1, range->reader ? ", ahead" : "");
        DL_APPEND2(source->calls, call, all_prev, all_next);
        mark(call);
        *ret_call = call;
        if (pail_sim_chance(source->sim, source->at_once_one_in)) {
                serve(call);
                return 0;
        }
        PAIL_LOCK(&source->mutex);
        DL_APPEND(source->queue, call);
        pail_cond_signal(&source->changed);
        return 0;
}

static void raise_priority(void *context)
{
        const struct call *call = context;
        PAIL_SIM_CHECK(call->range.is_background);
        pail_sim_yield();
}

static void cancel(void *context)
{
        struct call *call = context;
        call->is_cancelled = true;
        pail_sim_yield();
}

static void release(void *context)
{
        struct call *call = context;
        PAIL_SIM_CHECK(call->has_ended);
        PAIL_SIM_CHECK(call->is_cancelled || !(call->was_refused || call->must_be_cancelled));
        DL_DELETE2(call->source->calls, call, all_prev, all_next);
        free(call);
}

const struct pail_source *source_functions(void)
{
        static const struct pail_source functions = { start, raise_priority, cancel, release };
        return &functions;
}

static struct call *next_call(struct source *source)
{
        struct call *call;
        unsigned count = 0;
        PAIL_LOCK(&source->mutex);
        while (!source->queue && !source->is_stopping)
                pail_cond_wait(&source->changed, &source->mutex);
        DL_FOREACH(source->queue, call)
                count++;
        if (count == 0)
                return NULL;
        unsigned chosen = pail_sim_choose(source->sim, count);
        for (call = source->queue; chosen > 0; chosen--)
                call = call->next;
        DL_DELETE(source->queue, call);
        return call;
}

static void serve_all(struct pail_sim_caller *caller)
{
        struct call *call;
        while ((call = next_call(caller->context)))
                serve(call);
}

struct source *source_new(struct pail_sim *sim)
{
        static const unsigned rare[] = { 0, 0, 3, 10 };
        struct source *source = calloc(1, sizeof(*source));
        PAIL_SIM_CHECK(source);
        source->sim = sim;
        source->bad_one_in = rare[pail_sim_choose(sim, 4)];
        source->at_once_one_in = rare[pail_sim_choose(sim, 4)];
        source->fails_to_start_one_in = rare[pail_sim_choose(sim, 4)];
        pail_mutex_init(&source->mutex);
        pail_cond_init(&source->changed);
        pail_sim_callers_start(sim, &source->servers, "server", pail_sim_choose_between(sim, 1, SERVERS_MAX), serve_all,
                               source);
        return source;
}

void source_free(struct source *source)
{
        pail_mutex_lock(&source->mutex);
        source->is_stopping = true;
        pail_cond_broadcast(&source->changed);
        pail_mutex_unlock(&source->mutex);
        pail_sim_callers_join(&source->servers);
        PAIL_SIM_CHECK(!source->calls);
        pail_cond_done(&source->changed);
        pail_mutex_done(&source->mutex);
        free(source);
}

struct source_object *source_object_new(struct source *source, uint64_t size_bytes)
{
        struct source_object *object = calloc(1, sizeof(*object));
        PAIL_SIM_CHECK(object);
        object->source = source;
        object->version = (struct source_version){ ++source->versions, size_bytes };
        object->blocks = (size_bytes + PAIL_BLOCK_SIZE - 1) / PAIL_BLOCK_SIZE;
        return object;
}

void source_object_free(struct source_object *object)
{
        struct call *call;
        for (call = object->source->calls; call; call = call->all_next)
                if (call->object == object)
                        call->object = NULL;
        free(object);
}

uint64_t source_object_blocks(const struct source_object *object)
{
        return object->blocks;
}

struct source_version source_object_version(const struct source_object *object)
{
        return object->version;
}
