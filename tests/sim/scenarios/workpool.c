/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pail_workpool and pail_future with callers that submit, run, start, wait, are interrupted, go away and drain, on a system that sometimes has
 * no thread left. The model: a job that was taken runs once, one that was refused never; its argument is released once, after its end and
 * after everybody who may look at it has gone; no more run at once than the pool has threads; one thread runs them in order of arrival. In
 * punctual runs nobody waits longer than he must: a job for which there is a thread starts at once, and who waits for its end goes on then.
 */
#include <errno.h>
#include <stdlib.h>

#include "pail/util/clock.h"
#include "pail/util/future.h"
#include "pail/util/interrupt.h"
#include "pail/util/workpool.h"
#include "scenarios.h"

enum { CALLERS_MAX = 5, STEPS_MAX = 6, CHAIN_MAX = 3 };

struct job {
        struct office *office;
        struct job *next; /* of all */
        unsigned caller;  /* its number */
        unsigned serial;  /* of the caller's submitted jobs, from 1 on; 0: nobody looks at the order */
        unsigned chain;   /* jobs that this one is to submit, one after the other */
        unsigned dawdle_ms;
        int result;
        unsigned started, ended, released;
        int64_t ended_ms, due_ms; /* due: it is to start then; -1: whenever */
        bool is_watched;          /* its starter may still look at it */
        int *payload;             /* gone with the release: the address sanitizer sees who comes too late */
};

struct office {
        struct pail_sim *sim;
        struct pail_workpool *pool;
        unsigned threads, running, queued;
        bool is_punctual;
        int64_t quiet_ms; /* when nothing was queued or running last */
        unsigned refuses_one_in, interrupts_one_in;
        unsigned last_serial[CALLERS_MAX];
        struct job *jobs, *submitting;
};

static struct job *new_job(struct office *office, unsigned caller)
{
        struct job *job = calloc(1, sizeof(*job));
        PAIL_SIM_CHECK(job);
        job->office = office;
        job->caller = caller;
        job->payload = malloc(sizeof(*job->payload));
        PAIL_SIM_CHECK(job->payload);
        job->result = *job->payload = -(int)pail_sim_choose(office->sim, 40);
        job->dawdle_ms = pail_sim_choose(office->sim, 4) == 3 ? 3000 : 20;
        job->next = office->jobs;
        office->jobs = job;
        return job;
}

/* The pool is about to have it. */
static void queue(struct job *job)
{
        struct office *office = job->office;
        int64_t now_ms = pail_clock_monotonic_ms(); /* others may run here, and not below */
        bool has_thread = office->running + office->queued < office->threads && office->refuses_one_in == 0;
        if (office->submitting) /* either may come first */
                office->submitting->due_ms = -1;
        has_thread = has_thread && !office->submitting;
        office->submitting = job;
        office->queued++;
        job->due_ms = has_thread && office->is_punctual ? now_ms : -1;
}

static void is_submitted(const struct job *job)
{
        if (job->office->submitting == job)
                job->office->submitting = NULL;
}

/* It did not take it. */
static void refuse(struct job *job)
{
        PAIL_SIM_CHECK(job->office->refuses_one_in > 0 && job->started == 0);
        job->office->queued--;
        is_submitted(job);
}

static int run(void *argument)
{
        struct job *job = argument;
        struct office *office = job->office;
        PAIL_SIM_CHECK(job->released == 0);
        PAIL_SIM_CHECK(job->started++ == 0);
        PAIL_SIM_CHECK(job->due_ms < 0 || job->due_ms == pail_clock_monotonic_ms());
        is_submitted(job);
        office->queued--;
        PAIL_SIM_CHECK(++office->running <= office->threads);
        if (office->threads == 1 && job->serial > 0) {
                PAIL_SIM_CHECK(office->last_serial[job->caller] < job->serial);
                office->last_serial[job->caller] = job->serial;
        }
        pail_sim_dawdle(office->sim, job->dawdle_ms);
        PAIL_SIM_CHECK(*job->payload == job->result);
        office->running--;
        job->ended++;
        job->ended_ms = pail_clock_monotonic_ms();
        if (office->running + office->queued == 0)
                office->quiet_ms = job->ended_ms;
        return job->result;
}

static void release(void *argument)
{
        struct job *job = argument;
        PAIL_SIM_CHECK(job->ended == job->started);
        PAIL_SIM_CHECK(!job->is_watched);
        PAIL_SIM_CHECK(job->released++ == 0);
        free(job->payload);
}

/* A submitted job has no release of the pool's: it is its own. */
static void run_submitted(void *argument)
{
        struct job *job = argument, *next;
        (void)run(job);
        if (job->chain > 0) {
                next = new_job(job->office, job->caller);
                next->chain = job->chain - 1;
                queue(next);
                PAIL_SIM_CHECK(pail_workpool_submit(job->office->pool, run_submitted, next) ==
                               0); /* there is a thread: this one */
        }
        release(job);
}

static bool is_interrupted(void *context)
{
        const struct office *office = context;
        return pail_sim_chance(office->sim, office->interrupts_one_in);
}

