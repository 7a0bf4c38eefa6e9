/* SPDX-License-Identifier: Apache-2.0 */
/* How a failed run is told: its kind and message for the parent process, and, for people, where every fibre is. */
#ifndef PAIL_TESTS_SIM_REPORT_H
#define PAIL_TESTS_SIM_REPORT_H

#include "schedule.h"

enum { SIM_MESSAGE_SIZE = 512, SIM_EXIT_FAILED = 3, SIM_ALARM_S = 60 };

/* In memory shared with the parent. */
struct sim_verdict {
        enum sim_outcome outcome;
        char message[SIM_MESSAGE_SIZE];
};

/* Where the outcome goes, and whether people read it. Before the first run. */
void sim_report_to(struct sim_verdict *verdict, bool is_quiet);
/* Signals that end the process are reported as well, among them that of alarm(SIM_ALARM_S). Once a process. */
void sim_report_signals(void);

_Noreturn void sim_fail(enum sim_outcome outcome, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A fibre was woken only to show where it is. */
void sim_report_here(void);
void sim_report_switch(const struct sim_fibre *from, const struct sim_fibre *to);
/* A new run: forgets the notes of the last one. */
void sim_report_begin(void);

const char *sim_outcome_name(enum sim_outcome outcome);

#endif
