/* SPDX-License-Identifier: Apache-2.0 */
/* Makes a failing run smaller: fewer choices, smaller numbers, fewer switches; it fails the same way all along. */
#ifndef PAIL_TESTS_SIM_SHRINK_H
#define PAIL_TESTS_SIM_SHRINK_H

#include "batch.h"

/* failed: scenario, seed and leniency; tape is that run's, and becomes the smaller one's. Takes at most seconds. Returns how many runs were tried. */
unsigned sim_shrink(const struct sim_task *failed, const struct sim_verdict *verdict, struct sim_tape *tape,
                    unsigned seconds, struct sim_shared *shared);

#endif
