/* SPDX-License-Identifier: Apache-2.0 */
#include "pail/aws/sigv4_scope.h"

#include <string.h>

#include "pail/util/clock.h"

const char *pail_sigv4_scope_algorithm(const struct pail_sigv4_scope *scope)
{
        return scope->signing == PAIL_SIGNING_V4A ? "AWS4-ECDSA-P256-SHA256" : "AWS4-HMAC-SHA256";
}

void pail_sigv4_scope_date(const struct pail_sigv4_scope *scope, char ret_date[static 9])
{
        char stamp[17];

        pail_clock_format_amz(scope->time, stamp);
        memcpy(ret_date, stamp, 8);
        ret_date[8] = '\0';
}

int pail_sigv4_scope_append(struct pail_buf *target, const struct pail_sigv4_scope *scope)
{
        char date[9];

        pail_sigv4_scope_date(scope, date);
        if (scope->signing == PAIL_SIGNING_V4A)
                return pail_buf_printf(target, "%s/%s/aws4_request", date, scope->service);
        return pail_buf_printf(target, "%s/%s/%s/aws4_request", date, scope->region, scope->service);
}
