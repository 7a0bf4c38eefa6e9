/* SPDX-License-Identifier: Apache-2.0 */
#include "object_lock.h"

#include "pail/s3/operations.h"
#include "pail/util/clock.h"
#include "pail/util/str.h"
#include "s3/resource/object.h"

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

static bool is_held(const struct pail_s3_headers *headers)
{
        return pail_str_equal(headers->object_lock_legal_hold, "ON");
}

bool pail_s3_is_locked(const struct pail_s3_client *client, const struct pail_s3_headers *headers)
{
        return is_held(headers) || pail_s3_is_retained(client, headers);
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
        if (r >= 0 && is_held(wanted) && !is_held(&metadata->headers))
                r = pail_s3_put_object_legal_hold(client, bucket, key, metadata->version_id, true, ret_error);
        if (r < 0)
                pail_error_prefix(ret_error,
                                  "the object was copied, but its retention or legal hold could not be kept");
        return r;
}

int pail_object_retention(const struct pail_object *object, struct pail_s3_retention *ret_retention,
                          struct pail_error *ret_error)
{
        return pail_s3_get_object_retention(pail_bucket_client(object->bucket), pail_bucket_name(object->bucket),
                                            object->key, object->version_id, ret_retention, ret_error);
}

int pail_object_put_retention(struct pail_object *object, const struct pail_s3_retention *retention,
                              bool bypasses_governance, struct pail_error *ret_error)
{
        pail_object_forget(object);
        return pail_s3_put_object_retention(pail_bucket_client(object->bucket), pail_bucket_name(object->bucket),
                                            object->key, object->version_id, retention, bypasses_governance, ret_error);
}

int pail_object_legal_hold(const struct pail_object *object, bool *ret_is_held, struct pail_error *ret_error)
{
        return pail_s3_get_object_legal_hold(pail_bucket_client(object->bucket), pail_bucket_name(object->bucket),
                                             object->key, object->version_id, ret_is_held, ret_error);
}

int pail_object_put_legal_hold(struct pail_object *object, bool is_held, struct pail_error *ret_error)
{
        pail_object_forget(object);
        return pail_s3_put_object_legal_hold(pail_bucket_client(object->bucket), pail_bucket_name(object->bucket),
                                             object->key, object->version_id, is_held, ret_error);
}
