/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "batch.h"
#include "pail/util/str.h"
#include "shrink.h"

enum { BATCH = 200, SHRINK_S = 60 };

static const char usage[] =
        "usage: tests/sim/run [--seed N] [--runs N | --seconds N] [--scenario NAME] [--shrink] [--save FILE] [--trace]\n"
        "       tests/sim/run --replay FILE [--shrink] [--save FILE] [--trace]\n"
        "       tests/sim/run --list\n"
        "  --seed N         the first seed, or \"random\" [1]; the others follow\n"
        "  --runs N         how many seeds [1000]\n"
        "  --seconds N      as many as can be had in that time, instead\n"
        "  --scenario NAME  only this one; else each seed says which\n"
        "  --batch N        so many in one process [200]\n"
        "  --shrink         make the first failing run small, and save it\n"
        "  --save FILE      where to [sim-SCENARIO-SEED.replay]; without --shrink: the failing run as it was\n"
        "  --replay FILE    run what was saved\n"
        "  --lenient        leave out the rules that a scenario is known to break; so without --scenario\n"
        "  --trace          print every switch, and every note of the scenario\n"
        "Exit status: 0 all runs were fine, 1 one failed, 2 a mistake in the arguments.\n";

struct settings {
        const struct pail_sim_scenario *scenario;
        uint64_t seed, runs, seconds, batch;
        const char *save, *replay;
        bool shrinks, is_traced, is_lenient;
};

static uint64_t number_of(const char *text)
{
        char *end;
        errno = 0;
        uint64_t number = strtoull(text, &end, 0);
        if (errno || *end || end == text) {
                fprintf(stderr, "tests/sim/run: \"%s\" is not a number\n", text);
                exit(2);
        }
        return number;
}

static const struct pail_sim_scenario *scenario_named(const char *name)
{
        for (unsigned i = 0; i < pail_sim_scenario_count; i++)
                if (pail_str_equal(pail_sim_scenarios[i].name, name))
                        return &pail_sim_scenarios[i];
        fprintf(stderr, "tests/sim/run: no scenario is called \"%s\"; see --list\n", name);
        exit(2);
}

static _Noreturn void list(void)
{
        for (unsigned i = 0; i < pail_sim_scenario_count; i++)
                printf("%-24s %u\n", pail_sim_scenarios[i].name, pail_sim_scenarios[i].weight);
        exit(0);
}

static uint64_t random_seed(void)
{
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        uint64_t state = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
        return sim_splitmix64(&state) >> 24;
}

static void set_option(struct settings *settings, int option)
{
        switch (option) {
        case 's':
                settings->seed = pail_str_equal(optarg, "random") ? random_seed() : number_of(optarg);
                break;
        case 'n':
                settings->runs = number_of(optarg);
                break;
        case 't':
                settings->seconds = number_of(optarg);
                break;
        case 'c':
                settings->scenario = scenario_named(optarg);
                break;
        case 'b':
                settings->batch = number_of(optarg) > 0 ? number_of(optarg) : 1;
                break;
        case 'k':
                settings->shrinks = true;
                break;
        case 'o':
                settings->save = optarg;
                break;
        case 'r':
                settings->replay = optarg;
                break;
        case 'v':
                settings->is_traced = true;
                break;
        case 'i':
                settings->is_lenient = true;
                break;
        case 'l':
                list();
        case 'h':
                fputs(usage, stdout);
                exit(0);
        default:
                fputs(usage, stderr);
                exit(2);
        }
}

static void parse(int argc, char **argv, struct settings *ret_settings)
{
        static const struct option options[] = {
                { "seed", 1, NULL, 's' },
                { "runs", 1, NULL, 'n' },
                { "seconds", 1, NULL, 't' },
                { "scenario", 1, NULL, 'c' },
                { "batch", 1, NULL, 'b' },
                { "shrink", 0, NULL, 'k' },
                { "save", 1, NULL, 'o' },
                { "replay", 1, NULL, 'r' },
                { "trace", 0, NULL, 'v' },
                { "list", 0, NULL, 'l' },
                { "lenient", 0, NULL, 'i' },
                { "help", 0, NULL, 'h' },
                { 0 },
        };
        struct settings *settings = ret_settings;
        int option;
        while ((option = getopt_long(argc, argv, "h", options, NULL)) >= 0)
                set_option(settings, option);
        if (optind < argc) {
                fputs(usage, stderr);
                exit(2);
        }
        if (!settings->scenario && !settings->replay)
                settings->is_lenient = true;
}

