/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pail_pool: users of all classes reserve and give back, wait, try, and are interrupted while they wait. The model keeps what each of them
 * holds: the sum over classes of max(held, floor) never exceeds the limit; who has to wait is overtaken by nobody who came while he
 * stood in line; a request that can be had at all is had in the end, whole or not at all; nothing is left at the end.
 */
#include "pail/cache/pool.h"

#include <errno.h>

#include "pail/util/interrupt.h"
#include "scenarios.h"

enum { USERS_MAX = 6, ROUNDS_MAX = 6, LIMIT_BLOCKS = 40 };

struct user {
        unsigned turn;              /* counts its calls */
        bool is_in_reserve;         /* between call and return of pail_pool_reserve() */
        enum pail_pool_class class; /* what it asks for */
        unsigned wanted;
        unsigned seen_turn[USERS_MAX]; /* of the others, that stood in line as this one came; 0: not in line */
};

struct bank {
        struct pail_sim *sim;
        struct pail_pool *pool;
        uint64_t floors[PAIL_POOL_CLASSES], held[PAIL_POOL_CLASSES];
        unsigned interrupts_one_in;
        unsigned count;
        struct user users[USERS_MAX];
        struct pail_sim_callers callers;
};

static uint64_t largest(const struct bank *bank, enum pail_pool_class class)
{
        uint64_t sum = 0;
        for (unsigned i = 0; i < PAIL_POOL_CLASSES; i++)
                sum += i == class ? 0 : bank->floors[i];
        return LIMIT_BLOCKS - sum;
}

static void check_limit(const struct bank *bank)
{
        struct pail_pool_stats stats;
        uint64_t held = 0, used = 0;
        for (unsigned i = 0; i < PAIL_POOL_CLASSES; i++)
                held += bank->held[i] > bank->floors[i] ? bank->held[i] : bank->floors[i];
        PAIL_SIM_CHECK(held <= LIMIT_BLOCKS);
        pail_pool_stats(bank->pool, &stats);
        for (unsigned i = 0; i < PAIL_POOL_CLASSES; i++)
                used += stats.used_blocks[i] > bank->floors[i] ? stats.used_blocks[i] : bank->floors[i];
        PAIL_SIM_CHECK(used <= LIMIT_BLOCKS);
        PAIL_SIM_CHECK(stats.peak_bytes <= stats.limit_bytes);
}

static bool is_in_line(const struct bank *bank, unsigned number)
{
        return bank->users[number].is_in_reserve && pail_sim_is_waiting(bank->callers.items[number].thread);
}

static void look_at_line(struct bank *bank, struct user *user)
{
        for (unsigned i = 0; i < bank->count; i++)
                user->seen_turn[i] = is_in_line(bank, i) ? bank->users[i].turn : 0;
}

static bool fits(const struct bank *bank, const struct pail_pool_stats *stats, const struct user *user)
{
        uint64_t sum = 0;
        for (unsigned i = 0; i < PAIL_POOL_CLASSES; i++) {
                uint64_t used = stats->used_blocks[i] + (i == user->class ? user->wanted : 0);
                sum += used > bank->floors[i] ? used : bank->floors[i];
        }
        return sum <= LIMIT_BLOCKS;
}

/* Nobody stands in line for nothing: at least the first one there does not fit. */
static void check_line(const struct bank *bank)
{
        struct pail_pool_stats stats;
        uint64_t before = pail_sim_switches(bank->sim);
        unsigned waiting = 0, fitting = 0, coming = 0;
        pail_pool_stats(bank->pool, &stats);
        for (unsigned i = 0; i < bank->count; i++) {
                coming += bank->users[i].is_in_reserve;
                waiting += is_in_line(bank, i);
                fitting += is_in_line(bank, i) && fits(bank, &stats, &bank->users[i]);
        }
        /* Who is awake may be the first one, as far as one can see from here. */
        if (pail_sim_switches(bank->sim) == before && coming == waiting)
                PAIL_SIM_CHECK(waiting == 0 || fitting < waiting);
}

