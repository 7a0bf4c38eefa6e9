/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Retention and legal hold of a copy are asked for in its request. A server that takes no notice of that is told again, in requests of their own.
 */
#include "object_lock.h"

#include "pail/s3/operations.h"
#include "pail/util/clock.h"
#include "pail/util/str.h"
#include "s3/call/retention.h"

/* The same to the second: servers differ in how many digits of a second they tell. */
static bool has_same_retention(const struct pail_s3_headers *a, const struct pail_s3_headers *b)
{
        struct timespec until_a, until_b;
        return pail_str_equal(a->object_lock_mode, b->object_lock_mode) && a->object_lock_retain_until_date &&
               pail_clock_parse_iso8601(a->object_lock_retain_until_date, &until_a) >= 0 &&
               pail_clock_parse_iso8601(b->object_lock_retain_until_date, &until_b) >= 0 &&
               until_a.tv_sec == until_b.tv_sec;
}

static int put_retention(struct pail_s3_client *client, const char *bucket, const char *key, const char *version_id,
                         const struct pail_s3_headers *wanted, struct pail_error *ret_error)
{
        struct pail_s3_retention retention = { 0 };
        if (pail_clock_parse_iso8601(wanted->object_lock_retain_until_date, &retention.retain_until) < 0)
                return 0; /* it was in the request of the copy, as it was told */
        pail_str_copy(retention.mode, sizeof(retention.mode), wanted->object_lock_mode);
        return pail_s3_put_object_retention(client, bucket, key, version_id, &retention, false, ret_error);
}

int pail_s3_object_lock_ensure(struct pail_s3_client *client, const char *bucket, const char *key,
                               const struct pail_s3_object_metadata *metadata, const struct pail_s3_headers *wanted,
                               struct pail_error *ret_error)
{
        int r = 0;
        if (pail_s3_is_retained(client, wanted) && !has_same_retention(&metadata->headers, wanted))
                r = put_retention(client, bucket, key, metadata->version_id, wanted, ret_error);
        if (r >= 0 && pail_s3_is_held(wanted) && !pail_s3_is_held(&metadata->headers))
                r = pail_s3_put_object_legal_hold(client, bucket, key, metadata->version_id, true, ret_error);
        if (r < 0)
                pail_error_prefix(ret_error,
                                  "the object was copied, but its retention or legal hold could not be kept");
        return r;
}
