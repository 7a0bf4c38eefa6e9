/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A source has two parts, a bucket and what is below it. split_bucket_and_rest() finds the border in each of the spellings; then the bucket is
 * checked and written in one spelling, and so is a prefix, but never a key: S3 knows no empty components, no "." and no "..".
 */
#include "source.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "pail/aws/arn.h"
#include "pail/util/buf.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"

enum { KEY_MAX = 1024 };

static int refuse_source(struct pail_error *ret_error, const char *text, const char *reason)
{
        pail_error_set(ret_error, PAIL_ERROR_CONFIG, "source '%.200s%s' %s", text, strlen(text) > 200 ? "..." : "",
                       reason);
        return -EINVAL;
}

/* "ARN", "ARN:/prefix" and "ARN/prefix" are the same three with and without "s3://" before them. */
static int split_arn(const char *text, const char *arn, size_t *ret_length, const char **ret_prefix,
                     struct pail_error *ret_error)
{
        size_t length = pail_arn_length(arn);
        const char *rest = arn + length;
        if (*rest == ':')
                rest++;
        if (*rest && *rest != '/')
                return refuse_source(ret_error, text, "is no ARN of an access point: write ARN, or ARN:/PREFIX");
        *ret_length = length;
        *ret_prefix = rest;
        return 0;
}

/* Finds where the bucket's name ends and the prefix begins. */
static int split_bucket_and_rest(const char *text, const char **ret_bucket, size_t *ret_length, const char **ret_prefix,
                                 struct pail_error *ret_error)
{
        const char *bucket = pail_str_starts_with(text, "s3://") ? text + strlen("s3://") : text, *end;
        if (pail_arn_is(bucket)) {
                *ret_bucket = bucket;
                return split_arn(text, bucket, ret_length, ret_prefix, ret_error);
        }
        if (bucket != text) {
                end = bucket + strcspn(bucket, "/");
        } else if ((end = strstr(text, ":/"))) {
                if (end[2] == '/')
                        return refuse_source(ret_error, text,
                                             "is no bucket: write s3://BUCKET/PREFIX, or BUCKET:/PREFIX");
        } else {
                end = text + strlen(text);
                if (end > text && end[-1] == ':')
                        end--;
                if (memchr(text, '/', (size_t)(end - text)))
                        return refuse_source(ret_error, text,
                                             "holds a '/': write s3://BUCKET/PREFIX, or BUCKET:/PREFIX");
        }
        if (end == bucket)
                return refuse_source(ret_error, text, "names no bucket");
        *ret_bucket = bucket;
        *ret_length = (size_t)(end - bucket);
        *ret_prefix = *end == ':' ? end + 1 : end;
        return 0;
}

static bool is_expressible(const char *component, size_t length)
{
        return length > 0 && !(length == 1 && component[0] == '.') &&
               !(length == 2 && component[0] == '.' && component[1] == '.');
}

static int normalize_prefix(const char *text, const char *prefix, char **ret_prefix, struct pail_error *ret_error)
{
        _cleanup_buf_ struct pail_buf normal = PAIL_BUF_INIT(KEY_MAX);
        if (*prefix == '/')
                prefix++;
        while (*prefix) {
                size_t length = strcspn(prefix, "/");
                if (!is_expressible(prefix, length))
                        return refuse_source(ret_error, text, "has a prefix with an empty component, '.' or '..'");
                pail_buf_append(&normal, prefix, length);
                pail_buf_append_char(&normal, '/');
                prefix += length;
                if (*prefix == '/')
                        prefix++;
        }
        if (normal.error == -EMSGSIZE)
                return refuse_source(ret_error, text, "has a prefix of more than 1024 bytes");
        int r = normal.error;
        if (r == 0)
                r = pail_str_dup(normal.data, ret_prefix);
        return r < 0 ? pail_error_set_errno(ret_error, -r, "source") : 0;
}

static int name_all_buckets(const char *text, struct pail_source_name *ret_source, struct pail_error *ret_error)
{
        _cleanup_(pail_source_name_done) struct pail_source_name source = { 0 };
        source.text = strdup(text);
        source.bucket = strdup("");
        source.prefix = strdup("");
        if (!source.text || !source.bucket || !source.prefix)
                return pail_error_set_errno(ret_error, ENOMEM, "source");
        *ret_source = source;
        source = (struct pail_source_name){ 0 };
        return 0;
}

