/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decisions. Each has a number of its own, the scheduling point, and a value, of which 0 is the default way; what is not 0 is recorded. When a
 * tape is followed, the values come from there, by number: a tape from which some were left out leaves the others where they are.
 *
 * At a point where nothing forces the fibre to stop, it goes on (the fast way, in the header) until the next event: drawn at random
 * from the run's mean gap, or read from the tape. There a value v is: go on (0); the v-th in line runs; or, beyond the line, time jumps to the
 * next deadline although somebody could run, which is what a busy machine does.
 *
 * Half of the seeds choose evenly among those who can run. The others give each fibre a priority and keep to it, but for a few moments
 * at which the one that runs becomes the last (Burckhardt et al., A Randomized Scheduler with Probabilistic Guarantees of Finding Bugs, 2010):
 * so one fibre can be far behind the others for long, which even choices never bring about.
 */
#include "schedule.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "locks.h"
#include "pail/util/str.h"
#include "report.h"

struct sim_run sim;

static const int64_t start_ms = 1000 * 1000;
static const uint64_t usual_point_limit = 2 * 1000 * 1000;
static const int64_t usual_time_limit_ms = INT64_C(4) * 3600 * 1000;

static void mix(uint64_t value)
{
        sim.hash = (sim.hash ^ value) * UINT64_C(0x9E3779B97F4A7C15);
        sim.hash ^= sim.hash >> 29;
}

static void record_turn(unsigned value)
{
        mix(sim.point << 16 ^ value);
        if (value > 0 && sim.record)
                sim_tape_add_turn(sim.record, (uint32_t)sim.point, value);
}

/* The tape's value for this point. */
static unsigned taped_turn(void)
{
        const struct sim_tape *tape = sim.tape;
        while (sim.turn_at < tape->turn_count && tape->turns[sim.turn_at].point < sim.point)
                sim.turn_at++;
        bool is_here = sim.turn_at < tape->turn_count && tape->turns[sim.turn_at].point == sim.point;
        return is_here ? tape->turns[sim.turn_at].value : 0;
}

static void plan_next_event(void)
{
        uint64_t next = sim.point_limit;
        if (sim.tape) {
                (void)taped_turn();
                uint32_t at = sim.turn_at;
                while (at < sim.tape->turn_count && sim.tape->turns[at].point <= sim.point)
                        at++;
                if (at < sim.tape->turn_count && sim.tape->turns[at].point < next)
                        next = sim.tape->turns[at].point;
        } else if (sim.mean_gap > 0) {
                uint64_t gap = 1 + sim_rng_below(&sim.rng, 2 * sim.mean_gap);
                if (sim.point + gap < next)
                        next = sim.point + gap;
        }
        sim.next_event = next;
}

/* One of n, for which the seed would say proposal. */
static unsigned decide(unsigned n, unsigned proposal)
{
        unsigned value = sim.tape ? taped_turn() % n : proposal;
        record_turn(value);
        return value;
}

unsigned sim_decide(unsigned n)
{
        if (n == 1)
                return 0;
        sim.point++;
        return decide(n, sim.tape ? 0 : sim_rng_below(&sim.rng, n));
}

bool sim_decide_rarely(uint32_t one_in)
{
        if (one_in == 0) /* not in this run, whatever a tape says */
                return false;
        sim.point++;
        return decide(2, !sim.tape && sim_rng_below(&sim.rng, one_in) == 0);
}

static uint32_t taped_choice(void)
{
        const struct sim_tape *tape = sim.tape;
        uint32_t *at = &sim.choice_at[sim.current->id];
        while (*at < tape->choice_count && tape->choices[*at].fibre != sim.current->id)
                ++*at;
        return *at < tape->choice_count ? tape->choices[(*at)++].value : 0;
}

uint32_t sim_choose(uint32_t limit)
{
        uint32_t value = sim.tape ? taped_choice() : sim_rng_below(&sim.rng, limit);
        if (value >= limit)
                value = limit > 0 ? limit - 1 : 0;
        mix(value);
        if (sim.record)
                sim_tape_add_choice(sim.record, sim.current->id, value);
        return value;
}

/* The first in line with the highest priority. */
static unsigned highest_ready(void)
{
        unsigned best = 0;
        for (unsigned i = 1; i < sim.ready_count; i++)
                if (sim.ready[i]->priority > sim.ready[best]->priority)
                        best = i;
        return best;
}

static unsigned propose(void)
{
        if (sim.tape)
                return 0;
        return sim.by_priority ? highest_ready() : sim_rng_below(&sim.rng, sim.ready_count);
}

static void append_ready(struct sim_fibre *fibre)
{
        sim.ready[sim.ready_count++] = fibre;
}

