/* SPDX-License-Identifier: Apache-2.0 */
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

struct pail_stopper {
        pthread_t thread;
        sigset_t signals;
        struct {
                struct pail_mutex mutex;
                struct pail_driver *driver; /* borrowed */
                bool was_signalled, is_draining;
                bool is_ending; /* the next signal is pail_stopper_free()'s */
        } guarded;
};

/* false: the thread ends. */
static bool act_locked(struct pail_stopper *stopper, int signal)
{
        pail_mutex_assert_held(&stopper->guarded.mutex);
        if (stopper->guarded.is_ending)
                return false;
        if (stopper->guarded.is_draining) {
                pail_log_warning("signal %d: still sending what is unsent; kill -9 leaves the rest in lost+found",
                                 signal);
                return true;
        }
        if (!stopper->guarded.driver) {
                pail_log_info("signal %d before the mount was complete", signal);
                _exit(EXIT_FAILURE);
        }
        pail_log_info("signal %d: unmounting", signal);
        stopper->guarded.was_signalled = true;
        pail_driver_stop(stopper->guarded.driver);
        return true;
}

static void *stopper_main(void *argument)
{
        struct pail_stopper *stopper = argument;
        pthread_setname_np(pthread_self(), "pail-signals");
        bool goes_on = true;
        while (goes_on) {
                int signal;
                if (sigwait(&stopper->signals, &signal) != 0)
                        continue;
                PAIL_LOCK(&stopper->guarded.mutex);
                goes_on = act_locked(stopper, signal);
        }
        return NULL;
}

int pail_stopper_new(struct pail_stopper **ret_stopper)
{
        struct pail_stopper *stopper = calloc(1, sizeof(*stopper));
        if (!stopper)
                return -ENOMEM;
        signal(SIGPIPE, SIG_IGN);
        sigemptyset(&stopper->signals);
        sigaddset(&stopper->signals, SIGTERM);
        sigaddset(&stopper->signals, SIGINT);
        sigaddset(&stopper->signals, SIGHUP);
        pthread_sigmask(SIG_BLOCK, &stopper->signals, NULL);
        pail_mutex_init(&stopper->guarded.mutex);
        int error = pthread_create(&stopper->thread, NULL, stopper_main, stopper);
        if (error != 0) {
                pail_mutex_done(&stopper->guarded.mutex);
                free(stopper);
                return -error;
        }
        *ret_stopper = stopper;
        return 0;
}

void pail_stopper_set_driver(struct pail_stopper *stopper, struct pail_driver *driver)
{
        PAIL_LOCK(&stopper->guarded.mutex);
        stopper->guarded.driver = driver;
}

bool pail_stopper_was_signalled(struct pail_stopper *stopper)
{
        PAIL_LOCK(&stopper->guarded.mutex);
        return stopper->guarded.was_signalled;
}

void pail_stopper_set_draining(struct pail_stopper *stopper)
{
        PAIL_LOCK(&stopper->guarded.mutex);
        stopper->guarded.is_draining = true;
}

void pail_stopper_free(struct pail_stopper *stopper)
{
        if (!stopper)
                return;
        pail_mutex_lock(&stopper->guarded.mutex);
        stopper->guarded.is_ending = true;
        pail_mutex_unlock(&stopper->guarded.mutex);
        pthread_kill(stopper->thread, SIGTERM);
        pthread_join(stopper->thread, NULL);
        pail_mutex_done(&stopper->guarded.mutex);
        free(stopper);
}
