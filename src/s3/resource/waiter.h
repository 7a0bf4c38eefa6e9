/* SPDX-License-Identifier: Apache-2.0 */
/* What resources that can be waited for have in common: a HEAD, asked again and again (pail/s3/resource.h). */
#ifndef PAIL_SRC_S3_RESOURCE_WAITER_H
#define PAIL_SRC_S3_RESOURCE_WAITER_H

#include <stdbool.h>

#include "pail/s3/resource.h"
#include "pail/util/error.h"

struct pail_waiter {
        const char *bucket, *key; /* key NULL: the bucket itself */
        bool is_for_absence;
        /* One HEAD, of at most timeout_ms (0: as long as the client does). */
        int (*head)(void *context, int64_t timeout_ms, struct pail_error *ret_error);
        void *context;
};
/* options NULL: the defaults. */
int pail_waiter_run(const struct pail_waiter *waiter, const struct pail_wait_options *options,
                    struct pail_error *ret_error);

/* One question: whether it is there. */
int pail_waiter_check(const struct pail_waiter *waiter, bool *ret_is_there, struct pail_error *ret_error);

#endif