static struct sim_fibre *remove_ready(unsigned at)
{
        struct sim_fibre *fibre = sim.ready[at];
        sim.ready_count--;
        memmove(&sim.ready[at], &sim.ready[at + 1], (sim.ready_count - at) * sizeof(sim.ready[0]));
        return fibre;
}

void sim_ready(struct sim_fibre *fibre)
{
        fibre->state = SIM_RUNS;
        append_ready(fibre);
}

static bool has_deadline(const struct sim_fibre *fibre)
{
        return fibre->until_ms < INT64_MAX && fibre->state != SIM_RUNS && fibre->state != SIM_ENDED;
}

static void forget_ended(void)
{
        while (sim.first_alive < sim.fibre_count && sim.fibres[sim.first_alive]->state == SIM_ENDED)
                sim.first_alive++;
}

/* Lets time go by until the next deadline, and wakes those whose it is. false: there is none. */
static bool jump(void)
{
        int64_t next_ms = INT64_MAX;
        forget_ended();
        for (unsigned i = sim.first_alive; i < sim.fibre_count; i++)
                if (has_deadline(sim.fibres[i]) && sim.fibres[i]->until_ms < next_ms)
                        next_ms = sim.fibres[i]->until_ms;
        if (next_ms == INT64_MAX)
                return false;
        if (next_ms > sim.now_ms)
                sim.now_ms = next_ms;
        if (sim.now_ms - start_ms > sim.time_limit_ms)
                sim_fail(SIM_HANG, "%lld s went by, and it is not done", (long long)sim.time_limit_ms / 1000);
        for (unsigned i = sim.first_alive; i < sim.fibre_count; i++) {
                if (!has_deadline(sim.fibres[i]) || sim.fibres[i]->until_ms > sim.now_ms)
                        continue;
                sim.fibres[i]->timed_out = true;
                sim_ready(sim.fibres[i]);
        }
        return true;
}

/* For a current fibre that cannot go on. */
static struct sim_fibre *next_fibre(void)
{
        while (sim.ready_count == 0)
                if (!jump())
                        sim_fail(SIM_DEADLOCK, "nobody can run, and nobody waits for a time");
        if (sim.ready_count == 1)
                return remove_ready(0);
        sim.point++;
        return remove_ready(decide(sim.ready_count, propose()));
}

static void switch_to(struct sim_fibre *next)
{
        struct sim_fibre *self = sim.current;
        if (next == self)
                return;
        mix(next->id);
        sim.switches++;
        if (sim.is_traced)
                sim_report_switch(self, next);
        self->error_number = errno;
        sim.previous = self;
        sim.current = next;
        sim_context_switch(&self->context, &next->context, self->state == SIM_ENDED);
        errno = self->error_number;
        if (sim.is_reporting)
                sim_report_here();
}

static void check_point_limit(void)
{
        if (sim.point >= sim.point_limit)
                sim_fail(SIM_LIVELOCK, "%llu scheduling points, and it is not done", (unsigned long long)sim.point);
}

void sim_block(void)
{
        sim.point++;
        check_point_limit();
        if (sim.point >= sim.next_event) /* it stops anyway */
                plan_next_event();
        switch_to(next_fibre());
        sim.current->until_ms = INT64_MAX;
}

/* The current one gives way to the one at a place in the line. */
static void give_way(unsigned at)
{
        struct sim_fibre *next = remove_ready(at);
        append_ready(sim.current);
        switch_to(next);
}

/* What the seed does at an event: 0, a place in line and one, or beyond the line. */
static unsigned propose_event(void)
{
        if (sim.hasty_one_in > 0 && !sim.is_punctual && sim_rng_below(&sim.rng, sim.hasty_one_in) == 0)
                return sim.ready_count + 1;
        if (sim.ready_count == 0)
                return 0;
        if (!sim.by_priority)
                return 1 + sim_rng_below(&sim.rng, sim.ready_count);
        sim.current->priority = --sim.lowest_priority;
        return 1 + highest_ready();
}

void sim_point_slowly(void)
{
        check_point_limit();
        unsigned value = sim.tape ? taped_turn() : propose_event();
        plan_next_event();
        record_turn(value);
        if (value > sim.ready_count) {
                if (!sim.is_punctual)
                        (void)jump();
                if (sim.ready_count > 0)
                        give_way(sim_decide(sim.ready_count));
        } else if (value > 0) {
                give_way(value - 1);
        }
}

void sim_yield(void)
{
        sim_point();
        if (sim.ready_count == 0) {
                sim.current->until_ms = sim.now_ms + 1;
                sim.current->state = SIM_WAITS_TIME;
                sim_block();
                return;
        }
        if (sim.by_priority && !sim.tape)
                sim.current->priority = --sim.lowest_priority;
        sim.point++;
        give_way(decide(sim.ready_count, propose()));
}

