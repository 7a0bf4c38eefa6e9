/* SPDX-License-Identifier: Apache-2.0 */
#include "sim.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "schedule.h"

uint32_t pail_sim_choose(struct pail_sim *run, uint32_t limit)
{
        (void)run;
        return sim_choose(limit > 0 ? limit : 1);
}

uint32_t pail_sim_choose_between(struct pail_sim *run, uint32_t from, uint32_t to)
{
        return from + pail_sim_choose(run, to - from + 1);
}

bool pail_sim_chance(struct pail_sim *run, uint32_t one_in)
{
        if (one_in == 0)
                return false;
        /* The last one, so that 0 is "no"; and of one, always. */
        return pail_sim_choose(run, one_in) == one_in - 1;
}

void pail_sim_yield(void)
{
        sim_yield();
}

void pail_sim_sleep(int64_t ms)
{
        sim.current->until_ms = sim.now_ms + ms;
        sim.current->state = SIM_WAITS_TIME;
        sim_block();
}

void pail_sim_dawdle(struct pail_sim *run, uint32_t limit)
{
        uint32_t ms = pail_sim_choose(run, limit);
        if (ms > 0)
                pail_sim_sleep(ms);
        else
                sim_yield();
}

void pail_sim_fail(const char *format, ...)
{
        char text[SIM_MESSAGE_SIZE];
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(text, sizeof(text), format, arguments);
        va_end(arguments);
        sim_fail(SIM_CHECK, "%s", text);
}

static bool names_rule(const char *list, const char *rule)
{
        size_t length = strlen(rule);

        for (const char *at = list; at && *at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
                if (strncmp(at, rule, length) == 0 && (!at[length] || at[length] == ','))
                        return true;
        return false;
}

bool pail_sim_forgives(const char *rule)
{
        const char *only = getenv("PAIL_SIM_ONLY");

        return (only && !names_rule(only, rule)) || names_rule(sim.forgiven_rules, rule) ||
               names_rule(getenv("PAIL_SIM_IGNORE"), rule);
}

void pail_sim_set_limits(struct pail_sim *run, uint64_t points, int64_t time_ms)
{
        (void)run;
        sim.point_limit = points;
        sim.time_limit_ms = time_ms;
        if (sim.next_event > points)
                sim.next_event = points;
}

void pail_sim_set_thread_failures(struct pail_sim *run, uint32_t one_in)
{
        (void)run;
        sim.no_thread_one_in = one_in;
}

void pail_sim_set_punctual(struct pail_sim *run)
{
        (void)run;
        sim.is_punctual = true;
}

uint64_t pail_sim_switches(const struct pail_sim *run)
{
        (void)run;
        return sim.switches;
}

void pail_sim_crash(struct pail_sim *run)
{
        (void)run;
        sim_discard_others();
}

static void run_caller(void *argument)
{
        struct pail_sim_caller *caller = argument;
        caller->run(caller);
}

void pail_sim_callers_start(struct pail_sim *run, struct pail_sim_callers *ret_callers, const char *name,
                            unsigned count, void (*function)(struct pail_sim_caller *caller), void *context)
{
        struct pail_sim_caller *items = calloc(count, sizeof(*items));
        uint32_t failures = sim.no_thread_one_in;
        PAIL_SIM_CHECK(items || count == 0);
        *ret_callers = (struct pail_sim_callers){ .count = count, .items = items };
        sim.no_thread_one_in = 0; /* those are for the code under test */
        for (unsigned i = 0; i < count; i++) {
                char full[24];
                snprintf(full, sizeof(full), "%.12s-%u", name, i);
                items[i] = (struct pail_sim_caller){ .sim = run, .number = i, .context = context, .run = function };
                PAIL_SIM_CHECK(pail_thread_start(full, run_caller, &items[i], &items[i].thread) == 0);
        }
        sim.no_thread_one_in = failures;
}

void pail_sim_callers_join(struct pail_sim_callers *callers)
{
        for (unsigned i = 0; i < callers->count; i++)
                pail_thread_join(callers->items[i].thread);
        pail_sim_callers_forget(callers);
}

void pail_sim_callers_forget(struct pail_sim_callers *callers)
{
        free(callers->items);
        *callers = (struct pail_sim_callers){ 0 };
}
