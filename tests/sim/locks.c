/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pail/util/mutex.h for fibres. It is as unkind as the contract allows: a lock that becomes free may go to somebody who comes by before the
 * one that waited for it runs; a signal wakes any of those that wait, and it may be one whose time is over but who has not
 * noticed yet, who then returns -ETIMEDOUT with the signal gone (POSIX allows that, and glibc does it); waits end for no reason.
 */
#include "locks.h"

#include <errno.h>
#include <utlist.h>

#include "pail/util/clock.h"
#include "pail/util/mutex.h"
#include "report.h"
#include "schedule.h"

enum { LOCK_MAGIC = 0x10c4ed01, CONDITION_MAGIC = 0x10c4ed02 };

_Static_assert(sizeof(struct sim_lock) <= sizeof(struct pail_mutex), "there is room for a lock");
_Static_assert(sizeof(struct sim_condition) <= sizeof(struct pail_cond), "there is room for a condition");

static struct sim_lock *lock_of(const struct pail_mutex *mutex)
{
        struct sim_lock *lock = (struct sim_lock *)(uintptr_t)mutex;
        if (lock->magic != LOCK_MAGIC)
                sim_fail(SIM_MISUSE, "a mutex is used that is not there (not yet, or not any more)");
        return lock;
}

static struct sim_condition *condition_of(const struct pail_cond *cond)
{
        struct sim_condition *condition = (struct sim_condition *)(uintptr_t)cond;
        if (condition->magic != CONDITION_MAGIC)
                sim_fail(SIM_MISUSE, "a condition is used that is not there (not yet, or not any more)");
        return condition;
}

const struct sim_fibre *sim_lock_owner(const struct sim_lock *lock)
{
        return lock->owner;
}

void pail_mutex_init(struct pail_mutex *mutex)
{
        struct sim_lock *lock = (struct sim_lock *)(void *)mutex;
        *lock = (struct sim_lock){ .magic = LOCK_MAGIC, .number = ++sim.lock_count };
        lock->made_at = __builtin_return_address(0);
}

void pail_mutex_done(struct pail_mutex *mutex)
{
        struct sim_lock *lock = lock_of(mutex);
        if (lock->owner)
                sim_fail(SIM_MISUSE, "a mutex is given up that %s holds", lock->owner->name);
        if (lock->waiters)
                sim_fail(SIM_MISUSE, "a mutex is given up that %s waits for", lock->waiters->name);
        lock->magic = 0;
}

bool pail_mutex_held(const struct pail_mutex *mutex)
{
        return lock_of(mutex)->owner == sim.current;
}

void pail_mutex_assert_held_at(const struct pail_mutex *mutex, const char *file, int line)
{
        if (!pail_mutex_held(mutex))
                sim_fail(SIM_MISUSE, "%s:%d: the lock is not held by this thread", file, line);
}

static void acquire(struct sim_lock *lock)
{
        struct sim_fibre *self = sim.current;
        while (lock->owner) {
                self->state = SIM_WAITS_LOCK;
                self->lock = lock;
                DL_APPEND(lock->waiters, self);
                sim_check_circle();
                sim_block();
        }
        lock->owner = self;
}

static struct sim_fibre *choose_waiter(struct sim_fibre *waiters)
{
        struct sim_fibre *fibre;
        unsigned count = 0;
        DL_FOREACH(waiters, fibre)
                count++;
        unsigned chosen = sim_decide(count);
        for (fibre = waiters; chosen > 0; chosen--)
                fibre = fibre->next;
        return fibre;
}

static void release(struct sim_lock *lock)
{
        lock->owner = NULL;
        if (!lock->waiters)
                return;
        struct sim_fibre *next = choose_waiter(lock->waiters);
        DL_DELETE(lock->waiters, next);
        sim_ready(next);
}

void pail_mutex_lock(struct pail_mutex *mutex)
{
        struct sim_lock *lock = lock_of(mutex);
        if (lock->owner == sim.current)
                sim_fail(SIM_MISUSE, "pail_mutex_lock: this thread holds it already");
        sim_point();
        acquire(lock);
}

void pail_mutex_unlock(struct pail_mutex *mutex)
{
        struct sim_lock *lock = lock_of(mutex);
        if (lock->owner != sim.current)
                sim_fail(SIM_MISUSE, "pail_mutex_unlock: this thread does not hold it");
        release(lock);
        sim_point();
}

void pail_cond_init(struct pail_cond *cond)
{
        struct sim_condition *condition = (struct sim_condition *)(void *)cond;
        *condition = (struct sim_condition){ .magic = CONDITION_MAGIC, .number = ++sim.condition_count };
        condition->made_at = __builtin_return_address(0);
}

void pail_cond_done(struct pail_cond *cond)
{
        struct sim_condition *condition = condition_of(cond);
        if (condition->waiters)
                sim_fail(SIM_MISUSE, "a condition is given up that %s waits for", condition->waiters->name);
        condition->magic = 0;
}

static void leave_list(struct sim_condition *condition, struct sim_fibre *fibre)
{
        DL_DELETE(condition->waiters, fibre);
        fibre->condition = NULL;
}

static void wait_until(struct pail_cond *cond, struct pail_mutex *mutex, int64_t until_ms)
{
        struct sim_condition *condition = condition_of(cond);
        struct sim_lock *lock = lock_of(mutex);
        struct sim_fibre *self = sim.current;
        pail_mutex_assert_held(mutex);
        self->state = SIM_WAITS_CONDITION;
        self->condition = condition;
        self->lock = lock;
        self->until_ms = until_ms;
        self->timed_out = false;
        DL_APPEND(condition->waiters, self);
        if (sim_decide_rarely(sim.spurious_one_in)) {
                leave_list(condition, self);
                sim_ready(self);
        }
        release(lock);
        sim_block();
        if (self->condition) /* its time is over, and no signal came for it */
                leave_list(condition, self);
        acquire(lock);
}

void pail_cond_wait(struct pail_cond *cond, struct pail_mutex *mutex)
{
        wait_until(cond, mutex, INT64_MAX);
}

int pail_cond_wait_until(struct pail_cond *cond, struct pail_mutex *mutex, int64_t until_ms)
{
        pail_mutex_assert_held(mutex);
        if (until_ms <= pail_clock_monotonic_ms())
                return -ETIMEDOUT;
        wait_until(cond, mutex, until_ms);
        return sim.current->timed_out ? -ETIMEDOUT : 0;
}

static void wake(struct sim_condition *condition, struct sim_fibre *fibre)
{
        leave_list(condition, fibre);
        if (fibre->state == SIM_WAITS_CONDITION) /* else its time is over: it is in line already */
                sim_ready(fibre);
}

void pail_cond_signal(struct pail_cond *cond)
{
        struct sim_condition *condition = condition_of(cond);
        if (condition->waiters)
                wake(condition, choose_waiter(condition->waiters));
        sim_point();
}

void pail_cond_broadcast(struct pail_cond *cond)
{
        struct sim_condition *condition = condition_of(cond);
        while (condition->waiters)
                wake(condition, condition->waiters);
        sim_point();
}
