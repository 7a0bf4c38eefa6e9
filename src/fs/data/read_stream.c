/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a reader will want next, from what it wanted so far.
 *
 * A stream keeps a few runs: ranges that were asked for without a gap. A request that touches a run prolongs it; one
 * that touches none begins a new one, in place of the one used least recently; runs that meet become one. So the
 * kernel's own read-ahead, whose requests arrive slightly out of order, comes out as one run after a moment, and so
 * does a program that reads at several places in turn; random reads make runs of one request each. A run that was
 * prolonged (or begins with a big read at 0) has a window.
 *
 * The window (read_window.h) is how far beyond its front a run is read ahead. It is fetched in parts of a quarter of it,
 * from 1 to 8 MiB, each in one request: enough of them to be in flight together.
 *
 * Parts are asked for without the stream's lock, by one thread at a time; the others find is_issuing and go on to
 * their own bytes.
 */
#include "read_stream.h"

#include <errno.h>
#include <stdlib.h>

#include "pail/util/clock.h"
#include "pail/util/math.h"
#include "read_window.h"

/* A request behind the front by more than this is another pass over the file, not a latecomer. */
#define LATE_BYTES ((uint64_t)4 << 20)

#define SEGMENT_BYTES ((uint64_t)8 << 20) /* the biggest part */

enum { RUNS = 8 };

struct run {
        uint64_t start, front;          /* asked for: [start, front) */
        uint64_t requested_end;         /* asked for ahead: [front, requested_end) */
        uint64_t used_at;               /* 0: a free slot */
        struct pail_read_window window; /* open: it is sequential */
};

struct pail_read_stream {
        struct {
                struct pail_mutex mutex;
                struct pail_object_data *data; /* a reference; NULL: nothing was read yet */
                struct run runs[RUNS];
                uint64_t now;   /* counts requests */
                uint64_t limit; /* never read ahead beyond */
                int64_t epoch;  /* see pail_data_engine_note_active() */
                bool is_issuing;
        } guarded;
};

int pail_read_stream_new(struct pail_read_stream **ret_stream)
{
        struct pail_read_stream *stream = calloc(1, sizeof(*stream));

        if (!stream)
                return -ENOMEM;
        pail_mutex_init(&stream->guarded.mutex);
        stream->guarded.limit = UINT64_MAX;
        *ret_stream = stream;
        return 0;
}

/* Nobody comes for what was read ahead of the run. */
static void abandon_run(struct pail_read_stream *stream, const struct run *run)
{
        struct pail_object_data *data = stream->guarded.data;

        if (run->used_at == 0 || run->requested_end <= run->front)
                return;
        uint64_t first = run->front / PAIL_BLOCK_SIZE;
        uint64_t end = (run->requested_end + PAIL_BLOCK_SIZE - 1) / PAIL_BLOCK_SIZE;
        pail_blocks_abandon(data->blocks, first, end - first, stream);
}

static void abandon_all(struct pail_read_stream *stream)
{
        for (unsigned i = 0; i < RUNS; i++) {
                abandon_run(stream, &stream->guarded.runs[i]);
                stream->guarded.runs[i] = (struct run){ 0 };
        }
}

void pail_read_stream_free(struct pail_read_stream *stream)
{
        if (!stream)
                return;
        abandon_all(stream);
        pail_object_data_unref(stream->guarded.data);
        pail_mutex_done(&stream->guarded.mutex);
        free(stream);
}

bool pail_read_stream_is_new(struct pail_read_stream *stream)
{
        PAIL_LOCK(&stream->guarded.mutex);
        return stream->guarded.now == 0;
}

/* Forgets everything when the handle has come to another version. Returns a reference to be dropped without lock. */
static struct pail_object_data *follow_locked(struct pail_read_stream *stream, struct pail_object_data *data)
{
        pail_mutex_assert_held(&stream->guarded.mutex);
        struct pail_object_data *before = stream->guarded.data;

        if (before == data)
                return NULL;
        if (before)
                abandon_all(stream);
        stream->guarded.data = pail_object_data_ref(data);
        return before;
}

static bool touches(const struct run *run, uint64_t offset, uint64_t end)
{
        return run->used_at != 0 && offset <= run->front && end >= run->start && offset + LATE_BYTES >= run->front;
}

/* Joins every other run that run has come to touch. */
static void merge_locked(struct pail_read_stream *stream, struct run *run)
{
        pail_mutex_assert_held(&stream->guarded.mutex);
        for (struct run *other = stream->guarded.runs; other < stream->guarded.runs + RUNS; other++) {
                if (other == run || !touches(other, run->start, run->front))
                        continue;
                run->start = pail_min(run->start, other->start);
                run->front = pail_max(run->front, other->front);
                pail_read_window_join(&run->window, &other->window);
                run->requested_end = pail_max(run->requested_end, other->requested_end);
                *other = (struct run){ 0 };
        }
}

static struct run *begin_locked(struct pail_read_stream *stream, uint64_t offset, uint64_t end)
{
        pail_mutex_assert_held(&stream->guarded.mutex);
        struct run *oldest = &stream->guarded.runs[0];

        for (struct run *run = stream->guarded.runs; run < stream->guarded.runs + RUNS; run++)
                if (run->used_at < oldest->used_at)
                        oldest = run;
        abandon_run(stream, oldest);
        *oldest = (struct run){ .start = offset, .front = end, .window.read_bytes = end - offset };
        if (offset == 0 && end >= PAIL_BLOCK_SIZE)
                pail_read_window_open(&oldest->window);
        return oldest;
}

/* The run that the request belongs to, brought up to date. */
static struct run *note_locked(struct pail_read_stream *stream, uint64_t offset, uint64_t end, uint64_t *ret_advanced)
{
        struct run *found = NULL;