/* This one has what it asked for; nobody that it saw in line may still stand there. */
static void check_not_overtaken(const struct bank *bank, const struct user *user)
{
        for (unsigned i = 0; i < bank->count; i++)
                PAIL_SIM_CHECK(!user->seen_turn[i] || user->seen_turn[i] != bank->users[i].turn ||
                               !is_in_line(bank, i));
}

static bool is_interrupted(void *context)
{
        const struct bank *bank = context;
        return pail_sim_chance(bank->sim, bank->interrupts_one_in);
}

static int reserve(struct bank *bank, struct user *user, enum pail_pool_class class, unsigned count)
{
        user->turn++;
        user->class = class;
        user->wanted = count;
        look_at_line(bank, user);
        user->is_in_reserve = true;
        int r = pail_pool_reserve(bank->pool, class, count);
        user->is_in_reserve = false;
        if (r == 0)
                check_not_overtaken(bank, user);
        PAIL_SIM_CHECK(r == 0 || r == -EINVAL || (r == -EINTR && bank->interrupts_one_in > 0));
        PAIL_SIM_CHECK((r == -EINVAL) == (count > largest(bank, class)));
        return r;
}

static int try_to_reserve(struct bank *bank, struct user *user, enum pail_pool_class class, unsigned count)
{
        look_at_line(bank, user);
        int r = pail_pool_try_reserve(bank->pool, class, count);
        if (r == 0)
                check_not_overtaken(bank, user);
        PAIL_SIM_CHECK(r == 0 || r == -EAGAIN);
        return r;
}

static void use(struct pail_sim_caller *caller)
{
        struct bank *bank = caller->context;
        struct user *user = &bank->users[caller->number];
        const struct pail_interrupt interrupt = { .is_set = is_interrupted, .context = bank };
        if (bank->interrupts_one_in > 0)
                pail_interrupt_install(&interrupt);
        for (unsigned rounds = pail_sim_choose_between(caller->sim, 1, ROUNDS_MAX); rounds > 0; rounds--) {
                enum pail_pool_class class = pail_sim_choose(caller->sim, PAIL_POOL_CLASSES);
                unsigned count = pail_sim_choose_between(caller->sim, 1, (uint32_t)largest(bank, class) + 1);
                int r = pail_sim_chance(caller->sim, 4) ? try_to_reserve(bank, user, class, count)
                                                        : reserve(bank, user, class, count);
                if (r < 0)
                        continue;
                bank->held[class] += count;
                check_limit(bank);
                pail_sim_dawdle(caller->sim, 10);
                check_line(bank);
                bank->held[class] -= count;
                pail_pool_unreserve(bank->pool, class, count);
        }
        pail_interrupt_install(NULL);
}

static void make_pool(struct bank *bank)
{
        struct pail_pool_options options = {
                .limit_bytes = (uint64_t)LIMIT_BLOCKS * PAIL_BLOCK_SIZE + pail_sim_choose(bank->sim, 2),
                .reader_floor_blocks = 16 + pail_sim_choose(bank->sim, 8),
                .ahead_floor_blocks = 1 + pail_sim_choose(bank->sim, 8),
                .other_floor_blocks = pail_sim_choose(bank->sim, 8),
        };
        bank->floors[PAIL_POOL_READER] = options.reader_floor_blocks;
        bank->floors[PAIL_POOL_AHEAD] = options.ahead_floor_blocks;
        bank->floors[PAIL_POOL_OTHER] = options.other_floor_blocks;
        PAIL_SIM_CHECK(pail_pool_new(&options, &bank->pool) == 0);
}

void scenario_pool(struct pail_sim *sim)
{
        struct bank bank = { .sim = sim };
        struct pail_pool_stats stats;
        make_pool(&bank);
        bank.interrupts_one_in = pail_sim_chance(sim, 2) ? 6 : 0;
        bank.count = pail_sim_choose_between(sim, 1, USERS_MAX);
        pail_sim_callers_start(sim, &bank.callers, "user", bank.count, use, &bank);
        pail_sim_callers_join(&bank.callers);
        pail_pool_stats(bank.pool, &stats);
        for (unsigned i = 0; i < PAIL_POOL_CLASSES; i++)
                PAIL_SIM_CHECK(stats.used_blocks[i] == 0);
        pail_pool_free(bank.pool);
}
