/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A wait that its caller may want to leave. A thread with a token wakes every LOOK_EVERY_MS to look at it. To be woken by
 * whoever sets the token was rejected: that would need the lock of the wait on the path of a signal.
 */
#include "pail/util/interrupt.h"

#include <errno.h>
#include <stddef.h>

#include "pail/util/clock.h"
#include "pail/util/thread.h"

enum { LOOK_EVERY_MS = 50 };

/* Per thread, not a parameter: every blocking function of every layer would have to carry it. */
static const struct pail_interrupt *installed_here(void)
{
        return pail_thread_get(PAIL_THREAD_INTERRUPT);
}

const struct pail_interrupt *pail_interrupt_install(const struct pail_interrupt *interrupt)
{
        const struct pail_interrupt *before = installed_here();
        pail_thread_set(PAIL_THREAD_INTERRUPT, interrupt);
        return before;
}

bool pail_interrupt_is_set(void)
{
        const struct pail_interrupt *installed = installed_here();
        return installed && installed->is_set(installed->context);
}

int pail_interrupt_wait(struct pail_cond *cond, struct pail_mutex *mutex, int64_t until_ms)
{
        if (pail_interrupt_is_set())
                return -EINTR;
        int64_t now_ms = pail_clock_monotonic_ms();
        if (now_ms >= until_ms)
                return -ETIMEDOUT;
        int64_t slice_end_ms = until_ms;
        if (installed_here() && until_ms - now_ms > LOOK_EVERY_MS)
                slice_end_ms = now_ms + LOOK_EVERY_MS;
        /* The end of a slice is a wake-up for no reason, and the caller looks at its condition: a signal that came between
         * the time-out and the lock went to nobody, and another wait could be for ever. */
        (void)pail_cond_wait_until(cond, mutex, slice_end_ms);
        return 0;
}