        pail_mutex_assert_held(&stream->guarded.mutex);
        stream->guarded.now++;
        *ret_advanced = 0;
        for (struct run *run = stream->guarded.runs; run < stream->guarded.runs + RUNS && !found; run++)
                if (touches(run, offset, end))
                        found = run;
        if (!found) {
                found = begin_locked(stream, offset, end);
        } else {
                if (end > found->front) {
                        *ret_advanced = end - found->front;
                        found->front = end;
                        pail_read_window_open(&found->window);
                }
                found->start = pail_min(found->start, offset);
                merge_locked(stream, found);
        }
        found->used_at = stream->guarded.now;
        if (found->front - found->start > LATE_BYTES)
                found->start = found->front -
                               LATE_BYTES; /* what lies before is the past: another pass is another run */
        return found;
}

static uint64_t round_up(uint64_t offset)
{
        return (offset + PAIL_BLOCK_SIZE - 1) / PAIL_BLOCK_SIZE * PAIL_BLOCK_SIZE;
}

/* The next part that is due: *ret_end > *ret_start, both on block boundaries or at the end of the data. */
static bool next_part_locked(const struct pail_read_stream *stream, struct run *run, uint64_t *ret_start,
                             uint64_t *ret_end)
{
        pail_mutex_assert_held(&stream->guarded.mutex);
        uint64_t last = pail_min(stream->guarded.data->origin.location->size_bytes, stream->guarded.limit);
        uint64_t start = pail_max(round_up(run->front), run->requested_end);
        uint64_t target = round_up(run->front + run->window.size_bytes);
        uint64_t part = pail_read_window_part_bytes(&run->window), end;

        if (run->window.size_bytes < PAIL_BLOCK_SIZE || start >= last || start >= target)
                return false;
        end = start + pail_min(part, run->window.size_bytes);
        if (part == SEGMENT_BYTES)
                end -= end % SEGMENT_BYTES;
        end -= end % PAIL_BLOCK_SIZE;
        if (end > target && target < last)
                return false; /* not due yet */
        *ret_start = start;
        *ret_end = pail_min(end, last);
        return *ret_end > start;
}

/* Asks for what is absent of [start, end). Returns how far it came. */
static uint64_t issue(struct pail_read_stream *stream, struct pail_object_data *data, uint64_t start, uint64_t end)
{
        uint64_t first = start / PAIL_BLOCK_SIZE, last = (end + PAIL_BLOCK_SIZE - 1) / PAIL_BLOCK_SIZE;

        while (first < last) {
                uint64_t next;
                if (atomic_load(&data->origin.engine->parts) >= data->origin.engine->max_parts)
                        break;
                if (pail_blocks_prefetch(data->blocks, first, last - first, stream, &next) < 0)
                        break;
                first = next;
        }
        return first < last ? first * PAIL_BLOCK_SIZE : end;
}

/* The run that was read ahead up to requested_end; it may have been joined to another one meanwhile, or be gone. */
static struct run *find_locked(struct pail_read_stream *stream, uint64_t requested_end)
{
        pail_mutex_assert_held(&stream->guarded.mutex);
        for (struct run *run = stream->guarded.runs; run < stream->guarded.runs + RUNS; run++)
                if (run->used_at != 0 && run->requested_end == requested_end)
                        return run;
        return NULL;
}

static void issue_parts_locked(struct pail_read_stream *stream, struct pail_object_data *data, struct run *run)
{
        pail_mutex_assert_held(&stream->guarded.mutex);
        uint64_t start, end, reached;

        if (stream->guarded.is_issuing)
                return;
        stream->guarded.is_issuing = true;
        while (run && stream->guarded.data == data && next_part_locked(stream, run, &start, &end)) {
                run->requested_end = end;
                pail_mutex_unlock(&stream->guarded.mutex);
                reached = issue(stream, data, start, end);
                pail_mutex_lock(&stream->guarded.mutex);
                run = find_locked(stream, end);
                if (reached < end) {
                        if (run)
                                run->requested_end = reached;
                        break;
                }
        }
        stream->guarded.is_issuing = false;
}

void pail_read_stream_advance(struct pail_read_stream *stream, struct pail_object_data *data, uint64_t offset,
                              uint64_t end, bool has_waited)
{
        struct pail_object_data *before;
        uint64_t advanced_bytes;
        struct run *run;

        pail_mutex_lock(&stream->guarded.mutex);
        before = follow_locked(stream, data);
        run = note_locked(stream, offset, end, &advanced_bytes);
        if (run->window.size_bytes > 0) {
                unsigned active = pail_data_engine_note_active(data->origin.engine, &stream->guarded.epoch);
                pail_read_window_note(&run->window, advanced_bytes, has_waited,
                                      data->origin.engine->windows_bytes / active, pail_clock_monotonic_ms());
                issue_parts_locked(stream, data, run);
        }
        pail_mutex_unlock(&stream->guarded.mutex);
        pail_object_data_unref(before);
}

void pail_read_stream_expect(struct pail_read_stream *stream, struct pail_object_data *data, uint64_t offset,
                             uint64_t end)
{
        struct pail_object_data *before;

        pail_mutex_lock(&stream->guarded.mutex);
        before = follow_locked(stream, data);
        stream->guarded.limit = end;
        stream->guarded.now = 1;
        stream->guarded.runs[0] = (struct run){
                .start = offset,
                .front = offset,
                .window = { .size_bytes = end - offset, .read_bytes = end - offset },
                .requested_end = offset,
                .used_at = 1,
        };
        pail_mutex_unlock(&stream->guarded.mutex);
        pail_object_data_unref(before);
}
