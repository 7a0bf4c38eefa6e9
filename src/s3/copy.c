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

#include "acl.h"
#include "feature.h"
#include "info.h"
#include "object.h"
#include "object_lock.h"
#include "ops.h"
#include "pail/s3/operations.h"
#include "pail/util/str.h"
#include "request.h"

static const uint64_t COPY_LIMIT = UINT64_C(5) << 30;

const char *pail_s3_copy_version(const struct pail_s3_copy_plan *plan)
{
        return plan->source_if_match ? plan->source_if_match : plan->source->etag;
}

static bool is_self(const struct pail_s3_copy_plan *plan)
{
        return pail_str_equal(plan->source_bucket, plan->bucket) && pail_str_equal(plan->source_key, plan->key);
}

static bool is_multipart(const struct pail_s3_copy_plan *plan)
{
        uint64_t threshold = plan->threshold_bytes ? plan->threshold_bytes : COPY_LIMIT;
        return plan->source->size_bytes > threshold && plan->source->size_bytes > 0;
}

static int source_changed(const char *bucket, const char *key, struct pail_error *ret_error)
{
        pail_error_set(ret_error, PAIL_ERROR_SERVICE, "s3://%s/%s changed while it was copied", bucket, key);
        if (ret_error) {
                ret_error->http_status = 412;
                pail_str_copy(ret_error->code, sizeof(ret_error->code), "PreconditionFailed");
        }
        return -ESTALE;
}

int pail_s3_copy_source_changed(const struct pail_s3_copy_plan *plan, struct pail_error *ret_error)
{
        return source_changed(plan->source_bucket, plan->source_key, ret_error);
}

int pail_s3_copy_check_stop(const struct pail_s3_copy_plan *plan, struct pail_error *ret_error)
{
        if (!plan->is_stopped || !plan->is_stopped(plan->progress_context))
                return 0;
        pail_error_set(ret_error, PAIL_ERROR_CANCELLED, "the copy was stopped");
        return -EINTR;
}

