/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Faults that tests/check/analyse has to find before it may say that there are none: one a function, each on the line that is marked. The first is
 * one that pail had: an ARN of anything but an access point ended it.
 */
#include <errno.h>
#include <stdlib.h>

#include "pail/aws/arn.h"
#include "pail/util/buf.h"
#include "pail/util/cleanup.h"

int planted_release(const char *name, char **ret_bucket);
int planted_use_after_free(const char *name);
int planted_leak(const char *name);
size_t planted_null(const char *name);

int planted_release(const char *name, char **ret_bucket)
{
        _cleanup_buf_ struct pail_buf normal;
        struct pail_arn arn;
        if (pail_arn_parse(name, &arn) < 0 || arn.resource_count < 2)
                return -EINVAL;
        pail_buf_init(&normal, PAIL_ARN_MAX);
        pail_buf_printf(&normal, "arn:%s:%s:%s:%s:", arn.partition, arn.service, arn.region, arn.account);
        return pail_buf_steal(&normal, ret_bucket, NULL);
}

int planted_use_after_free(const char *name)
{
        char *copy = malloc(2);
        if (!copy)
                return -ENOMEM;
        copy[0] = *name;
        free(copy);
        return copy[0]; /* analyser: use-after-free */
}

int planted_leak(const char *name)
{
        char *copy = malloc(2);
        if (!copy)
                return -ENOMEM;
        copy[0] = *name;
        return copy[0]; /* analyser: malloc-leak */
}

size_t planted_null(const char *name)
{
        const struct pail_buf *none = *name ? NULL : (const struct pail_buf *)(const void *)name;
        return *name ? none->length : 0; /* analyser: null-dereference */
}
