/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Takes away what is not needed, in ever smaller pieces (Zeller and Hildebrandt, Simplifying and Isolating Failure-Inducing Input, 2002), and
 * makes numbers smaller. A run that is tried counts when it fails in the same way; then what it really chose, which is recorded, is the new
 * tape. A smaller plan is worth more than a simpler schedule: so the choices come first, and the schedule after each of them.
 */
#include "shrink.h"

#include <string.h>
#include <time.h>

struct shrinking {
        struct sim_task task;
        struct sim_verdict verdict;
        struct sim_tape *best, *trial;
        struct sim_shared *shared;
        time_t end;
        unsigned tried;
};

static uint64_t sum_of_choices(const struct sim_tape *tape)
{
        uint64_t sum = 0;
        for (uint32_t i = 0; i < tape->choice_count; i++)
                sum += tape->choices[i].value;
        return sum;
}

static bool is_smaller(const struct sim_tape *a, const struct sim_tape *b)
{
        if (a->choice_count != b->choice_count)
                return a->choice_count < b->choice_count;
        uint64_t sum_a = sum_of_choices(a), sum_b = sum_of_choices(b);
        return sum_a != sum_b ? sum_a < sum_b : a->turn_count < b->turn_count;
}

static bool is_over(const struct shrinking *shrinking)
{
        return time(NULL) >= shrinking->end;
}

/* A check begins with its place, or with the rule that is broken: another one is another fault. The words of a deadlock name whoever happened to be in it. */
static bool begins_alike(const char *a, const char *b)
{
        size_t length = strcspn(a, " ");
        return strcspn(b, " ") == length && strncmp(a, b, length) == 0;
}

static bool is_same(const struct sim_verdict *a, const struct sim_verdict *b)
{
        bool words_count = a->outcome == SIM_CHECK || a->outcome == SIM_MISUSE;
        return a->outcome == b->outcome && (!words_count || begins_alike(a->message, b->message));
}

/* Runs the trial; true when it is the new best. */
static bool try_it(struct shrinking *shrinking)
{
        struct sim_shared *shared = shrinking->shared;
        shrinking->tried++;
        if (sim_batch_run(&shrinking->task, shared) || !is_same(&shared->verdict, &shrinking->verdict) ||
            !is_smaller(shared->record, shrinking->best))
                return false;
        sim_tape_copy(shrinking->best, shared->record);
        return true;
}

static void remove_turns(struct sim_tape *tape, uint32_t from, uint32_t count)
{
        memmove(&tape->turns[from], &tape->turns[from + count],
                (tape->turn_count - from - count) * sizeof(tape->turns[0]));
        tape->turn_count -= count;
}

static void remove_choices(struct sim_tape *tape, uint32_t from, uint32_t count)
{
        memmove(&tape->choices[from], &tape->choices[from + count],
                (tape->choice_count - from - count) * sizeof(tape->choices[0]));
        tape->choice_count -= count;
}

static void zero_choices(struct sim_tape *tape, uint32_t from, uint32_t count)
{
        for (uint32_t i = from; i < from + count; i++)
                tape->choices[i].value = 0;
}

static void lower_choice(struct sim_tape *tape, uint32_t at, uint32_t by)
{
        tape->choices[at].value -= by;
}

/* Applies an edit to pieces of one list, of half its length at first and of single items at last. true: the list became smaller. */
static bool edit_pieces(struct shrinking *shrinking, const uint32_t *length,
                        void (*edit)(struct sim_tape *tape, uint32_t from, uint32_t count))
{
        bool is_better = false;
        for (uint32_t piece = *length; piece > 0; piece /= 2)
                for (uint32_t end = *length; end > 0 && !is_over(shrinking);) {
                        uint32_t count = piece < end ? piece : end, from = end - count;
                        sim_tape_copy(shrinking->trial, shrinking->best);
                        edit(shrinking->trial, from, count);
                        is_better |= try_it(shrinking);
                        end = from < *length ? from : *length;
                }
        return is_better;
}

/* Each choice by half of itself, a quarter, … and by one. */
static bool lower_choices(struct shrinking *shrinking)
{
        bool is_better = false;
        for (uint32_t i = 0; i < shrinking->best->choice_count; i++)
                for (uint32_t by = shrinking->best->choices[i].value; by > 0 && !is_over(shrinking); by /= 2) {
                        if (i >= shrinking->best->choice_count || by > shrinking->best->choices[i].value)
                                continue;
                        sim_tape_copy(shrinking->trial, shrinking->best);
                        lower_choice(shrinking->trial, i, by);
                        is_better |= try_it(shrinking);
                }
        return is_better;
}

unsigned sim_shrink(const struct sim_task *failed, const struct sim_verdict *verdict, struct sim_tape *tape,
                    unsigned seconds, struct sim_shared *shared)
{
        struct shrinking shrinking = {
                .task = *failed,
                .verdict = *verdict,
                .best = tape,
                .trial = sim_tape_map(),
                .shared = shared,
                .end = time(NULL) + seconds,
        };
        shrinking.task.count = 1;
        shrinking.task.is_quiet = true;
        shrinking.task.tape = shrinking.trial;
        bool is_better = true;
        while (is_better && !is_over(&shrinking)) {
                is_better = edit_pieces(&shrinking, &tape->choice_count, remove_choices);
                is_better |= edit_pieces(&shrinking, &tape->choice_count, zero_choices);
                is_better |= edit_pieces(&shrinking, &tape->turn_count, remove_turns);
                is_better |= lower_choices(&shrinking);
        }
        sim_tape_unmap(shrinking.trial);
        return shrinking.tried;
}
