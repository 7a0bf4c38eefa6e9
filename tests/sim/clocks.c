/* SPDX-License-Identifier: Apache-2.0 */
/* pail/util/clock.h and random.h for fibres: time goes by when everybody waits, and chance is the seed's. */
#include "pail/util/clock.h"
#include "pail/util/random.h"

#include <string.h>

#include "schedule.h"

static const time_t epoch_s = 1700000000;

int64_t pail_clock_monotonic_ms(void)
{
        sim_point();
        return sim.now_ms;
}

struct timespec pail_clock_now(void)
{
        sim_point();
        return (struct timespec){ .tv_sec = epoch_s + sim.now_ms / 1000, .tv_nsec = sim.now_ms % 1000 * 1000000 };
}

void pail_clock_test_advance(int64_t ms)
{
        sim.now_ms += ms;
}

void pail_random_fill(void *target, size_t size)
{
        char *to = target;
        while (size > 0) {
                uint64_t number = sim_rng_next(&sim.random);
                size_t n = size < sizeof(number) ? size : sizeof(number);
                memcpy(to, &number, n);
                to += n;
                size -= n;
        }
}

uint64_t pail_random_below(uint64_t limit)
{
        return sim_rng_next(&sim.random) % limit;
}
