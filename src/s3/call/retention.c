/* SPDX-License-Identifier: Apache-2.0 */
/* Dates are compared by the clock of the server: retention ends when S3 thinks so. */
#include "retention.h"

#include <stdlib.h>

#include "pail/util/cleanup.h"
#include "pail/util/clock.h"
#include "pail/util/str.h"

bool pail_s3_is_retained(const struct pail_s3_client *client, const struct pail_s3_headers *headers)
{
        struct timespec until;
        const char *date = headers->object_lock_retain_until_date;
        if (!headers->object_lock_mode || !date)
                return false;
        if (pail_clock_parse_iso8601(date, &until) < 0)
                return true; /* the server, which wrote it, will know */
        return until.tv_sec > pail_clock_now().tv_sec + pail_session_clock_offset_s(client->session);
}

bool pail_s3_is_held(const struct pail_s3_headers *headers)
{
        return pail_str_equal(headers->object_lock_legal_hold, "ON");
}

bool pail_s3_has_object_lock(const struct pail_s3_client *client, const struct pail_s3_headers *headers)
{
        return pail_s3_is_held(headers) || pail_s3_is_retained(client, headers);
}

bool pail_s3_is_unlocked(const struct pail_error *error)
{
        return pail_str_equal(error->code, "NoSuchObjectLockConfiguration") ||
               pail_str_equal(error->code, "ObjectLockConfigurationNotFoundError"); /* Ceph */
}

void pail_s3_object_lock_clear(struct pail_s3_headers *headers)
{
        free(pail_steal(&headers->object_lock_mode));
        free(pail_steal(&headers->object_lock_retain_until_date));
        free(pail_steal(&headers->object_lock_legal_hold));
}
