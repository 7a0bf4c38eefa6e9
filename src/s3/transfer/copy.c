/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A copy that loses nothing.
 *
 * Content headers, user metadata, storage class and encryption travel in the request. Tags: Amazon S3 copies them by
 * itself, but not in a multipart copy; Ceph loses them whenever headers are replaced, and does not take them from a
 * header either. So they are read before (a copy onto itself may destroy them), looked for after, and put where they
 * are missing. The ACL is reset by any copy, and is put back if it was not the default. An object without tags, which
 * is nearly every one, costs no request for them. Retention and legal hold are asked for in the request, looked for
 * after, and put where they are missing.
 *
 * The proof at the end: equal ETags; or where they say nothing (multipart, encryption) equal sizes. Ceph ignores the
 * condition on the source's version, so a difference of MD5s is how a change in between is seen.
 */
#include "copy.h"

#include <errno.h>

#include "copy_parts.h"
#include "pail/aws/endpoint.h"
#include "pail/s3/operations.h"
#include "pail/util/str.h"
#include "s3/call/client.h"
#include "s3/call/feature.h"
#include "s3/call/object_metadata.h"
#include "s3/call/retention.h"
#include "s3/ops/object_lock.h"
#include "s3/ops/ops.h"
#include "tags.h"

static const uint64_t COPY_LIMIT = UINT64_C(5) << 30;

static bool is_self(const struct pail_s3_copy_plan *plan)
{
        return pail_str_equal(plan->source_bucket, plan->bucket) && pail_str_equal(plan->source_key, plan->key);
}

static bool is_multipart(const struct pail_s3_copy_plan *plan)
{
        uint64_t threshold = plan->threshold_bytes ? plan->threshold_bytes : COPY_LIMIT;
        return plan->source->size_bytes > threshold && plan->source->size_bytes > 0;
}

static int check_source(const struct pail_s3_copy_plan *plan, struct pail_error *ret_error)
{
        if (!pail_str_equal(pail_s3_copy_version(plan), plan->source->etag))
                return pail_s3_set_source_changed(plan->source_bucket, plan->source_key, ret_error);
        size_t metadata_size = pail_s3_metadata_size(plan->headers);
        if (metadata_size > PAIL_S3_METADATA_MAX)
                return pail_error_set_errno(ret_error, E2BIG,
                                            "the metadata of s3://%s/%s would be %zu bytes, S3 takes %d", plan->bucket,
                                            plan->key, metadata_size, PAIL_S3_METADATA_MAX);
        if (!plan->source->archived)
                return 0;
        pail_error_set(ret_error, PAIL_ERROR_SERVICE,
                       "s3://%s/%s is archived and must be restored before it can be copied", plan->source_bucket,
                       plan->source_key);
        if (ret_error) {
                ret_error->http_status = 403;
                pail_str_copy(ret_error->code, sizeof(ret_error->code), "InvalidObjectState");
        }
        return -EACCES;
}

/* *ret_tagging: the tags that the destination is to have; NULL: none. */
static int read_tags(const struct pail_s3_copy_plan *plan, char **ret_tagging, struct pail_error *ret_error)
{
        *ret_tagging = NULL;
        if (plan->tagging)
                return *plan->tagging ? pail_str_dup(plan->tagging, ret_tagging) : 0;
        if (plan->source->tag_count == 0)
                return 0;
        return pail_s3_get_version_tagging(plan->client, plan->source_bucket, plan->source_key, plan->source_version_id,
                                           ret_tagging, ret_error);
}

static int copy_whole(const struct pail_s3_copy_plan *plan, char ret_etag[static PAIL_S3_ETAG_SIZE],
                      struct pail_error *ret_error)
{
        /* A copy onto itself must replace something, and the redirection of a web site is never copied. */
        bool replaces = plan->replaces_headers || is_self(plan) || plan->headers->website_redirect_location;
        const struct pail_s3_copy_input input = {
                .bucket = plan->bucket,
                .key = plan->key,
                .source_bucket = plan->source_bucket,
                .source_key = plan->source_key,
                .source_version_id = plan->source_version_id,
                .source_if_match = pail_s3_copy_version(plan),
                .headers = replaces ? plan->headers : NULL,
                .keep = plan->headers,
        };
        int r = pail_s3_copy_object(plan->client, &input, ret_etag, ret_error);
        if (r >= 0 && plan->progress)
                plan->progress(plan->progress_context, (int64_t)plan->source->size_bytes);
        return r;
}

static bool has_kms_key(const struct pail_s3_headers *headers)
{
        return headers->sse_kms_key_id ||
               (headers->server_side_encryption && pail_str_starts_with(headers->server_side_encryption, "aws:"));
}

/* ETags of what is encrypted with other keys than S3's own are no MD5s of the bytes. */
static bool is_encrypted(const struct pail_s3_copy_plan *plan)
{
        return plan->client->customer_keys || has_kms_key(plan->headers) || has_kms_key(&plan->source->headers);
}