static int check(const struct pail_s3_copy_plan *plan, struct pail_error *ret_error)
{
        if (!pail_str_equal(pail_s3_copy_version(plan), plan->source->etag))
                return pail_s3_copy_source_changed(plan, ret_error);
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

static unsigned count_tags(const char *tagging)
{
        unsigned count = pail_str_is_empty(tagging) ? 0 : 1;
        for (const char *at = tagging; count && (at = strchr(at, '&')); at++)
                count++;
        return count;
}

static int ensure_tags(struct pail_s3_client *client, const char *bucket, const char *key,
                       const struct pail_s3_info *info, const char *tagging, struct pail_error *ret_error)
{
        if (info->tag_count == count_tags(tagging))
                return 0;
        return pail_s3_put_object_tagging(client, bucket, key, tagging ? tagging : "", ret_error);
}

int pail_s3_copy_ensure_tags(struct pail_s3_client *client, const char *bucket, const char *key, const char *etag,
                             const char *tagging, struct pail_error *ret_error)
{
        if (pail_str_is_empty(tagging))
                return 0;
        _cleanup_(pail_s3_info_done) struct pail_s3_info info = { 0 };
        int r = pail_s3_head_object(client, bucket, key, &info, ret_error);
        if (r < 0 || strcasecmp(info.etag, etag) != 0)
                return r;
        return ensure_tags(client, bucket, key, &info, tagging, ret_error);
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

static int prove(const struct pail_s3_copy_plan *plan, const char *etag, const char *tagging,
                 struct pail_error *ret_error)
{
        const char *source_etag = plan->source->etag;
        bool is_same = strcasecmp(etag, source_etag) == 0, is_locked = pail_s3_is_locked(plan->client, plan->headers);
        if (!is_same && pail_s3_etag_is_md5(etag) && pail_s3_etag_is_md5(source_etag) && !is_encrypted(plan) &&
            !pail_endpoint_is_directory(plan->bucket))
                return pail_s3_copy_source_changed(plan, ret_error);
        if (is_same && !tagging && !is_locked)
                return 0;
        _cleanup_(pail_s3_info_done) struct pail_s3_info info = { 0 };
        int r = pail_s3_head_object(plan->client, plan->bucket, plan->key, &info, ret_error);
        if (r < 0 || strcasecmp(info.etag, etag) != 0)
                return r; /* another ETag: someone has written it since, it is their object with their tags */
        if (info.size_bytes != plan->source->size_bytes)
                return pail_s3_copy_source_changed(plan, ret_error);
        if (is_locked)
                r = pail_s3_object_lock_ensure(plan->client, plan->bucket, plan->key, &info, plan->headers, ret_error);
        return r < 0 ? r : ensure_tags(plan->client, plan->bucket, plan->key, &info, tagging, ret_error);
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
        return r < 0 ? r : prove(plan, etag, tagging, ret_error);
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

static int run_with_acl(const struct pail_s3_copy_plan *plan, struct pail_s3_acl_reading *acl,
                        char ret_etag[static PAIL_S3_ETAG_SIZE], struct pail_error *ret_error)
{
        char etag[PAIL_S3_ETAG_SIZE];
        int r = check(plan, ret_error);
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
        return run_with_acl(plan, &acl, ret_etag, ret_error);
}

/* The headers of the destination: the source's, with what the options replace. */
static int make_headers(const struct pail_s3_info *info, const struct pail_object_copy_options *options,
                        const struct pail_s3_client *client, struct pail_s3_headers *ret_headers)
{
        struct pail_s3_headers wanted = info->headers; /* borrows everything */
        if (options->metadata)
                wanted.metadata = *options->metadata;
        char *content_type = NULL;
        int r = pail_str_dup(options->content_type, &content_type);
        if (content_type)
                wanted.content_type = content_type;
        if (r >= 0)
                r = pail_s3_headers_copy(&wanted, ret_headers);
        if (r >= 0 && options->takes_options)
                r = pail_s3_headers_for_content(client, ret_headers);
        free(content_type);
        return r;
}

int pail_s3_copy_object_changed(const struct pail_object *source, struct pail_error *ret_error)
{
        return source_changed(pail_bucket_name(source->bucket), source->key, ret_error);
}

/*
 * Retention and legal holds come and go without another ETag: what is to be kept of them is asked for at the moment of the copy, in
 * buckets that can have any.
 */
static int load_source(struct pail_object *source, struct pail_error *ret_error)
{
        struct pail_s3_client *client = pail_bucket_client(source->bucket);
        const char *bucket = pail_bucket_name(source->bucket);
        char assumed[PAIL_S3_ETAG_SIZE] = "";
        if (source->is_loaded && !(source->is_assumed && pail_s3_client_keeps_versions(client, bucket)))
                return 0;
        if (source->is_loaded)
                memcpy(assumed, source->info.etag, sizeof(assumed));
        int r = pail_object_load(source, ret_error);
        if (r < 0 || !assumed[0] || strcasecmp(assumed, source->info.etag) == 0)
                return r;
        return pail_s3_copy_object_changed(source, ret_error);
}

/* Another bucket has rules of its own, and perhaps no Object Lock. */
static bool keeps_object_lock(const struct pail_object *source, const struct pail_object *destination,
                              const struct pail_object_copy_options *options)
{
        return !options->without_object_lock && pail_object_shares_bucket(source, destination);
}

static int copy_loaded(struct pail_object *source, struct pail_object *destination,
                       const struct pail_object_copy_options *options, struct pail_s3_acl_reading *acl,
                       char ret_etag[static PAIL_S3_ETAG_SIZE], struct pail_error *ret_error)
{
        int r = load_source(source, ret_error);
        if (r < 0)
                return r;
        _cleanup_(pail_s3_headers_done) struct pail_s3_headers headers = { 0 };
        r = make_headers(&source->info, options, pail_bucket_client(destination->bucket), &headers);
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "cannot copy the headers of an object");
        bool drops_lock = !keeps_object_lock(source, destination, options) &&
                          pail_s3_is_locked(pail_bucket_client(source->bucket), &headers);
        if (drops_lock)
                pail_s3_object_lock_clear(&headers);
        const struct pail_s3_copy_plan plan = {
                .client = pail_bucket_client(destination->bucket),
                .source_bucket = pail_bucket_name(source->bucket),
                .source_key = source->key,
                .source_version_id = source->version_id,
                .bucket = pail_bucket_name(destination->bucket),
                .key = destination->key,
                .source = &source->info,
                .source_if_match = options->source_if_match,
                .headers = &headers,
                .replaces_headers = options->metadata || options->content_type || drops_lock, /* else Ceph keeps it */
                .threshold_bytes = options->threshold_bytes,
                .part_size_bytes = options->part_size_bytes,
                .progress = options->progress,
                .is_stopped = options->is_stopped,
                .progress_context = options->context,
        };
        r = run_with_acl(&plan, acl, ret_etag, ret_error);
        if (r >= 0)
                pail_object_set_put(destination, &headers, source->info.size_bytes, ret_etag);
        return r;
}

int pail_object_copy(struct pail_object *source, struct pail_object *destination,
                     const struct pail_object_copy_options *options, char ret_etag[static PAIL_S3_ETAG_SIZE],
                     struct pail_error *ret_error)
{
        static const struct pail_object_copy_options none = { 0 };
        if (destination->version_id)
                return pail_error_set_errno(ret_error, EINVAL, "a version cannot be written");
        _cleanup_(pail_s3_acl_done) struct pail_s3_acl_reading acl = { 0 };
        if (!options)
                options = &none;
        if (options->acl_is_default && !pail_bucket_client(source->bucket)->options.object.acl)
                acl = (struct pail_s3_acl_reading){ .client = pail_bucket_client(source->bucket) };
        else
                pail_s3_acl_begin(pail_bucket_client(source->bucket), pail_bucket_name(source->bucket), source->key,
                                  source->version_id, &acl);
        return copy_loaded(source, destination, options, &acl, ret_etag, ret_error);
}