static struct job *submit(struct office *office, struct pail_sim_caller *caller, unsigned *serial)
{
        struct job *job = new_job(office, caller->number);
        job->serial = ++*serial;
        job->chain = pail_sim_choose(office->sim, CHAIN_MAX + 1);
        queue(job);
        int r = pail_workpool_submit(office->pool, run_submitted, job);
        PAIL_SIM_CHECK(r == 0 || r == -EAGAIN);
        if (r == 0)
                return job;
        refuse(job);
        release(job);
        return NULL;
}

static bool is_on_time(const struct office *office, int64_t time_ms)
{
        return !office->is_punctual || time_ms == pail_clock_monotonic_ms();
}

static void run_and_wait(struct office *office, struct pail_sim_caller *caller)
{
        struct job *job = new_job(office, caller->number);
        queue(job);
        int r = pail_workpool_run(office->pool, run, release, job);
        if (job->released == 1 && job->started == 0)
                refuse(job);
        else if (r != job->result || !job->ended)
                PAIL_SIM_CHECK(r == -EINTR && office->interrupts_one_in > 0);
        else
                PAIL_SIM_CHECK(r == -EINTR || (job->released == 1 && is_on_time(office, job->ended_ms)));
}

static void look_at_future(struct office *office, const struct job *job, struct pail_future *future)
{
        int64_t begin_ms = pail_clock_monotonic_ms(), until_ms = begin_ms + pail_sim_choose(office->sim, 50);
        if (pail_sim_chance(office->sim, 3))
                until_ms = INT64_MAX;
        int r = pail_future_wait(future, until_ms);
        PAIL_SIM_CHECK(job->released == 0);
        if (r == job->result && job->ended) {
                PAIL_SIM_CHECK(is_on_time(office, begin_ms) || is_on_time(office, job->ended_ms) || r == -EINTR);
                return;
        }
        PAIL_SIM_CHECK(r == -EINTR || r == -ETIMEDOUT);
        PAIL_SIM_CHECK(r != -EINTR || office->interrupts_one_in > 0);
        PAIL_SIM_CHECK(r != -ETIMEDOUT || pail_clock_monotonic_ms() >= until_ms);
}

static void use_future(struct office *office, struct pail_sim_caller *caller)
{
        struct job *job = new_job(office, caller->number);
        struct pail_future *future = NULL;
        queue(job);
        int r = pail_future_start(office->pool, run, release, job, &future);
        if (r < 0) {
                PAIL_SIM_CHECK(r == -EAGAIN && job->released == 1);
                refuse(job);
                return;
        }
        job->is_watched = true;
        for (unsigned looks = pail_sim_choose(office->sim, 3); looks > 0; looks--)
                look_at_future(office, job, future);
        job->is_watched = false;
        pail_future_unref(future);
}

/* last: a job that was submitted before. */
static void drain(struct office *office, const struct job *last)
{
        int64_t begin_ms = pail_clock_monotonic_ms();
        pail_workpool_drain(office->pool);
        PAIL_SIM_CHECK(!last || last->released == 1);
        PAIL_SIM_CHECK(is_on_time(office, begin_ms) || is_on_time(office, office->quiet_ms));
}

static void call(struct pail_sim_caller *caller)
{
        struct office *office = caller->context;
        const struct pail_interrupt interrupt = { .is_set = is_interrupted, .context = office };
        struct job *last = NULL;
        unsigned serial = 0;
        if (office->interrupts_one_in > 0)
                pail_interrupt_install(&interrupt);
        for (unsigned steps = pail_sim_choose_between(caller->sim, 1, STEPS_MAX); steps > 0; steps--)
                switch (pail_sim_choose(caller->sim, 5)) {
                case 0:
                        last = submit(office, caller, &serial);
                        break;
                case 1:
                        run_and_wait(office, caller);
                        break;
                case 2:
                        use_future(office, caller);
                        break;
                case 3:
                        drain(office, last);
                        break;
                default:
                        pail_sim_dawdle(caller->sim, 4000); /* idle threads end after two seconds */
                }
        pail_interrupt_install(NULL);
}

static void check_jobs(struct office *office)
{
        struct job *job;
        while ((job = office->jobs)) {
                office->jobs = job->next;
                PAIL_SIM_CHECK(job->released == 1);
                PAIL_SIM_CHECK(job->started == job->ended);
                free(job);
        }
}

void scenario_workpool(struct pail_sim *sim)
{
        static const unsigned rare[] = { 0, 0, 2, 8 };
        struct office office = { .sim = sim };
        struct pail_sim_callers callers;
        office.threads = pail_sim_choose_between(sim, 1, 3);
        office.interrupts_one_in = rare[pail_sim_choose(sim, 4)] * 2;
        office.refuses_one_in = rare[pail_sim_choose(sim, 4)];
        office.is_punctual = pail_sim_chance(sim, 2);
        if (office.is_punctual)
                pail_sim_set_punctual(sim);
        PAIL_SIM_CHECK(pail_workpool_new("worker", office.threads, &office.pool) == 0);
        pail_sim_set_thread_failures(sim, office.refuses_one_in);
        pail_sim_callers_start(sim, &callers, "caller", pail_sim_choose_between(sim, 1, CALLERS_MAX), call, &office);
        pail_sim_callers_join(&callers);
        pail_workpool_free(office.pool);
        check_jobs(&office);
}
