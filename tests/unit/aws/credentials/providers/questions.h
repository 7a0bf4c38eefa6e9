/* SPDX-License-Identifier: Apache-2.0 */
/* What a provider asks of its service, seen from between the two: how long it waits is told by what it allows, not by a clock, which on a
 * busy machine shows anything. Link with questions_ldflags. */
#ifndef PAIL_TESTS_UNIT_AWS_CREDENTIALS_PROVIDERS_QUESTIONS_H
#define PAIL_TESTS_UNIT_AWS_CREDENTIALS_PROVIDERS_QUESTIONS_H

#include <stdint.h>

#include "pail/util/error.h"

struct questions {
        unsigned count;
        int64_t timeout_ms; /* of the last one, as are the rest */
        unsigned attempts;
        int64_t took_ms;
        enum pail_error_class class; /* how it failed */
};

/* Since the last call of it. */
struct questions questions_since(void);

#endif
