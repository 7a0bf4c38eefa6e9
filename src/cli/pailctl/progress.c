/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rate is a moving average of what each look saw, so that it neither jumps with every part nor remembers a slow start for long. Bytes may be taken back
 * when an attempt failed and its part is sent again; a look that sees fewer bytes than the one before leaves the rate as it is.
 */
#include "progress.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "pail/util/clock.h"
#include "pail/util/str.h"

enum { LINE_SIZE = 512, COLUMNS_DEFAULT = 80, BAR_MIN = 10, BAR_MAX = 40, LABEL_MAX = 128, SMALL = 24 };

/* Of the rate of a new look in the average: half of it is of the last five or so. */
static const double NEW_SHARE = 0.15;

void pail_ctl_progress_init(struct pail_ctl_progress *progress, const char *label, bool is_wanted)
{
        *progress = (struct pail_ctl_progress){ .label = label, .is_shown = is_wanted && isatty(STDERR_FILENO) };
        atomic_init(&progress->moved, 0);
        atomic_init(&progress->total, 0);
        progress->started_ms = progress->drawn_ms = pail_clock_monotonic_ms();
}

void pail_ctl_progress_set_total(struct pail_ctl_progress *progress, uint64_t total_bytes)
{
        atomic_store(&progress->total, total_bytes);
}

void pail_ctl_progress_add(void *context, int64_t delta_bytes)
{
        struct pail_ctl_progress *progress = context;
        atomic_fetch_add(&progress->moved, delta_bytes);
}

/* "12.3 MiB": three digits or four. */
static void format_bytes(double bytes, char text[static SMALL])
{
        static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
        size_t unit = 0;
        while (bytes >= 1000 && unit + 1 < sizeof(units) / sizeof(units[0])) {
                bytes /= 1024;
                unit++;
        }
        snprintf(text, SMALL, unit == 0 || bytes >= 99.95 ? "%.0f %s" : "%.1f %s", bytes, units[unit]);
}

static void format_time(int64_t s, char text[static SMALL])
{
        if (s >= 3600)
                snprintf(text, SMALL, "%lld:%02lld:%02lld", (long long)s / 3600, (long long)s / 60 % 60,
                         (long long)s % 60);
        else
                snprintf(text, SMALL, "%lld:%02lld", (long long)s / 60, (long long)s % 60);
}

/* "  45%  12.3 MiB of 27.1 MiB  8.2 MiB/s  0:02 left" */
static void format_numbers(const struct pail_ctl_progress_state *state, char *text, size_t size)
{
        char moved[SMALL], total[SMALL], rate[SMALL], left[SMALL];
        size_t used = 0;
        format_bytes((double)state->moved_bytes, moved);
        format_bytes((double)state->total_bytes, total);
        format_bytes(state->rate, rate);
        if (state->total_bytes > 0 && !state->is_complete) {
                uint64_t percent = state->moved_bytes >= state->total_bytes
                                           ? 100
                                           : (uint64_t)((double)state->moved_bytes * 100 / (double)state->total_bytes);
                used = (size_t)snprintf(text, size, " %3ju%%  %s of %s", (uintmax_t)percent, moved, total);
        } else {
                used = (size_t)snprintf(text, size, "  %s", moved);
        }
        if (state->rate > 0 && used < size)
                used += (size_t)snprintf(text + used, size - used, "  %s/s", rate);
        if (state->left_s < 0 || used >= size)
                return;
        format_time(state->left_s, left);
        snprintf(text + used, size - used, "  %s left", left);
}

static void append_bar(const struct pail_ctl_progress_state *state, size_t width, char *line, size_t size)
{
        char bar[BAR_MAX + 1];
        double share = (double)state->moved_bytes / (double)state->total_bytes;
        size_t inside = width - 2, filled = share >= 1 ? inside : (size_t)(share * (double)inside);
        memset(bar, ' ', inside);
        memset(bar, '=', filled);
        if (filled < inside)
                bar[filled] = '>';
        bar[inside] = '\0';
        size_t used = strlen(line);
        snprintf(line + used, size - used, " [%s]", bar);
}

/* Numbers come before the name, and the name before the bar, where there is not room for all. */
void pail_ctl_progress_format(const struct pail_ctl_progress_state *state, size_t columns, char *line, size_t size)
{
        char numbers[LINE_SIZE], label[LABEL_MAX];
        format_numbers(state, numbers, sizeof(numbers));
        size_t room = columns > strlen(numbers) + 1 ? columns - strlen(numbers) - 1 : 0;
        pail_str_copy(label, sizeof(label) < room + 1 ? sizeof(label) : room + 1, state->label);
        pail_str_make_printable(label);
        pail_str_trim_utf8(label);
        snprintf(line, size, "%s", label);
        room -= strlen(label) < room ? strlen(label) : room;
        if (state->total_bytes > 0 && !state->is_complete && room > BAR_MIN)
                append_bar(state, room - 1 < BAR_MAX ? room - 1 : BAR_MAX, line, size);
        size_t used = strlen(line);
        snprintf(line + used, size - used, "%s", numbers);
}

static void print_state(const struct pail_ctl_progress_state *state, const char *end)
{
        struct winsize window = { 0 };
        char line[LINE_SIZE];
        size_t columns = COLUMNS_DEFAULT;
        if (ioctl(STDERR_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 0)
                columns = window.ws_col;
        pail_ctl_progress_format(state, columns, line, sizeof(line));
        fprintf(stderr, "\r%s\033[K%s", line, end);
}

static uint64_t moved_bytes(struct pail_ctl_progress *progress)
{
        int64_t moved = atomic_load(&progress->moved);
        return moved > 0 ? (uint64_t)moved : 0;
}

/* < 0: longer than it is worth to say. */
static int64_t seconds_left(double s)
{
        return s < 1e6 ? (int64_t)(s + 0.5) : -1;
}

void pail_ctl_progress_draw(struct pail_ctl_progress *progress)
{
        int64_t now_ms = pail_clock_monotonic_ms(), passed_ms = now_ms - progress->drawn_ms;
        struct pail_ctl_progress_state state = { .label = progress->label,
                                                 .moved_bytes = moved_bytes(progress),
                                                 .total_bytes = atomic_load(&progress->total),
                                                 .left_s = -1 };
        if (!progress->is_shown || passed_ms <= 0)
                return;
        double latest = (double)((int64_t)state.moved_bytes - progress->drawn_bytes) * 1000 / (double)passed_ms;
        if (latest >= 0) /* bytes that were sent in vain are taken back */
                progress->rate = progress->rate > 0 ? progress->rate + (latest - progress->rate) * NEW_SHARE : latest;
        progress->drawn_ms = now_ms;
        progress->drawn_bytes = (int64_t)state.moved_bytes;
        state.rate = progress->rate;
        if (progress->rate >= 1 && state.total_bytes >= state.moved_bytes)
                state.left_s = seconds_left((double)(state.total_bytes - state.moved_bytes) / progress->rate);
        print_state(&state, "");
}

void pail_ctl_progress_end(struct pail_ctl_progress *progress, bool is_complete)
{
        int64_t passed_ms = pail_clock_monotonic_ms() - progress->started_ms;
        const struct pail_ctl_progress_state state = {
                .label = progress->label,
                .moved_bytes = moved_bytes(progress),
                .total_bytes = atomic_load(&progress->total),
                .rate = passed_ms > 0 ? (double)moved_bytes(progress) * 1000 / (double)passed_ms : 0,
                .left_s = -1,
                .is_complete = is_complete,
        };
        if (progress->is_shown)
                print_state(&state, "\n");
}
