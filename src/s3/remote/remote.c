/* SPDX-License-Identifier: Apache-2.0 */
/* The remote of a bucket: its life, its errors, and the questions about one object. */
#include "pail/s3/remote.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "pail/s3/operations.h"
#include "pail/util/buf.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"
#include "s3/ops.h"
#include "s3/remote/private.h"

/* Without a code it is the answer to a HEAD. */
static bool is_of_policy(const struct pail_error *error)
{
        return error->http_status == 403 && (!error->code[0] || pail_str_equal(error->code, "AccessDenied"));
}

static enum pail_remote_cause cause_of_service(const struct pail_error *error)
{
        switch (-pail_s3_errno(error)) {
        case ENOENT:
                return PAIL_REMOTE_ABSENT;
        case ESTALE:
        case EEXIST:
        case ERANGE: /* the object ends before the range: it is another one than the caller thinks */
                return PAIL_REMOTE_REPLACED;
        case EACCES:
        case EPERM:
                return is_of_policy(error) ? PAIL_REMOTE_REFUSED : PAIL_REMOTE_UNAUTHENTICATED;
        case EAGAIN:
        case EBUSY:
                return PAIL_REMOTE_CONFLICT;
        case EOPNOTSUPP:
                return PAIL_REMOTE_UNSUPPORTED;
        default:
                return error->http_status == 503 || error->http_status == 429 ? PAIL_REMOTE_THROTTLED
                                                                              : PAIL_REMOTE_UNKNOWN;
        }
}

static enum pail_remote_cause cause_of(const struct pail_error *error)
{
        switch (error->class) {
        case PAIL_ERROR_SERVICE:
                return cause_of_service(error);
        case PAIL_ERROR_CREDENTIALS:
                return PAIL_REMOTE_UNAUTHENTICATED;
        case PAIL_ERROR_NONE:
        case PAIL_ERROR_CONFIG:
        case PAIL_ERROR_CANCELLED:
        case PAIL_ERROR_SYSTEM:
                return PAIL_REMOTE_LOCAL;
        default:
                return PAIL_REMOTE_UNKNOWN;
        }
}

/* As much of it as fits. */
static void describe(const struct pail_error *error, char ret_message[static PAIL_REMOTE_MESSAGE_SIZE])
{
        int length = snprintf(ret_message, PAIL_REMOTE_MESSAGE_SIZE, "%s%s%s", error->message, *error->code ? " " : "",
                              error->code);

        if (length < 0)
                ret_message[0] = 0;
}

int s3_remote_end(int result, const struct pail_error *error, struct pail_remote_error *ret_error)
{
        if (result >= 0 || !ret_error)
                return result;
        ret_error->cause = cause_of(error);
        if (error->class == PAIL_ERROR_NONE)
                pail_str_copy(ret_error->message, sizeof(ret_error->message), strerrordesc_np(-result));
        else
                describe(error, ret_error->message);
        return result;
}

int s3_remote_result(const struct pail_error *error, struct pail_remote_error *ret_error)
{
        int r = error ? pail_s3_errno(error) : 0;

        if (error && r == 0)
                r = -EIO;
        return error ? s3_remote_end(r, error, ret_error) : 0;
}

enum pail_http_priority s3_remote_priority(enum pail_remote_priority priority)
{
        switch (priority) {
        case PAIL_REMOTE_READER:
                return PAIL_HTTP_PRIORITY_READER;
        case PAIL_REMOTE_WAITED:
                return PAIL_HTTP_PRIORITY_WAITED;
        default:
                return PAIL_HTTP_PRIORITY_BACKGROUND;
        }
}

struct pail_http_body s3_remote_body(const struct pail_remote_bytes *bytes, struct iovec *vector)
{
        if (!bytes->data)
                return (struct pail_http_body){ .fd = bytes->fd,
                                                .offset = (off_t)bytes->offset,
                                                .size_bytes = bytes->size_bytes };
        *vector = (struct iovec){ .iov_base = (void *)(uintptr_t)bytes->data, .iov_len = bytes->size_bytes };
        return (struct pail_http_body){ .vector = vector, .vector_count = 1, .size_bytes = bytes->size_bytes };
}

int s3_remote_stored(struct s3_remote *remote, const struct pail_s3_headers *headers, const char *etag,
                     struct pail_remote_stored *ret_stored)
{
        struct pail_s3_headers stored = { 0 };
        char *extra = NULL;
        int r = pail_s3_headers_copy(headers, &stored);

