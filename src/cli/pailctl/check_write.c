/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The steps of --write, on one scratch object, which is copied onto itself, and a second key that never comes into being. The object is made
 * by "put" and removed by "delete"; a step in between that fails leaves that to it.
 */
#include "check_write.h"

#include <errno.h>

#include "check_checksum.h"
#include "check_gather.h"
#include "pail/s3/object.h"
#include "pail/s3/transfer.h"
#include "pail/util/buf.h"
#include "pail/util/cleanup.h"
#include "pail/util/random.h"
#include "pail/util/str.h"

static const char scratch_text[] = "Written by \"pailctl check --write\"; it may be deleted.\n";
enum { SCRATCH_SIZE = sizeof(scratch_text) - 1 };

static int make_key(struct pail_check *check)
{
        unsigned long long number;
        pail_random_fill(&number, sizeof(number));
        return pail_str_printf(&check->scratch_key, "%s.pail/check-%016llx", check->prefix, number);
}

static int put_scratch(struct pail_check *check, const struct pail_s3_conditions *conditions,
                       struct pail_error *ret_error)
{
        const struct iovec vector = { .iov_base = (void *)(uintptr_t)scratch_text, .iov_len = SCRATCH_SIZE };
        const struct pail_s3_put_input input = {
                .bucket = check->bucket,
                .key = check->scratch_key,
                .body = { .vector = &vector, .vector_count = 1, .fd = -1, .size_bytes = SCRATCH_SIZE },
                .conditions = *conditions,
                .priority = PAIL_HTTP_PRIORITY_WAITED,
        };
        char etag[PAIL_S3_ETAG_SIZE];
        return pail_s3_put_object(check->client, &input, etag, ret_error);
}

void pail_check_put(struct pail_check *check, const char *name)
{
        struct pail_error error = PAIL_ERROR_INIT;
        int r = make_key(check);
        if (r < 0)
                pail_error_set_errno(&error, -r, "the name of a scratch object");
        else
                r = put_scratch(check, &(struct pail_s3_conditions){ 0 }, &error);
        check->scratch_exists = check->scratch_written = r >= 0;
        if (r < 0)
                pail_check_report_error(check, PAIL_CTL_FAILED, name, &error, "s3:PutObject");
        else
                pail_ctl_report_add(check->report, PAIL_CTL_OK, name, NULL, "objects can be written (%s)",
                                    check->scratch_key);
}

/* Writes over the scratch object under a condition that is false. 1: refused, as it should be; 0: written all the same. */
static int is_heeded(struct pail_check *check, const struct pail_s3_conditions *conditions,
                     struct pail_error *ret_error)
{
        int r = put_scratch(check, conditions, ret_error);
        if (r >= 0 || pail_s3_error_is_unsupported(ret_error))
                return 0;
        return ret_error->http_status == 412 || ret_error->http_status == 404 ? 1 : r;
}

void pail_check_conditional_put(struct pail_check *check, const char *name)
{
        const struct pail_s3_conditions if_absent = { .if_none_match = true };
        const struct pail_s3_conditions if_same = { .if_match = "00000000000000000000000000000000" };
        struct pail_error error = PAIL_ERROR_INIT;
        int absent = is_heeded(check, &if_absent, &error),
            same = absent < 0 ? absent : is_heeded(check, &if_same, &error);
        if (same < 0)
                pail_check_report_error(check, PAIL_CTL_WARNING, name, &error, "s3:PutObject");
        else if (absent && same)
                pail_ctl_report_add(check->report, PAIL_CTL_OK, name, NULL, "If-None-Match and If-Match are heeded");
        else
                pail_ctl_report_add(check->report, PAIL_CTL_WARNING, name,
                                    "pail looks just before it writes; let no two machines write one file at once",
                                    "the server does not heed %s%s%s", absent ? "" : "If-None-Match",
                                    absent || same ? "" : " and ", same ? "" : "If-Match");
}

void pail_check_checksums(struct pail_check *check, const char *name)
{
        struct pail_error error = PAIL_ERROR_INIT;
        int verified = pail_check_checksum_is_verified(check, check->scratch_key, &error);
        if (verified < 0)
                pail_check_report_error(check, PAIL_CTL_WARNING, name, &error, "s3:PutObject");
        else if (verified)
                pail_ctl_report_add(check->report, PAIL_CTL_OK, name, NULL, "x-amz-checksum-crc32c is verified");
        else
                pail_ctl_report_add(check->report, PAIL_CTL_WARNING, name,
                                    "use https, which finds damage on the way, too",
                                    "the server does not verify x-amz-checksum-crc32c");
}

/*
 * The scratch object onto itself, as chmod does it; threshold_bytes 1: in parts, as a large object is renamed. A server that knows one way
 * only is copied with in that: what it lacks is in *ret_features.
 */
static int copy_scratch(struct pail_check *check, uint64_t threshold_bytes, struct pail_bucket_features *ret_features,
                        struct pail_error *ret_error)
{
        const struct pail_object_copy_options options = { .threshold_bytes = threshold_bytes, .acl_is_default = true };
        struct pail_bucket *bucket = NULL;
        struct pail_object *object = NULL;
        char etag[PAIL_S3_ETAG_SIZE];
        int r = pail_bucket_new(check->client, check->bucket, &bucket);
        if (r == 0)
                r = pail_object_new(bucket, check->scratch_key, &object);
        if (r < 0)
                pail_error_set_errno(ret_error, -r, "check");
        else
                r = pail_object_copy(object, object, &options, etag, ret_error);
        *ret_features = bucket ? pail_bucket_features(bucket) : (struct pail_bucket_features){ 0 };
        pail_object_free(object);
        pail_bucket_unref(bucket);
        return r;
}

