/* SPDX-License-Identifier: Apache-2.0 */
/* Into the background, without losing the exit status on the way. */
#ifndef PAIL_DAEMON_LAUNCH_H
#define PAIL_DAEMON_LAUNCH_H

#include <stdbool.h>

/* How whoever typed the command learns how it went. */
struct pail_launch {
        int fd; /* to the waiting parent; -1: none, this process has the terminal */
};

/*
 * Forks, before any thread or library is started. In the child: 0, a session of its own, and a report to make. In the parent: 1, once the
 * report was made, with the status to exit with; what went wrong has been printed. -errno: no fork.
 */
int pail_launch_fork(struct pail_launch *ret_launch, int *ret_status);
/* message NULL: it is mounted and serves. Once; false when nobody waits any more. */
bool pail_launch_report(struct pail_launch *launch, const char *message);
/* After a good report: stdio to /dev/null. */
void pail_launch_detach_stdio(void);

#endif
