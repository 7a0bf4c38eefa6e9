/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers that follow from a seed: xoshiro256** (Blackman and Vigna), its state filled by splitmix64, as its authors advise. */
#ifndef PAIL_TESTS_SIM_RNG_H
#define PAIL_TESTS_SIM_RNG_H

#include <stdint.h>

struct sim_rng {
        uint64_t state[4];
};

static inline uint64_t sim_splitmix64(uint64_t *state)
{
        uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
        z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
        z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
        return z ^ z >> 31;
}

static inline void sim_rng_seed(struct sim_rng *rng, uint64_t seed)
{
        for (unsigned i = 0; i < 4; i++)
                rng->state[i] = sim_splitmix64(&seed);
}

static inline uint64_t sim_rotate_left(uint64_t x, int bits)
{
        return x << bits | x >> (64 - bits);
}

static inline uint64_t sim_rng_next(struct sim_rng *rng)
{
        uint64_t *s = rng->state, result = sim_rotate_left(s[1] * 5, 7) * 9, t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = sim_rotate_left(s[3], 45);
        return result;
}

/* 0 to limit - 1. The bias of limit / 2^32 does not matter here. */
static inline uint32_t sim_rng_below(struct sim_rng *rng, uint32_t limit)
{
        return (uint32_t)((sim_rng_next(rng) >> 32) * limit >> 32);
}

#endif
