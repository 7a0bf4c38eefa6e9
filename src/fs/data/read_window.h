/* SPDX-License-Identifier: Apache-2.0 */
/* How far ahead of a sequential reader to read. Not thread safe: part of a run, which its stream guards. */
#ifndef PAIL_FS_DATA_READ_WINDOW_H
#define PAIL_FS_DATA_READ_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#define PAIL_READ_WINDOW_FIRST_BYTES ((uint64_t)1 << 20)
#define PAIL_READ_WINDOW_EASY_BYTES ((uint64_t)32 << 20)

/* All zero: closed. */
struct pail_read_window {
        uint64_t size_bytes;   /* 0: closed, nothing is read ahead */
        uint64_t read_bytes;   /* by the reader, ever */
        uint64_t proven_bytes; /* beyond the easy size: the last one that made the reader faster */
        uint64_t rate;         /* bytes a millisecond with proven_bytes; 0: unknown */
        unsigned rests;        /* measures to go before the next trial */
        /* The measure under way. */
        uint64_t since_bytes;
        int64_t since_ms; /* 0: none */
        bool has_waited;
};

/* Opens it at the first size, unless it is open. */
void pail_read_window_open(struct pail_read_window *window);
/*
 * The reader came bytes further at now_ms; has_waited: part of it was not in memory. share_bytes: the most that the
 * window may be.
 */
void pail_read_window_note(struct pail_read_window *window, uint64_t bytes, bool has_waited, uint64_t share_bytes,
                           int64_t now_ms);
/* The window of two runs that have met. */
void pail_read_window_join(struct pail_read_window *window, const struct pail_read_window *other);
/* The size of a part of it. */
uint64_t pail_read_window_part_bytes(const struct pail_read_window *window);

#endif
