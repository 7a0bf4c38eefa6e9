/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pail_interrupt_wait: waiters with and without a deadline, with and without a token, for tickets that others bring. Each ends for a reason that
 * is there, no ticket is lost, and who is interrupted or late has taken none.
 */
#include "pail/util/interrupt.h"

#include <errno.h>

#include "pail/util/clock.h"
#include "scenarios.h"

enum { WAITERS_MAX = 5 };

struct counter {
        struct pail_mutex mutex;
        struct pail_cond brought;
        unsigned tickets, taken;
        bool token_set[WAITERS_MAX];
};

struct token {
        struct counter *counter;
        unsigned number;
};

static bool is_set(void *context)
{
        const struct token *token = context;
        return token->counter->token_set[token->number];
}

static int take_ticket(struct counter *counter, int64_t until_ms)
{
        PAIL_LOCK(&counter->mutex);
        int r = 0;
        while (counter->tickets == 0 && r == 0) {
                r = pail_interrupt_wait(&counter->brought, &counter->mutex, until_ms);
                pail_mutex_assert_held(&counter->mutex);
        }
        if (counter->tickets == 0)
                return r;
        counter->tickets--;
        counter->taken++;
        return 0;
}

static void wait_for_ticket(struct pail_sim_caller *caller)
{
        struct counter *counter = caller->context;
        struct token token = { counter, caller->number };
        const struct pail_interrupt interrupt = { .is_set = is_set, .context = &token };
        bool has_token = pail_sim_chance(caller->sim, 2), has_deadline = pail_sim_chance(caller->sim, 2);
        int64_t until_ms = INT64_MAX;
        if (has_deadline)
                until_ms = pail_clock_monotonic_ms() + pail_sim_choose(caller->sim, 200);
        PAIL_SIM_CHECK(!pail_interrupt_install(has_token ? &interrupt : NULL));
        int r = take_ticket(counter, until_ms);
        PAIL_SIM_CHECK(r == 0 || r == -EINTR || r == -ETIMEDOUT);
        PAIL_SIM_CHECK(r != -EINTR || (has_token && counter->token_set[caller->number]));
        PAIL_SIM_CHECK(r != -ETIMEDOUT || pail_clock_monotonic_ms() >= until_ms);
        PAIL_SIM_CHECK(pail_interrupt_is_set() == (has_token && counter->token_set[caller->number]));
        PAIL_SIM_CHECK(pail_interrupt_install(NULL) == (has_token ? &interrupt : NULL));
}

static void interrupt_somebody(struct pail_sim_caller *caller)
{
        struct counter *counter = caller->context;
        pail_sim_dawdle(caller->sim, 100);
        for (unsigned i = pail_sim_choose(caller->sim, WAITERS_MAX + 1); i-- > 0;) {
                counter->token_set[i] = true;
                pail_sim_dawdle(caller->sim, 100);
        }
}

void scenario_interrupt(struct pail_sim *sim)
{
        struct counter counter = { 0 };
        struct pail_sim_callers waiters, interrupters;
        unsigned count = pail_sim_choose_between(sim, 1, WAITERS_MAX);
        pail_mutex_init(&counter.mutex);
        pail_cond_init(&counter.brought);
        pail_sim_callers_start(sim, &waiters, "waiter", count, wait_for_ticket, &counter);
        pail_sim_callers_start(sim, &interrupters, "interrupter", pail_sim_choose(sim, 2), interrupt_somebody,
                               &counter);
        for (unsigned i = 0; i < count; i++) {
                pail_sim_dawdle(sim, 100);
                PAIL_LOCK(&counter.mutex);
                counter.tickets++;
                pail_cond_signal(&counter.brought);
        }
        pail_sim_callers_join(&waiters);
        pail_sim_callers_join(&interrupters);
        PAIL_SIM_CHECK(counter.tickets + counter.taken == count);
        pail_cond_done(&counter.brought);
        pail_mutex_done(&counter.mutex);
}