/* "accesspoint/NAME" or "outpost/ID/accesspoint/NAME": what pail_arn_length() finds the end of. */
static bool names_access_point(const struct pail_arn *arn)
{
        for (size_t i = 0; i < arn->resource_count && i < PAIL_ARN_RESOURCES; i++)
                if (!*arn->resource[i])
                        return false;
        if (pail_str_equal(arn->resource[0], "outpost"))
                return arn->resource_count == 4 && pail_str_equal(arn->resource[2], "accesspoint");
        return arn->resource_count == 2 && pail_str_equal(arn->resource[0], "accesspoint");
}

/* In one spelling, with '/' in the resource, so that the state directory does not depend on how it was written. */
static int normalize_arn(const char *text, const char *name, char **ret_bucket, struct pail_error *ret_error)
{
        _cleanup_buf_ struct pail_buf normal = PAIL_BUF_INIT(PAIL_ARN_MAX);
        struct pail_arn arn;
        if (pail_arn_parse(name, &arn) < 0 || !names_access_point(&arn))
                return refuse_source(ret_error, text,
                                     "is no ARN of an access point; a bucket is named by its name alone");
        pail_buf_printf(&normal, "arn:%s:%s:%s:%s:", arn.partition, arn.service, arn.region, arn.account);
        for (size_t i = 0; i < arn.resource_count; i++)
                pail_buf_printf(&normal, "%s%s", i > 0 ? "/" : "", arn.resource[i]);
        int r = pail_buf_steal(&normal, ret_bucket, NULL);
        return r < 0 ? pail_error_set_errno(ret_error, -r, "source") : 0;
}

static int name_bucket(const char *text, const char *bucket, size_t length, char **ret_bucket,
                       struct pail_error *ret_error)
{
        _cleanup_free_ char *name = strndup(bucket, length);
        if (!name)
                return pail_error_set_errno(ret_error, ENOMEM, "source");
        if (pail_arn_is(name))
                return normalize_arn(text, name, ret_bucket, ret_error);
        if (!pail_source_name_is_bucket(name))
                return refuse_source(ret_error, text,
                                     "names no possible bucket: 3 to 255 letters, digits, '.', '-' and '_'");
        *ret_bucket = pail_steal(&name);
        return 0;
}

int pail_source_parse(const char *text, struct pail_source_name *ret_source, struct pail_error *ret_error)
{
        const char *bucket = NULL, *prefix = NULL;
        size_t length = 0;
        if (pail_str_equal(text, "s3://"))
                return name_all_buckets(text, ret_source, ret_error);
        int r = split_bucket_and_rest(text, &bucket, &length, &prefix, ret_error);
        if (r < 0)
                return r;
        _cleanup_(pail_source_name_done) struct pail_source_name source = { 0 };
        r = name_bucket(text, bucket, length, &source.bucket, ret_error);
        if (r == 0)
                r = normalize_prefix(text, prefix, &source.prefix, ret_error);
        if (r < 0)
                return r;
        r = pail_str_dup(text, &source.text);
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "source");
        *ret_source = source;
        source = (struct pail_source_name){ 0 };
        return 0;
}

void pail_source_object_done(struct pail_source_object *object)
{
        free(object->text);
        free(object->bucket);
        free(object->key);
        *object = (struct pail_source_object){ 0 };
}

bool pail_source_is_uri(const char *text)
{
        return pail_str_starts_with(text, "s3://") || pail_arn_is(text);
}

/* The key as it is: S3 knows no empty components, no "." and no "..", only names that look so. */
static int copy_key(const char *text, const char *rest, char **ret_key, struct pail_error *ret_error)
{
        const char *key = *rest == '/' ? rest + 1 : rest;
        if (strlen(key) > KEY_MAX)
                return refuse_source(ret_error, text, "has a key of more than 1024 bytes");
        int r = pail_str_dup(key, ret_key);
        return r < 0 ? pail_error_set_errno(ret_error, -r, "source") : 0;
}

int pail_source_parse_object(const char *text, struct pail_source_object *ret_object, struct pail_error *ret_error)
{
        _cleanup_(pail_source_object_done) struct pail_source_object object = { 0 };
        const char *bucket = NULL, *rest = NULL;
        size_t length = 0;
        if (!pail_source_is_uri(text))
                return refuse_source(ret_error, text, "is no URI of an object: write s3://BUCKET/KEY");
        int r = split_bucket_and_rest(text, &bucket, &length, &rest, ret_error);
        if (r == 0)
                r = name_bucket(text, bucket, length, &object.bucket, ret_error);
        if (r == 0)
                r = copy_key(text, rest, &object.key, ret_error);
        if (r < 0)
                return r;
        object.text = strdup(text);
        if (!object.text)
                return pail_error_set_errno(ret_error, ENOMEM, "source");
        *ret_object = object;
        object = (struct pail_source_object){ 0 };
        return 0;
}
