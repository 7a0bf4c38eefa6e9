/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time, rates and chance. A rate is a token bucket refilled by the clock, with a burst of 10 ms of its rate: short
 * enough that a transfer of a few blocks is shaped too. Heads are charged but never held back, so a bucket can owe.
 * Chance is splitmix64 from the seed: the same seed and the same order of requests give the same day.
 */
#include <time.h>

#include "wire.h"

#define BURST_US 10000
#define MIN_BURST_BYTES (16 * 1024)

int64_t clock_us(void)
{
        struct timespec now;

        clock_gettime(CLOCK_MONOTONIC, &now);
        return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

uint64_t shaping_random(struct wire *wire)
{
        uint64_t z = wire->random += 0x9e3779b97f4a7c15U;

        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
        return z ^ (z >> 31);
}

int64_t shaping_jitter_us(struct wire *wire)
{
        if (wire->shaping.jitter_us <= 0)
                return 0;
        return (int64_t)(shaping_random(wire) % (uint64_t)(wire->shaping.jitter_us + 1));
}

static double burst_of(uint64_t rate)
{
        double burst = (double)rate * BURST_US / 1e6;
        return burst < MIN_BURST_BYTES ? MIN_BURST_BYTES : burst;
}

static void refill(struct bucket *bucket, uint64_t rate, int64_t now_us)
{
        double burst = burst_of(rate);

        bucket->tokens += (double)(now_us - bucket->filled_us) * (double)rate / 1e6;
        bucket->filled_us = now_us;
        if (bucket->tokens > burst)
                bucket->tokens = burst;
}

/* Bytes that the bucket gives now; when none, ret_wake_us moves to when there is a worthwhile piece. */
static size_t ask(struct bucket *bucket, uint64_t rate, int64_t now_us, size_t want, int64_t *ret_wake_us)
{
        if (rate == 0)
                return want;
        refill(bucket, rate, now_us);
        double piece = burst_of(rate) / 2;
        if (piece > (double)want)
                piece = (double)want;
        if (bucket->tokens >= piece)
                return (double)want < bucket->tokens ? want : (size_t)bucket->tokens;
        int64_t wake_us = now_us + 1 + (int64_t)((piece - bucket->tokens) * 1e6 / (double)rate);
        if (wake_us > *ret_wake_us)
                *ret_wake_us = wake_us;
        return 0;
}

size_t shaping_allow(struct wire *wire, struct bucket *own, int direction, size_t want, int64_t *ret_wake_us)
{
        if (wire->shaping.rate == 0 && wire->shaping.total_rate == 0)
                return want;
        int64_t now_us = clock_us(), wake_us = 0;
        size_t of_own = ask(own, wire->shaping.rate, now_us, want, &wake_us);
        size_t of_total = ask(&wire->shaping.total[direction], wire->shaping.total_rate, now_us, want, &wake_us);
        if (of_own == 0 || of_total == 0) {
                *ret_wake_us = wake_us;
                return 0;
        }
        return of_own < of_total ? of_own : of_total;
}

void shaping_charge(struct wire *wire, struct bucket *own, int direction, size_t size)
{
        if (wire->shaping.rate > 0)
                own->tokens -= (double)size;
        if (wire->shaping.total_rate > 0)
                wire->shaping.total[direction].tokens -= (double)size;
}
