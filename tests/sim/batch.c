/* SPDX-License-Identifier: Apache-2.0 */
#include "batch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

struct sim_shared *sim_shared_map(void)
{
        struct sim_shared *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
                                         0);
        if (shared == MAP_FAILED) {
                perror("shared memory");
                exit(2);
        }
        shared->record = sim_tape_map();
        return shared;
}

static const struct pail_sim_scenario *scenario_of(uint64_t seed)
{
        uint64_t total = 0, state = ~seed;
        for (unsigned i = 0; i < pail_sim_scenario_count; i++)
                total += pail_sim_scenarios[i].weight;
        uint64_t at = sim_splitmix64(&state) % total;
        unsigned i = 0;
        while (at >= pail_sim_scenarios[i].weight)
                at -= pail_sim_scenarios[i++].weight;
        return &pail_sim_scenarios[i];
}

static void run_one(const struct sim_task *task, uint64_t seed, struct sim_shared *shared)
{
        shared->scenario = task->scenario ? task->scenario : scenario_of(seed);
        shared->seed = seed;
        shared->is_in_run = true;
        alarm(SIM_ALARM_S);
        sim_report_begin();
        sim_begin(seed, task->tape, shared->record);
        sim.forgiven_rules = task->is_lenient ? shared->scenario->known_rules : NULL;
        shared->scenario->run(NULL);
        sim_end();
        shared->is_in_run = false;
        shared->histories++;
        shared->points += sim.point;
        shared->switches += sim.switches;
        /* The order of the runs counts: two that changed places are not the same. */
        shared->hash = (shared->hash ^ sim.hash) * UINT64_C(0x9E3779B97F4A7C15);
}

static void be_quiet(void)
{
        int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
        if (null >= 0) {
                dup2(null, STDERR_FILENO);
                dup2(null, STDOUT_FILENO);
        }
}

static _Noreturn void run_child(const struct sim_task *task, struct sim_shared *shared)
{
        const struct rlimit no_core = { 0, 0 };
        setrlimit(RLIMIT_CORE, &no_core);
        if (task->is_quiet)
                be_quiet();
        sim_report_to(&shared->verdict, task->is_quiet);
        sim_report_signals();
        sim.is_traced = task->is_traced;
        for (uint64_t i = 0; i < task->count; i++)
                run_one(task, task->seed + i, shared);
        fflush(NULL);
        exit(0); /* where a leak is reported */
}

static int run_process(const struct sim_task *task, struct sim_shared *shared)
{
        int status = 0;
        shared->verdict.outcome = SIM_FINE;
        shared->is_in_run = false;
        fflush(NULL);
        pid_t child = fork();
        if (child < 0) {
                perror("fork");
                exit(2);
        }
        if (child == 0)
                run_child(task, shared);
        while (waitpid(child, &status, 0) < 0 && errno == EINTR)
                ;
        return status;
}

static void note_death(struct sim_shared *shared, int status)
{
        if (shared->verdict.outcome != SIM_FINE)
                return;
        shared->verdict.outcome = SIM_DIED;
        if (WIFSIGNALED(status))
                snprintf(shared->verdict.message, SIM_MESSAGE_SIZE, "the process died of %s",
                         strsignal(WTERMSIG(status)));
        else
                snprintf(shared->verdict.message, SIM_MESSAGE_SIZE, "the process ended with status %d%s",
                         WEXITSTATUS(status), shared->is_in_run ? "" : " after its runs (a leak?)");
}

/* Something that is seen at the end of a process only: which of its runs was it? */
static void find_the_one(const struct sim_task *task, struct sim_shared *shared)
{
        for (uint64_t i = 0; i < task->count; i++) {
                struct sim_task one = *task;
                one.seed = task->seed + i;
                one.count = 1;
                int status = run_process(&one, shared);
                if (status) {
                        note_death(shared, status);
                        return;
                }
        }
        snprintf(shared->verdict.message, SIM_MESSAGE_SIZE, "a process failed at its end, but none of its runs alone");
        shared->verdict.outcome = SIM_DIED;
}

bool sim_batch_run(const struct sim_task *task, struct sim_shared *shared)
{
        int status = run_process(task, shared);
        if (!status)
                return true;
        note_death(shared, status);
        if (!shared->is_in_run && task->count > 1)
                find_the_one(task, shared);
        return false;
}
