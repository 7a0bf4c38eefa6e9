/* SPDX-License-Identifier: Apache-2.0 */
/* SIGTERM, SIGINT and SIGHUP, taken by a thread of their own. Private to the layer. */
#ifndef PAIL_DAEMON_SIGNAL_THREAD_H
#define PAIL_DAEMON_SIGNAL_THREAD_H

#include <stdbool.h>

struct pail_driver;
struct pail_signal_thread;

/* Blocks the signals for this thread and all that it starts, and ignores SIGPIPE: before any other thread. */
int pail_signal_thread_new(struct pail_signal_thread **ret_thread);
/* From now on a signal ends the driver's run(). Before that, and with NULL, it ends the process: nothing is at stake then. */
void pail_signal_thread_set_driver(struct pail_signal_thread *signals, struct pail_driver *driver);
/* Whether a signal has asked for the end. */
bool pail_signal_thread_was_signalled(struct pail_signal_thread *signals);
/* A signal from now on is only logged: what is unsent is being sent. */
void pail_signal_thread_set_draining(struct pail_signal_thread *signals);
void pail_signal_thread_free(struct pail_signal_thread *signals);

#endif