static int prove_copy(const struct pail_s3_copy_plan *plan, const char *etag, const char *tagging,
                      struct pail_error *ret_error)
{
        const char *source_etag = plan->source->etag;
        bool is_same = strcasecmp(etag, source_etag) == 0,
             is_locked = pail_s3_has_object_lock(plan->client, plan->headers);
        if (!is_same && pail_s3_etag_is_md5(etag) && pail_s3_etag_is_md5(source_etag) && !is_encrypted(plan) &&
            !pail_endpoint_is_directory(plan->bucket))
                return pail_s3_set_source_changed(plan->source_bucket, plan->source_key, ret_error);
        if (is_same && !tagging && !is_locked)
                return 0;
        _cleanup_(pail_s3_object_metadata_done) struct pail_s3_object_metadata metadata = { 0 };
        int r = pail_s3_head_object(plan->client, plan->bucket, plan->key, &metadata, ret_error);
        if (r < 0 || strcasecmp(metadata.etag, etag) != 0)
                return r; /* another ETag: someone has written it since, it is their object with their tags */
        if (metadata.size_bytes != plan->source->size_bytes)
                return pail_s3_set_source_changed(plan->source_bucket, plan->source_key, ret_error);
        if (is_locked)
                r = pail_s3_object_lock_ensure(plan->client, plan->bucket, plan->key, &metadata, plan->headers,
                                               ret_error);
        return r < 0 ? r : pail_s3_ensure_tags(plan->client, plan->bucket, plan->key, &metadata, tagging, ret_error);
}

static int copy_in_way(const struct pail_s3_copy_plan *plan, bool in_parts, const char *tagging, char *etag,
                       struct pail_error *ret_error)
{
        int r = pail_s3_copy_check_stop(plan, ret_error);
        if (r < 0)
                return r;
        return in_parts ? pail_s3_copy_parts(plan, tagging, etag, ret_error) : copy_whole(plan, etag, ret_error);
}

static bool is_missing(const struct pail_s3_copy_plan *plan, bool in_parts)
{
        enum pail_s3_feature feature = in_parts ? PAIL_S3_FEATURE_PART_COPIES : PAIL_S3_FEATURE_COPIES;
        return pail_s3_feature_support(plan->client, plan->bucket, feature) == PAIL_S3_MISSING;
}

/* Where the server knows one way of copying only, that one: Ceph copies what is encrypted with a customer's key in parts alone. */
static int copy_bytes(const struct pail_s3_copy_plan *plan, const char *tagging, char *etag,
                      struct pail_error *ret_error)
{
        bool in_parts = is_multipart(plan), has_choice = plan->source->size_bytes <= COPY_LIMIT;
        if (has_choice && is_missing(plan, in_parts) && !is_missing(plan, !in_parts))
                in_parts = !in_parts;
        struct pail_error error = PAIL_ERROR_INIT, other = PAIL_ERROR_INIT;
        int r = copy_in_way(plan, in_parts, tagging, etag, &error);
        if (r < 0 && has_choice && pail_s3_error_is_unsupported(&error) && !is_missing(plan, !in_parts)) {
                r = copy_in_way(plan, !in_parts, tagging, etag, &other);
                if (r < 0 && !pail_s3_error_is_unsupported(&other))
                        error = other;
        }
        if (r < 0 && ret_error)
                *ret_error = error;
        return r;
}

static int copy_and_prove(const struct pail_s3_copy_plan *plan, char *etag, struct pail_error *ret_error)
{
        _cleanup_free_ char *tagging = NULL;
        int r = read_tags(plan, &tagging, ret_error);
        if (r < 0)
                return r;
        bool was_retained = pail_s3_is_retained(plan->client, plan->headers);
        r = copy_bytes(plan, tagging, etag, ret_error);
        if (r == -EINVAL && was_retained && !pail_s3_is_retained(plan->client, plan->headers))
                r = copy_bytes(plan, tagging, etag, ret_error); /* the date passed while the request was on its way */
        return r < 0 ? r : prove_copy(plan, etag, tagging, ret_error);
}

static int restore_acl(const struct pail_s3_copy_plan *plan, struct pail_s3_acl_reading *acl,
                       struct pail_error *ret_error)
{
        const char *document = pail_s3_acl_wait(acl);
        if (!document)
                return 0;
        int r = pail_s3_put_object_acl(plan->client, plan->bucket, plan->key, document, ret_error);
        if (r < 0)
                pail_error_prefix(ret_error, "the object was copied, but its access control list could not be kept");
        return r;
}

int pail_s3_copy_run_with_acl(const struct pail_s3_copy_plan *plan, struct pail_s3_acl_reading *acl,
                              char ret_etag[static PAIL_S3_ETAG_SIZE], struct pail_error *ret_error)
{
        char etag[PAIL_S3_ETAG_SIZE];
        int r = check_source(plan, ret_error);
        if (r < 0)
                return r;
        if (is_self(plan))
                (void)pail_s3_acl_wait(acl); /* the copy is about to reset it */
        r = copy_and_prove(plan, etag, ret_error);
        if (r >= 0)
                r = restore_acl(plan, acl, ret_error);
        if (r >= 0)
                memcpy(ret_etag, etag, sizeof(etag));
        return r;
}

int pail_s3_copy_run(const struct pail_s3_copy_plan *plan, char ret_etag[static PAIL_S3_ETAG_SIZE],
                     struct pail_error *ret_error)
{
        _cleanup_(pail_s3_acl_done) struct pail_s3_acl_reading acl = { .client = plan->client };
        if (plan->client->options.object.acl)
                pail_s3_acl_begin(plan->client, plan->source_bucket, plan->source_key, plan->source_version_id, &acl);
        return pail_s3_copy_run_with_acl(plan, &acl, ret_etag, ret_error);
}
