/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Actions of the object resource that the file system has no use for: its tags, its restore from an archive, its
 * retention and legal hold, URLs of it.
 */
#include <errno.h>

#include "object.h"
#include "pail/s3/operations.h"
#include "pail/util/str.h"

static int refuse_version(const struct pail_object *object, const char *what, struct pail_error *ret_error)
{
        return object->version_id ? pail_error_set_errno(ret_error, EINVAL, "%s", what) : 0;
}

int pail_object_put_tagging(struct pail_object *object, const char *tagging, struct pail_error *ret_error)
{
        int r = refuse_version(object, "the tags of a version cannot be changed", ret_error);
        if (r < 0)
                return r;
        if (pail_str_is_empty(tagging))
                return pail_object_delete_tagging(object, ret_error);
        return pail_s3_put_object_tagging(pail_bucket_client(object->bucket), pail_bucket_name(object->bucket),
                                          object->key, tagging, ret_error);
}

int pail_object_delete_tagging(struct pail_object *object, struct pail_error *ret_error)
{
        int r = refuse_version(object, "the tags of a version cannot be changed", ret_error);
        if (r < 0)
                return r;
        return pail_s3_delete_object_tagging(pail_bucket_client(object->bucket), pail_bucket_name(object->bucket),
                                             object->key, ret_error);
}

int pail_object_restore(struct pail_object *object, unsigned days, const char *tier,
                        enum pail_s3_restore_state *ret_state, struct pail_error *ret_error)
{
        const struct pail_s3_restore_input input = {
                .bucket = pail_bucket_name(object->bucket),
                .key = object->key,
                .version_id = object->version_id,
                .days = days,
                .tier = tier,
        };
        return pail_s3_restore_object(pail_bucket_client(object->bucket), &input, ret_state, ret_error);
}

int pail_object_presign(const struct pail_object *object, bool put, int64_t expires_s,
                        struct pail_s3_presigned *ret_presigned, struct pail_error *ret_error)
{
        const struct pail_s3_presign_input input = {
                .bucket = pail_bucket_name(object->bucket),
                .key = object->key,
                .version_id = object->version_id,
                .put = put,
                .expires_s = expires_s,
        };
        int r = put ? refuse_version(object, "a version cannot be written", ret_error) : 0;
        return r < 0 ? r : pail_s3_presign(pail_bucket_client(object->bucket), &input, ret_presigned, ret_error);
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

int pail_object_rename(struct pail_object *source, struct pail_object *destination, const char *source_if_match,
                       const struct pail_s3_conditions *conditions, struct pail_error *ret_error)
{
        if (source->version_id || destination->version_id || !pail_object_shares_bucket(source, destination))
                return pail_error_set_errno(ret_error, EINVAL,
                                            "an object can be renamed within its bucket, and its versions cannot");
        const struct pail_s3_rename_input input = {
                .bucket = pail_bucket_name(destination->bucket),
                .key = destination->key,
                .source_key = source->key,
                .source_if_match = source_if_match,
                .conditions = conditions ? *conditions : (struct pail_s3_conditions){ 0 },
        };
        int r = pail_s3_rename_object(pail_bucket_client(destination->bucket), &input, ret_error);
        pail_object_forget(destination);
        if (r >= 0)
                pail_object_forget(source);
        return r;
}
