/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The window starts at 1 MiB and doubles each time the reader had to wait all the same, up to twice what was read so
 * far (so that little is fetched in vain) and to the easy size of 32 MiB. Thus a reader slower than the network keeps
 * a small window.
 *
 * Beyond the easy size, waiting proves nothing: where the network or a processor is the limit, a bigger window only
 * costs memory and takes bandwidth from other readers. So it has to earn its size: the reader's rate is measured over
 * one window, the window doubled as a trial, and the trial kept if the rate rose by a quarter; else the window goes
 * back and rests for some measures.
 *
 *   closed --open--> easy --note, at the easy size--> measuring <--> trial
 *
 * A fixed large window was the alternative: right for a long fat pipe, and wrong for a slow line, where a seek then
 * waits behind 100 MiB that nobody wants.
 */
#include "read_window.h"

#include "pail/util/math.h"

enum { MEASURE_MIN_MS = 10, RESTS = 8 };

#define PART_MIN_BYTES ((uint64_t)1 << 20)
#define PART_MAX_BYTES ((uint64_t)8 << 20)

void pail_read_window_open(struct pail_read_window *window)
{
        window->size_bytes = pail_max(window->size_bytes, PAIL_READ_WINDOW_FIRST_BYTES);
}

static void measure_anew(struct pail_read_window *window, int64_t now_ms)
{
        window->since_bytes = window->read_bytes;
        window->since_ms = now_ms;
        window->has_waited = false;
}

/* One measure has come to its end with this rate, and the reader had to wait. */
static void end_measure(struct pail_read_window *window, uint64_t rate)
{
        if (window->size_bytes > window->proven_bytes) { /* a trial */
                if (rate < window->rate + window->rate / 4) {
                        window->size_bytes = window->proven_bytes;
                        window->rests = RESTS;
                        return;
                }
                window->proven_bytes = window->size_bytes;
        } else if (window->rests > 0) {
                window->rests--;
                return;
        }
        window->rate = rate;
        window->size_bytes *= 2;
}

static void measure_beyond_easy(struct pail_read_window *window, bool has_waited, int64_t now_ms)
{
        uint64_t bytes = window->read_bytes - window->since_bytes;
        int64_t elapsed_ms = now_ms - window->since_ms;

        window->has_waited |= has_waited;
        if (window->since_ms == 0) {
                window->proven_bytes = window->size_bytes;
                measure_anew(window, now_ms);
                return;
        }
        if (bytes < window->size_bytes || elapsed_ms < MEASURE_MIN_MS)
                return;
        if (window->has_waited)
                end_measure(window, bytes / (uint64_t)elapsed_ms);
        measure_anew(window, now_ms);
}

void pail_read_window_note(struct pail_read_window *window, uint64_t bytes, bool has_waited, uint64_t share_bytes,
                           int64_t now_ms)
{
        uint64_t size_bytes = window->size_bytes;

        window->read_bytes += bytes;
        if (size_bytes == 0)
                return;
        if (size_bytes >= PAIL_READ_WINDOW_EASY_BYTES) {
                measure_beyond_easy(window, has_waited, now_ms);
        } else {
                window->since_ms = 0;
                if (has_waited)
                        size_bytes = pail_min(size_bytes * 2, PAIL_READ_WINDOW_FIRST_BYTES + 2 * window->read_bytes);
                window->size_bytes = pail_min(size_bytes, PAIL_READ_WINDOW_EASY_BYTES);
        }
        /* A share of nothing does not close it: the others may end. */
        window->size_bytes = pail_max(pail_min(window->size_bytes, share_bytes), (uint64_t)1);
        window->proven_bytes = pail_min(window->proven_bytes, window->size_bytes);
}

void pail_read_window_join(struct pail_read_window *window, const struct pail_read_window *other)
{
        uint64_t read_bytes = window->read_bytes + other->read_bytes;

        if (other->size_bytes > window->size_bytes)
                *window = *other;
        window->since_bytes += read_bytes - window->read_bytes; /* the measure goes on as if nothing had been added */
        window->read_bytes = read_bytes;
}

uint64_t pail_read_window_part_bytes(const struct pail_read_window *window)
{
        return pail_min(pail_max(window->size_bytes / 4, PART_MIN_BYTES), PART_MAX_BYTES);
}
