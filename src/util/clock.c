/* SPDX-License-Identifier: Apache-2.0 */
/* Both clocks carry one offset, zero outside tests. A global, so that not every caller has to pass a clock around. */
#include "pail/util/clock.h"

#include <stdatomic.h>

static _Atomic(int64_t) test_offset_ms;

int64_t pail_clock_monotonic_ms(void)
{
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail with a clock that exists and a valid pointer */
        return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 + atomic_load(&test_offset_ms);
}

struct timespec pail_clock_now(void)
{
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        int64_t offset_ms = atomic_load(&test_offset_ms);
        now.tv_sec += offset_ms / 1000;
        now.tv_nsec += offset_ms % 1000 * 1000000;
        if (now.tv_nsec < 0) {
                now.tv_sec--;
                now.tv_nsec += 1000000000;
        } else if (now.tv_nsec >= 1000000000) {
                now.tv_sec++;
                now.tv_nsec -= 1000000000;
        }
        return now;
}

void pail_clock_test_advance(int64_t ms)
{
        atomic_fetch_add(&test_offset_ms, ms);
}
