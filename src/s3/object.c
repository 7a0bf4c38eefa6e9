/* SPDX-License-Identifier: Apache-2.0 */
#include "pail/s3/object.h"

#include <errno.h>

#include "object.h"
#include "pail/s3/operations.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"

int pail_object_new(struct pail_bucket *bucket, const char *key, struct pail_object **ret_object)
{
        size_t size = strlen(key) + 1;
        struct pail_object *object = calloc(1, sizeof(*object) + size);
        if (!object)
                return -ENOMEM;
        memcpy(object->key, key, size);
        object->bucket = pail_bucket_ref(bucket);
        *ret_object = object;
        return 0;
}

static void forget(struct pail_object *object)
{
        pail_s3_info_done(&object->info);
        object->is_loaded = false;
}

void pail_object_free(struct pail_object *object)
{
        if (!object)
                return;
        forget(object);
        pail_bucket_unref(object->bucket);
        free(object);
}

const char *pail_object_key(const struct pail_object *object)
{
        return object->key;
}

struct pail_bucket *pail_object_bucket(const struct pail_object *object)
{
        return object->bucket;
}

const struct pail_s3_info *pail_object_info(const struct pail_object *object)
{
        return object->is_loaded ? &object->info : NULL;
}

static struct pail_s3_client *client_of(const struct pail_object *object)
{
        return pail_bucket_client(object->bucket);
}

int pail_object_load(struct pail_object *object, struct pail_error *ret_error)
{
        forget(object);
        int r = pail_s3_head_object(client_of(object), pail_bucket_name(object->bucket), object->key, &object->info,
                                    ret_error);
        object->is_loaded = r >= 0;
        return r;
}

int pail_object_assume(struct pail_object *object, const struct pail_s3_info *info)
{
        forget(object);
        int r = pail_s3_info_copy(info, &object->info);
        object->is_loaded = r >= 0;
        return r;
}

void pail_object_set_put(struct pail_object *object, const struct pail_s3_headers *headers, uint64_t size_bytes,
                         const char *etag)
{
        forget(object);
        if (headers && pail_s3_headers_copy(headers, &object->info.headers) < 0)
                return; /* not loaded is always true */
        pail_str_copy(object->info.etag, sizeof(object->info.etag), etag);
        object->info.size_bytes = size_bytes;
        object->is_loaded = true;
}

int pail_object_put(struct pail_object *object, const struct pail_s3_headers *headers,
                    const struct pail_http_body *body, const struct pail_s3_conditions *conditions,
                    char ret_etag[static PAIL_S3_ETAG_SIZE], struct pail_error *ret_error)
{
        const struct pail_s3_put_input input = {
                .bucket = pail_bucket_name(object->bucket),
                .key = object->key,
                .headers = headers,
                .body = *body,
                .conditions = conditions ? *conditions : (struct pail_s3_conditions){ 0 },
                .priority = PAIL_HTTP_PRIORITY_WAITED,
        };
        char etag[PAIL_S3_ETAG_SIZE];
        int r = pail_s3_put_object(client_of(object), &input, etag, ret_error);
        forget(object);
        if (r < 0)
                return r;
        pail_object_set_put(object, headers, body->size_bytes, etag);
        memcpy(ret_etag, etag, sizeof(etag));
        return 0;
}

int pail_object_get(struct pail_object *object, struct pail_buf *target, struct pail_error *ret_error)
{
        const struct pail_s3_get_input input = {
                .bucket = pail_bucket_name(object->bucket),
                .key = object->key,
                .priority = PAIL_HTTP_PRIORITY_READER,
        };
        return pail_s3_get_object(client_of(object), &input, target, NULL, ret_error);
}

int pail_object_delete(struct pail_object *object, struct pail_error *ret_error)
{
        forget(object);
        return pail_s3_delete_object(client_of(object), pail_bucket_name(object->bucket), object->key, ret_error);
}
