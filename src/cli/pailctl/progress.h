/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How far a transfer is: a line that is drawn anew on a terminal, and nothing elsewhere. Bytes are counted from any thread; one thread
 * draws. Private to the layer.
 */
#ifndef PAIL_CLI_PAILCTL_PROGRESS_H
#define PAIL_CLI_PAILCTL_PROGRESS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pail_ctl_progress {
        const char *label; /* borrowed */
        bool is_shown;
        atomic_int_least64_t moved;
        atomic_uint_least64_t total; /* 0: not known, or not yet */
        /* Of the thread that draws. */
        int64_t started_ms, drawn_ms;
        int64_t drawn_bytes;
        double rate; /* bytes a second, of the last seconds */
};

/* Shown where standard error is a terminal, unless that is also where the bytes go. */
void pail_ctl_progress_init(struct pail_ctl_progress *progress, const char *label, bool is_wanted);
void pail_ctl_progress_set_total(struct pail_ctl_progress *progress, uint64_t total_bytes);
/* A pail_transfer_progress. */
void pail_ctl_progress_add(void *progress, int64_t delta_bytes);
void pail_ctl_progress_draw(struct pail_ctl_progress *progress);
/* The last line stays, with the rate over all if it went well. */
void pail_ctl_progress_end(struct pail_ctl_progress *progress, bool is_complete);

/* The line for a terminal of so many columns. rate 0: not known. */
struct pail_ctl_progress_state {
        const char *label;
        uint64_t moved_bytes, total_bytes;
        double rate;
        int64_t left_s; /* < 0: not known */
        bool is_complete;
};
void pail_ctl_progress_format(const struct pail_ctl_progress_state *state, size_t columns, char *line, size_t size);

#endif
