/* SPDX-License-Identifier: Apache-2.0 */
/* What a mutex and a condition of pail/util/mutex.h are in a simulation: they lie in the memory of the real ones. */
#ifndef PAIL_TESTS_SIM_LOCKS_H
#define PAIL_TESTS_SIM_LOCKS_H

#include <stdint.h>

struct sim_fibre;

struct __attribute__((may_alias)) sim_lock {
        struct sim_fibre *owner;
        struct sim_fibre
                *waiters;    /* if there are any and nobody is the owner, one of those that waited is on its way */
        const void *made_at; /* where in the code */
        uint32_t magic, number;
};

struct __attribute__((may_alias)) sim_condition {
        struct sim_fibre *waiters;
        const void *made_at;
        uint32_t magic, number;
};

/* NULL: nobody. */
const struct sim_fibre *sim_lock_owner(const struct sim_lock *lock);

#endif
