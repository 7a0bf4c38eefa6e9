/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A thread that waits with sigwait(3) rather than a handler: it may take locks, log and call the driver. All other threads have the signals blocked. What a
 * signal means depends on how far the mount is:
 * 
 *   driver not set    nothing was mounted, nothing is unsent: the process ends
 *   driver set        the driver's loop is asked to end, once or more often
 *   draining          what is unsent is being sent: a signal is logged and changes nothing
 * 
 * The thread is ended by a signal of its own, after is_ending was set.
 */
#include "signal_thread.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "pail/fuse/driver.h"
#include "pail/util/log.h"
#include "pail/util/mutex.h"

struct pail_signal_thread {
        pthread_t thread;
        sigset_t set;
        struct {
                struct pail_mutex mutex;
                struct pail_driver *driver; /* borrowed */
                bool was_signalled, is_draining;
                bool is_ending; /* the next signal is pail_signal_thread_free()'s */
        } guarded;
};

/* false: the thread ends. */
static bool act_locked(struct pail_signal_thread *signals, int signal)
{
        pail_mutex_assert_held(&signals->guarded.mutex);
        if (signals->guarded.is_ending)
                return false;
        if (signals->guarded.is_draining) {
                pail_log_warning("signal %d: still sending what is unsent; kill -9 leaves the rest in lost+found",
                                 signal);
                return true;
        }
        if (!signals->guarded.driver) {
                pail_log_info("signal %d before the mount was complete", signal);
                _exit(EXIT_FAILURE);
        }
        pail_log_info("signal %d: unmounting", signal);
        signals->guarded.was_signalled = true;
        pail_driver_stop(signals->guarded.driver);
        return true;
}

static void *run_signal_thread(void *argument)
{
        struct pail_signal_thread *signals = argument;
        pthread_setname_np(pthread_self(), "pail-signals");
        bool goes_on = true;
        while (goes_on) {
                int signal;
                if (sigwait(&signals->set, &signal) != 0)
                        continue;
                PAIL_LOCK(&signals->guarded.mutex);
                goes_on = act_locked(signals, signal);
        }
        return NULL;
}

int pail_signal_thread_new(struct pail_signal_thread **ret_thread)
{
        struct pail_signal_thread *signals = calloc(1, sizeof(*signals));
        if (!signals)
                return -ENOMEM;
        signal(SIGPIPE, SIG_IGN);
        sigemptyset(&signals->set);
        sigaddset(&signals->set, SIGTERM);
        sigaddset(&signals->set, SIGINT);
        sigaddset(&signals->set, SIGHUP);
        pthread_sigmask(SIG_BLOCK, &signals->set, NULL);
        pail_mutex_init(&signals->guarded.mutex);
        int error = pthread_create(&signals->thread, NULL, run_signal_thread, signals);
        if (error != 0) {
                pail_mutex_done(&signals->guarded.mutex);
                free(signals);
                return -error;
        }
        *ret_thread = signals;
        return 0;
}

void pail_signal_thread_set_driver(struct pail_signal_thread *signals, struct pail_driver *driver)
{
        PAIL_LOCK(&signals->guarded.mutex);
        signals->guarded.driver = driver;
}

bool pail_signal_thread_was_signalled(struct pail_signal_thread *signals)
{
        PAIL_LOCK(&signals->guarded.mutex);
        return signals->guarded.was_signalled;
}

void pail_signal_thread_set_draining(struct pail_signal_thread *signals)
{
        PAIL_LOCK(&signals->guarded.mutex);
        signals->guarded.is_draining = true;
}

static void end_signal_thread(struct pail_signal_thread *signals)
{
        PAIL_LOCK(&signals->guarded.mutex);
        signals->guarded.is_ending = true;
}

void pail_signal_thread_free(struct pail_signal_thread *signals)
{
        if (!signals)
                return;
        end_signal_thread(signals);
        pthread_kill(signals->thread, SIGTERM);
        pthread_join(signals->thread, NULL);
        pail_mutex_done(&signals->guarded.mutex);
        free(signals);
}