        if (r == 0)
                r = pail_bucket_content_headers(remote->bucket, &stored);
        if (r == 0)
                r = pail_remote_extra_pack(&stored, &extra);
        pail_s3_headers_done(&stored);
        if (r < 0)
                return r;
        pail_str_copy(ret_stored->etag, sizeof(ret_stored->etag), etag);
        ret_stored->extra = extra;
        return 0;
}

static struct pail_remote *s3_remote_ref(struct pail_remote *remote)
{
        atomic_fetch_add(&s3_remote_of(remote)->references, 1);
        return remote;
}

static void s3_remote_unref(struct pail_remote *base)
{
        struct s3_remote *remote = s3_remote_of(base);

        if (!remote || atomic_fetch_sub(&remote->references, 1) > 1)
                return;
        pail_bucket_unref(remote->bucket);
        free(remote);
}

static struct pail_remote_features s3_remote_features(struct pail_remote *remote)
{
        const struct pail_bucket *bucket = s3_remote_of(remote)->bucket;
        struct pail_bucket_features known = pail_bucket_features(bucket);

        return (struct pail_remote_features){
                .lists_in_order = pail_bucket_lists_in_order(bucket),
                .copies_objects = known.copies != PAIL_S3_MISSING,
                .copies_parts = known.part_copies != PAIL_S3_MISSING,
                .part_min_bytes = PAIL_S3_PART_MIN,
        };
}

static void s3_remote_set_limit(struct pail_remote *remote, int64_t limit_ms)
{
        pail_s3_client_set_limit(s3_remote_of(remote)->client, limit_ms);
}

static int s3_remote_head(struct pail_remote *base, const char *key, struct pail_remote_object *ret_object,
                          struct pail_remote_error *ret_error)
{
        struct s3_remote *remote = s3_remote_of(base);
        _cleanup_(pail_s3_info_done) struct pail_s3_info info = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        int r = pail_s3_head_object(remote->client, pail_bucket_name(remote->bucket), key, &info, &error);

        if (r == 0)
                r = pail_remote_object_from(&info, ret_object);
        return s3_remote_end(r, &error, ret_error);
}

static int s3_remote_read(struct pail_remote *base, const char *key, size_t limit_bytes, char **ret_text,
                          struct pail_remote_error *ret_error)
{
        struct s3_remote *remote = s3_remote_of(base);
        const struct pail_s3_get_input input = { .bucket = pail_bucket_name(remote->bucket),
                                                 .key = key,
                                                 .priority = PAIL_HTTP_PRIORITY_READER };
        _cleanup_buf_ struct pail_buf text = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        int r;

        pail_buf_init(&text, limit_bytes);
        r = pail_s3_get_object(remote->client, &input, &text, NULL, &error);
        if (r == 0)
                r = pail_buf_steal(&text, ret_text, NULL);
        return s3_remote_end(r, &error, ret_error);
}

static int s3_remote_tags(struct pail_remote *base, const char *key, char **ret_tagging,
                          struct pail_remote_error *ret_error)
{
        struct s3_remote *remote = s3_remote_of(base);
        struct pail_error error = PAIL_ERROR_INIT;
        int r = pail_s3_get_object_tagging(remote->client, pail_bucket_name(remote->bucket), key, ret_tagging, &error);

        return s3_remote_end(r, &error, ret_error);
}

static const struct pail_remote_ops ops = {
        .ref = s3_remote_ref,
        .unref = s3_remote_unref,
        .features = s3_remote_features,
        .set_limit = s3_remote_set_limit,
        .list = s3_remote_list,
        .next_page = s3_remote_next_page,
        .end_list = s3_remote_end_list,
        .head = s3_remote_head,
        .read = s3_remote_read,
        .tags = s3_remote_tags,
        .fetch = s3_remote_fetch,
        .raise_call = s3_remote_raise_call,
        .cancel_call = s3_remote_cancel_call,
        .unref_call = s3_remote_unref_call,
        .put = s3_remote_put,
        .copy = s3_remote_copy,
        .remove = s3_remote_remove,
        .remove_many = s3_remote_remove_many,
        .begin_upload = s3_remote_begin_upload,
        .send_part = s3_remote_send_part,
        .complete_upload = s3_remote_complete_upload,
        .end_upload = s3_remote_end_upload,
};

int pail_s3_remote_new(struct pail_bucket *bucket, const struct pail_s3_remote_options *options,
                       struct pail_remote **ret_remote)
{
        struct s3_remote *remote = calloc(1, sizeof(*remote));

        if (!remote)
                return -ENOMEM;
        remote->base.ops = &ops;
        atomic_init(&remote->references, 1);
        remote->bucket = pail_bucket_ref(bucket);
        remote->client = pail_bucket_client(bucket);
        remote->options = *options;
        *ret_remote = &remote->base;
        return 0;
}