void pail_check_copy(struct pail_check *check, const char *name)
{
        struct pail_bucket_features features;
        struct pail_error error = PAIL_ERROR_INIT;
        int r = copy_scratch(check, 0, &features, &error);
        if (r < 0 && pail_s3_error_is_unsupported(&error))
                pail_ctl_report_add(check->report, PAIL_CTL_WARNING, name,
                                    "write a file anew where mv, chmod or chown of it fails",
                                    "the server does not copy objects");
        else if (r < 0)
                pail_check_report_error(check, PAIL_CTL_FAILED, name, &error, "s3:GetObject and s3:PutObject");
        else if (features.copies == PAIL_S3_MISSING)
                pail_ctl_report_add(check->report, PAIL_CTL_WARNING, name,
                                    "nothing: pail copies them in parts, which takes longer",
                                    "the server does not copy objects in one request");
        else
                pail_ctl_report_add(check->report, PAIL_CTL_OK, name, NULL, "objects can be copied on the server");
}

/* What an upload that fails needs, under a key that never comes into being. */
static int begin_and_abort(struct pail_check *check, struct pail_error *ret_error)
{
        _cleanup_free_ char *key = NULL;
        _cleanup_free_ char *upload_id = NULL;
        int r = pail_str_printf(&key, "%s-copy", check->scratch_key);
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "check");
        r = pail_s3_create_multipart_upload(check->client, check->bucket, key, NULL, NULL, &upload_id, ret_error);
        if (r >= 0)
                r = pail_s3_abort_multipart_upload(check->client, check->bucket, key, upload_id, ret_error);
        if (r < 0 && upload_id)
                pail_error_prefix(ret_error, "the upload was not aborted");
        return r;
}

void pail_check_copy_part(struct pail_check *check, const char *name)
{
        struct pail_bucket_features features;
        struct pail_error error = PAIL_ERROR_INIT;
        int r = begin_and_abort(check, &error);
        if (r < 0) {
                pail_check_report_error(check, PAIL_CTL_FAILED, name, &error, "s3:AbortMultipartUpload");
                return;
        }
        r = copy_scratch(check, 1, &features, &error);
        if (features.part_copies == PAIL_S3_MISSING)
                pail_ctl_report_add(check->report, PAIL_CTL_WARNING, name,
                                    "nothing: pail sends large files whole when they change, which takes longer",
                                    "the server does not copy parts");
        else if (r < 0)
                pail_check_report_error(check, PAIL_CTL_FAILED, name, &error, "s3:GetObject and s3:PutObject");
        else
                pail_ctl_report_add(check->report, PAIL_CTL_OK, name, NULL, "parts can be copied on the server");
}

void pail_check_delete(struct pail_check *check, const char *name)
{
        struct pail_error error = PAIL_ERROR_INIT;
        struct pail_diagnosis diagnosis;
        if (pail_s3_delete_object(check->client, check->bucket, check->scratch_key, &error) >= 0) {
                check->scratch_exists = false;
                pail_ctl_report_add(check->report, PAIL_CTL_OK, name, NULL, "objects can be deleted");
                return;
        }
        pail_check_diagnose(check, &error, "s3:DeleteObject", &diagnosis);
        pail_ctl_report_add(check->report, PAIL_CTL_FAILED, name, diagnosis.remedy, "%s; %s is left behind",
                            diagnosis.detail, check->scratch_key);
}

/* Of one key alone pail makes no such request; a second one that does not exist is deleted with success. */
static int delete_two(struct pail_check *check, struct pail_bucket_features *ret_features, struct pail_error *ret_error)
{
        _cleanup_free_ char *second_key = NULL;
        struct pail_bucket *bucket = NULL;
        int r = pail_str_printf(&second_key, "%s-second", check->scratch_key);
        if (r >= 0)
                r = pail_bucket_new(check->client, check->bucket, &bucket);
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "check");
        const char *const keys[] = { check->scratch_key, second_key };
        r = pail_bucket_delete_objects(bucket, keys, sizeof(keys) / sizeof(keys[0]), ret_error);
        *ret_features = pail_bucket_features(bucket);
        pail_bucket_unref(bucket);
        return r;
}

void pail_check_bulk_delete(struct pail_check *check, const char *name)
{
        struct pail_bucket_features features = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        int r = delete_two(check, &features, &error);
        if (r < 0 && pail_str_equal(error.code, "AccessDenied")) /* one by one it was allowed */
                pail_ctl_report_add(check->report, PAIL_CTL_WARNING, name,
                                    "have its policy allow s3:DeleteObject on the bucket itself, too: some servers ask "
                                    "for that, and mv of a directory needs it",
                                    "access denied: objects may be deleted, but not several in one request");
        else if (r < 0)
                pail_check_report_error(check, PAIL_CTL_FAILED, name, &error, "s3:DeleteObject");
        else if (features.bulk_deletes == PAIL_S3_MISSING)
                pail_ctl_report_add(check->report, PAIL_CTL_WARNING, name,
                                    "nothing: pail deletes one by one, which takes longer",
                                    "the server does not delete several objects in one request");
        else
                pail_ctl_report_add(check->report, PAIL_CTL_OK, name, NULL,
                                    "several objects can be deleted in one request");
}