static void save(const struct settings *settings, const struct sim_tape *tape, const struct sim_shared *shared)
{
        char name[128];
        snprintf(name, sizeof(name), "sim-%s-%" PRIu64 ".replay", shared->scenario->name, shared->seed);
        const char *path = settings->save ? settings->save : name;
        int r = tape->is_cut ? -EFBIG : sim_tape_save(tape, path, shared->scenario->name, shared->seed);
        if (r < 0)
                printf("cannot save it to %s: %s\n", path, strerror(-r));
        else
                printf("%" PRIu32 " choices, %" PRIu32 " turns; again: tests/sim/run --replay %s --trace\n",
                       tape->choice_count, tape->turn_count, path);
}

/* The run in shared->record failed. */
static int tell_failure(const struct settings *settings, struct sim_shared *shared)
{
        const struct sim_verdict verdict = shared->verdict;
        const struct sim_task failed = { .scenario = shared->scenario,
                                         .seed = shared->seed,
                                         .is_lenient = settings->is_lenient };
        printf("FAILED: scenario %s, seed %" PRIu64 ": %s: %s\n", shared->scenario->name, shared->seed,
               sim_outcome_name(verdict.outcome), verdict.message);
        if (!settings->replay)
                printf("again: tests/sim/run --scenario %s --seed %" PRIu64 " --runs 1%s\n", shared->scenario->name,
                       shared->seed, settings->is_lenient && shared->scenario->known_rules ? " --lenient" : "");
        if (!settings->shrinks && !settings->save)
                return 1;
        struct sim_tape *tape = sim_tape_map();
        sim_tape_copy(tape, shared->record);
        if (settings->shrinks) {
                printf("shrinking (%" PRIu32 " choices, %" PRIu32 " turns)\n", tape->choice_count, tape->turn_count);
                unsigned tried = sim_shrink(&failed, &verdict, tape, SHRINK_S, shared);
                printf("shrunk in %u runs: ", tried);
        }
        save(settings, tape, shared);
        sim_tape_unmap(tape);
        return 1;
}

static double seconds_now(void)
{
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double seconds_of(const struct timeval *time)
{
        return (double)time->tv_sec + (double)time->tv_usec / 1e6;
}

/* By the processor's time: what else the machine does is not the simulation's. */
static void print_speed(const struct sim_shared *shared)
{
        struct rusage used;
        getrusage(RUSAGE_CHILDREN, &used);
        double took = seconds_of(&used.ru_utime) + seconds_of(&used.ru_stime) + 1e-6;
        printf("%.2f s of the processor: %.0f histories and %.2f million scheduling points a second, a switch at one in %.1f\n",
               took, (double)shared->histories / took, (double)shared->points / took / 1e6,
               (double)shared->points / (double)(shared->switches + 1));
}

static int run_seeds(const struct settings *settings, struct sim_shared *shared)
{
        double begin = seconds_now();
        struct sim_task task = { .scenario = settings->scenario,
                                 .seed = settings->seed,
                                 .is_traced = settings->is_traced,
                                 .is_lenient = settings->is_lenient };
        uint64_t left = settings->seconds > 0 ? UINT64_MAX : settings->runs;
        while (left > 0 && (!settings->seconds || seconds_now() - begin < (double)settings->seconds)) {
                task.count = left < settings->batch ? left : settings->batch;
                if (!sim_batch_run(&task, shared))
                        return tell_failure(settings, shared);
                task.seed += task.count;
                left -= task.count;
        }
        if (shared->histories == 0) {
                printf("nothing was run\n");
                return 1;
        }
        printf("%" PRIu64 " histories from seed %" PRIu64 ", all fine; hash %016" PRIx64 "\n", shared->histories,
               settings->seed, shared->hash);
        print_speed(shared);
        return 0;
}

static int replay(const struct settings *settings, struct sim_shared *shared)
{
        char name[SIM_NAME_SIZE];
        struct sim_tape *tape = sim_tape_map();
        struct sim_task task = {
                .count = 1, .tape = tape, .is_traced = settings->is_traced, .is_lenient = settings->is_lenient
        };
        int r = sim_tape_load(tape, settings->replay, name, &task.seed);
        if (r < 0) {
                fprintf(stderr, "tests/sim/run: %s: %s\n", settings->replay,
                        r == -EINVAL ? "not a saved run" : strerror(-r));
                return 2;
        }
        task.scenario = scenario_named(name);
        if (!sim_batch_run(&task, shared))
                return tell_failure(settings, shared);
        printf("%s, seed %" PRIu64 ": fine; hash %016" PRIx64 "\n", name, task.seed, shared->hash);
        return 0;
}

int main(int argc, char **argv)
{
        struct settings settings = { .seed = 1, .runs = 1000, .batch = BATCH };
        parse(argc, argv, &settings);
        struct sim_shared *shared = sim_shared_map();
        return settings.replay ? replay(&settings, shared) : run_seeds(&settings, shared);
}
