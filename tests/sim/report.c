/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fibre that does not run can show its calls only itself: each is switched to once more, sees is_reporting, prints, and switches back. The
 * process ends afterwards, so nothing is disturbed by that.
 */
#include "report.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "locks.h"
#include "sim.h"

enum { FRAMES_MAX = 24, NOTES = 64, NOTE_SIZE = 120 };

static struct {
        struct sim_verdict *verdict;
        bool is_quiet;
        char notes[NOTES][NOTE_SIZE];
        unsigned note_count;
} report;

const char *sim_outcome_name(enum sim_outcome outcome)
{
        static const char *const names[] = {
                [SIM_FINE] = "fine",         [SIM_CHECK] = "check failed", [SIM_DEADLOCK] = "deadlock",
                [SIM_LIVELOCK] = "livelock", [SIM_HANG] = "hang",          [SIM_MISUSE] = "misuse",
                [SIM_DIED] = "died",
        };
        return names[outcome];
}

void sim_report_to(struct sim_verdict *verdict, bool is_quiet)
{
        report.verdict = verdict;
        report.is_quiet = is_quiet;
}

void sim_report_begin(void)
{
        report.note_count = 0;
}

void pail_sim_note(const char *format, ...)
{
        char *note = report.notes[report.note_count++ % NOTES];
        int n = snprintf(note, NOTE_SIZE, "%8" PRIu64 " %6lld ms  %-16s ", sim.point, (long long)sim.now_ms,
                         sim.current->name);
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(note + n, NOTE_SIZE - (size_t)n, format, arguments);
        va_end(arguments);
        if (sim.is_traced)
                printf("%s\n", note);
}

/* Addresses as file and line, by addr2line(1) where that is installed; without those of the frame itself. */
static void print_addresses(void *const *addresses, int count)
{
        char command[128 + FRAMES_MAX * 20];
        Dl_info own, info;
        size_t length;
        snprintf(command, sizeof(command), "addr2line -fipse /proc/%ld/exe", (long)getpid());
        if (!dladdr((void *)(uintptr_t)print_addresses, &own))
                return;
        for (int i = 0; i < count; i++) {
                if (!dladdr(addresses[i], &info) || info.dli_fbase != own.dli_fbase)
                        continue;
                length = strlen(command);
                snprintf(command + length, sizeof(command) - length, " %#" PRIxPTR,
                         (uintptr_t)addresses[i] - (uintptr_t)own.dli_fbase - 1);
        }
        length = strlen(command);
        snprintf(command + length, sizeof(command) - length,
                 " 2>/dev/null | sed '/ at \\(report\\|schedule\\|batch\\|main\\)\\.[ch]:/d; /?/d; s/^/      /' >&2");
        fflush(NULL);
        if (system(command) != 0)
                backtrace_symbols_fd(addresses, count, STDERR_FILENO);
}

static void print_calls(void)
{
        void *frames[FRAMES_MAX];
        int count = backtrace(frames, FRAMES_MAX);
        print_addresses(frames, count);
}

void sim_report_here(void)
{
        print_calls();
        struct sim_fibre *self = sim.current;
        sim.current = sim.reporter;
        sim_context_switch(&self->context, &sim.reporter->context, true);
        _exit(SIM_EXIT_FAILED);
}

static void print_place(const char *what, uint32_t number, const void *made_at)
{
        void *address = (void *)(uintptr_t)made_at;
        fprintf(stderr, " %s %" PRIu32 ", made at\n", what, number);
        print_addresses(&address, 1);
}

static void print_state(const struct sim_fibre *fibre)
{
        fprintf(stderr, "  %s", fibre->name);
        switch (fibre->state) {
        case SIM_WAITS_LOCK:
                fprintf(stderr,
                        " waits for a lock that %s holds:", fibre->lock->owner ? fibre->lock->owner->name : "nobody");
                print_place("lock", fibre->lock->number, fibre->lock->made_at);
                return;
        case SIM_WAITS_CONDITION:
                if (fibre->until_ms < INT64_MAX)
                        fprintf(stderr, " waits (until %lld ms) for", (long long)fibre->until_ms);
                else
                        fprintf(stderr, " waits for");
                print_place("condition", fibre->condition->number, fibre->condition->made_at);
                return;
        case SIM_WAITS_TIME:
                fprintf(stderr, " sleeps until %lld ms\n", (long long)fibre->until_ms);
                return;
        case SIM_WAITS_END:
                fprintf(stderr, " waits for the end of %s\n", fibre->awaited->name);
                return;
        case SIM_RUNS:
        case SIM_ENDED:
        default:
                fprintf(stderr, fibre == sim.current ? " runs\n" : " could run\n");
        }
}