static void end_fibre(void)
{
        struct sim_fibre *self = sim.current;
        self->state = SIM_ENDED;
        if (self->joiner)
                sim_ready(self->joiner);
        sim_context_done(&self->context);
        switch_to(next_fibre());
        abort(); /* nobody comes back */
}

/* Where each fibre begins. */
static void enter(void)
{
        sim_context_arrive(&sim.previous->context);
        if (sim.is_reporting)
                sim_report_here();
        sim.current->run(sim.current->argument);
        sim_point();
        end_fibre();
}

static struct sim_fibre *add_fibre(const char *name)
{
        if (sim.fibre_count == SIM_FIBRES_MAX)
                sim_fail(SIM_MISUSE, "more than %d fibres in one run", SIM_FIBRES_MAX);
        struct sim_fibre *fibre = sim.fibres[sim.fibre_count];
        if (!fibre)
                fibre = malloc(sizeof(*fibre));
        if (!fibre)
                abort();
        *fibre = (struct sim_fibre){ .id = sim.fibre_count, .until_ms = INT64_MAX };
        pail_str_copy(fibre->name, sizeof(fibre->name), name);
        if (!sim.tape)
                fibre->priority = UINT32_MAX / 2 + sim_rng_below(&sim.rng, 1 << 20);
        sim.choice_at[fibre->id] = 0;
        sim.fibres[sim.fibre_count++] = fibre;
        return fibre;
}

struct sim_fibre *sim_fibre_new(const char *name, void (*run)(void *argument), void *argument)
{
        struct sim_fibre *fibre = add_fibre(name);
        fibre->run = run;
        fibre->argument = argument;
        sim_context_make(&fibre->context, enter);
        sim_ready(fibre);
        return fibre;
}

void sim_check_circle(void)
{
        const struct sim_fibre *fibre = sim.current;
        for (unsigned steps = 0; steps <= sim.fibre_count; steps++) {
                if (fibre->state == SIM_WAITS_LOCK)
                        fibre = sim_lock_owner(fibre->lock);
                else if (fibre->state == SIM_WAITS_END)
                        fibre = fibre->awaited;
                else
                        return;
                if (fibre == sim.current)
                        sim_fail(SIM_DEADLOCK, "a circle of waiting is closed by %s", fibre->name);
                if (!fibre)
                        return;
        }
}

void sim_discard_others(void)
{
        if (sim.current->id > 0)
                sim_fail(SIM_MISUSE, "only main may let the others crash");
        for (unsigned i = 1; i < sim.fibre_count; i++) {
                struct sim_fibre *fibre = sim.fibres[i];
                fibre->was_joined = true;
                if (fibre->state == SIM_ENDED)
                        continue;
                fibre->state = SIM_ENDED;
                sim_context_done(&fibre->context);
        }
        sim.ready_count = 0;
        mix(sim.point);
}

/* What runs of this seed are like: a bug may need many switches, few, or none but at one place. */
static void choose_manner(void)
{
        static const uint32_t gaps[] = { 1, 2, 4, 8, 32, 256, 4096, 0 }, rare[] = { 0, 0, 4, 32, 256 };
        sim.mean_gap = gaps[sim_rng_below(&sim.rng, 8)];
        sim.spurious_one_in = rare[sim_rng_below(&sim.rng, 5)];
        sim.hasty_one_in = rare[sim_rng_below(&sim.rng, 5)];
        sim.by_priority = sim_rng_below(&sim.rng, 2) == 0;
        sim.lowest_priority = UINT32_MAX / 2;
}

void sim_begin(uint64_t seed, const struct sim_tape *tape, struct sim_tape *record)
{
        uint64_t state = seed;
        sim_rng_seed(&sim.rng, sim_splitmix64(&state));
        sim_rng_seed(&sim.random, sim_splitmix64(&state));
        sim.tape = tape;
        sim.record = record;
        if (record)
                sim_tape_clear(record);
        sim.point = sim.switches = sim.hash = 0;
        sim.turn_at = 0;
        sim.now_ms = start_ms;
        sim.ready_count = sim.fibre_count = sim.first_alive = 0;
        sim.lock_count = sim.condition_count = sim.no_thread_one_in = 0;
        sim.is_punctual = false;
        sim.point_limit = usual_point_limit;
        sim.time_limit_ms = usual_time_limit_ms;
        choose_manner();
        sim.current = add_fibre("main");
        sim_context_adopt(&sim.current->context);
        plan_next_event();
}

void sim_end(void)
{
        for (unsigned i = 1; i < sim.fibre_count; i++)
                if (sim.fibres[i]->state != SIM_ENDED || !sim.fibres[i]->was_joined)
                        sim_fail(SIM_MISUSE, "the scenario is over, but the thread %s was not joined",
                                 sim.fibres[i]->name);
        mix(sim.point);
        mix((uint64_t)sim.now_ms);
}