static void print_notes(void)
{
        unsigned from = report.note_count > NOTES ? report.note_count - NOTES : 0;
        if (report.note_count > 0 && !sim.is_traced)
                fprintf(stderr, "notes:\n");
        for (unsigned i = from; i < report.note_count && !sim.is_traced; i++)
                fprintf(stderr, "%s\n", report.notes[i % NOTES]);
}

static void print_fibre(struct sim_fibre *fibre)
{
        print_state(fibre);
        if (fibre == sim.reporter) {
                print_calls();
                return;
        }
        sim.current = fibre;
        sim.previous = sim.reporter;
        sim_context_switch(&sim.reporter->context, &fibre->context, false);
}

static void print_run(const char *what, const char *message)
{
        fprintf(stderr, "%s: %s\nafter %" PRIu64 " scheduling points, at %lld ms, in %s:\n", what, message, sim.point,
                (long long)sim.now_ms, sim.current->name);
        print_notes();
        sim.is_reporting = true;
        sim.reporter = sim.current;
        for (unsigned i = 0; i < sim.fibre_count; i++)
                if (sim.fibres[i]->state != SIM_ENDED)
                        print_fibre(sim.fibres[i]);
        fflush(NULL);
}

static void tell(enum sim_outcome outcome, const char *message)
{
        if (!report.verdict || report.verdict->outcome != SIM_FINE)
                return;
        snprintf(report.verdict->message, sizeof(report.verdict->message), "%s", message);
        report.verdict->outcome = outcome;
}

void sim_fail(enum sim_outcome outcome, const char *format, ...)
{
        char message[SIM_MESSAGE_SIZE];
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(message, sizeof(message), format, arguments);
        va_end(arguments);
        tell(outcome, message);
        if (!report.is_quiet && !sim.is_reporting)
                print_run(sim_outcome_name(outcome), message);
        _exit(SIM_EXIT_FAILED);
}

void sim_report_switch(const struct sim_fibre *from, const struct sim_fibre *to)
{
        static const char *const why[] = {
                [SIM_RUNS] = "",
                [SIM_WAITS_LOCK] = " (waits for a lock)",
                [SIM_WAITS_CONDITION] = " (waits for a condition)",
                [SIM_WAITS_TIME] = " (sleeps)",
                [SIM_WAITS_END] = " (waits for an end)",
                [SIM_ENDED] = " (has ended)",
        };
        printf("%8" PRIu64 " %6lld ms  %s%s -> %s\n", sim.point, (long long)sim.now_ms, from->name, why[from->state],
               to->name);
}

/* On a stack of its own: one that overflowed is a case. Not safe in the letter of the law, but the process is lost anyway. */
static void on_signal(int number)
{
        char message[SIM_MESSAGE_SIZE];
        if (number == SIGALRM)
                snprintf(message, sizeof(message), "no end in %d s of real time", SIM_ALARM_S);
        else
                snprintf(message, sizeof(message), "%s in %s", strsignal(number),
                         sim.current ? sim.current->name : "?");
        tell(SIM_DIED, message);
        if (!report.is_quiet) {
                fprintf(stderr, "%s, after %" PRIu64 " scheduling points\n", message, sim.point);
                print_notes();
                print_calls();
        }
        _exit(SIM_EXIT_FAILED);
}

void sim_report_signals(void)
{
        static char stack[256 * 1024];
        const stack_t alternative = { .ss_sp = stack, .ss_size = sizeof(stack) };
        struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_ONSTACK | SA_RESETHAND };
        sigaltstack(&alternative, NULL);
        sigaction(SIGABRT, &action, NULL);
        sigaction(SIGALRM, &action, NULL);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
        sigaction(SIGSEGV, &action, NULL);
        sigaction(SIGBUS, &action, NULL);
#endif
}
