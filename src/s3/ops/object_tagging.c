/* SPDX-License-Identifier: Apache-2.0 */
/* GetObjectTagging and PutObjectTagging. Tags are handled in the form of the header x-amz-tagging, a query string. */
#include <errno.h>

#include "ops.h"
#include "pail/s3/operations.h"
#include "pail/util/str.h"
#include "pail/util/xml.h"
#include "s3/call/request.h"
#include "s3/call/run.h"
#include "s3/call/xml_lenient.h"

enum {
        TAGGING_CAP = 64 * 1024, /* 10 tags of 128 + 256 characters */
};

struct tags {
        struct pail_buf query;
        char *key, *value;
};

static int end_of_tag(struct tags *tags)
{
        if (pail_str_is_empty(tags->key))
                return -EBADMSG;
        if (tags->query.length > 0)
                pail_buf_append_char(&tags->query, '&');
        pail_str_percent_encode(&tags->query, tags->key, strlen(tags->key), false);
        pail_buf_append_char(&tags->query, '=');
        if (tags->value)
                pail_str_percent_encode(&tags->query, tags->value, strlen(tags->value), false);
        free(pail_steal(&tags->key));
        free(pail_steal(&tags->value));
        return tags->query.error;
}

static int on_end(void *context, const char *path, const char *text, size_t length)
{
        (void)length;
        struct tags *tags = context;
        if (pail_str_equal(path, "Tagging/TagSet/Tag/Key"))
                return pail_str_replace(&tags->key, text);
        if (pail_str_equal(path, "Tagging/TagSet/Tag/Value"))
                return pail_str_replace(&tags->value, text);
        return pail_str_equal(path, "Tagging/TagSet/Tag") ? end_of_tag(tags) : 0;
}

static int parse_tags(struct pail_s3_call *call, const struct pail_http_response *response,
                      struct pail_error *ret_error)
{
        (void)response;
        (void)ret_error;
        static const struct pail_xml_handler handler = { .on_end = on_end };
        struct tags *tags = call->result;
        pail_buf_reset(&tags->query);
        if (call->answer.length == 0)
                return 0; /* Ceph, where the tags were given to CreateMultipartUpload, which loses them */
        return pail_s3_xml_parse(call->answer.data, call->answer.length, &handler, tags);
}

static const struct pail_s3_operation get_operation = {
        .name = "GetObjectTagging",
        .method = "GET",
        .root = "Tagging",
        .can_be_empty = true,
        .parse = parse_tags,
};

int pail_s3_get_version_tagging(struct pail_s3_client *client, const char *bucket, const char *key,
                                const char *version_id, char **ret_tagging, struct pail_error *ret_error)
{
        _cleanup_(pail_s3_call_unref_p) struct pail_s3_call *call = NULL;
        int r = pail_s3_call_new(client, &get_operation, bucket, key, &call, ret_error);
        if (r < 0)
                return r;
        pail_s3_call_query(call, "tagging", NULL);
        pail_s3_call_query_optional(call, "versionId", version_id);
        struct tags tags = { 0 };
        pail_buf_init(&tags.query, TAGGING_CAP);
        call->result = &tags;
        r = pail_s3_call_run(call, ret_error);
        if (r >= 0) {
                r = pail_buf_steal(&tags.query, ret_tagging, NULL);
                if (r < 0)
                        pail_error_set_errno(ret_error, -r, "cannot keep the tags of s3://%s/%s", bucket, key);
        }
        pail_buf_done(&tags.query);
        free(tags.key);
        free(tags.value);
        return r;
}

int pail_s3_get_object_tagging(struct pail_s3_client *client, const char *bucket, const char *key, char **ret_tagging,
                               struct pail_error *ret_error)
{
        return pail_s3_get_version_tagging(client, bucket, key, NULL, ret_tagging, ret_error);
}

static const struct pail_s3_operation put_operation = {
        .name = "PutObjectTagging",
        .method = "PUT",
        .is_change = true,
};

/* One "name=value" of the query form, decoded and escaped. */
static int add_escaped(struct pail_buf *body, const char *encoded, size_t length)
{
        _cleanup_free_ char *piece = strndup(encoded, length);
        _cleanup_buf_ struct pail_buf decoded = PAIL_BUF_INIT(TAGGING_CAP);
        if (!piece)
                return -ENOMEM;
        int r = pail_str_percent_decode(&decoded, piece, true);
        return r < 0 ? r : pail_xml_escape(body, decoded.data);
}

static int add_tag(struct pail_buf *body, const char *pair, size_t length)
{
        const char *equals = memchr(pair, '=', length);
        size_t name_length = equals ? (size_t)(equals - pair) : length;
        pail_buf_append_string(body, "<Tag><Key>");
        int r = add_escaped(body, pair, name_length);
        pail_buf_append_string(body, "</Key><Value>");
        if (r >= 0 && equals)
                r = add_escaped(body, equals + 1, length - name_length - 1);
        pail_buf_append_string(body, "</Value></Tag>");
        return r;
}

static int make_body(const char *tagging, struct pail_buf *body)
{
        int r = 0;
        pail_buf_append_string(body, "<Tagging xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><TagSet>");
        for (const char *pair = tagging; r >= 0 && *pair;) {
                size_t length = strcspn(pair, "&");
                if (length > 0)
                        r = add_tag(body, pair, length);
                pair += length + (pair[length] == '&');
        }
        pail_buf_append_string(body, "</TagSet></Tagging>");
        return r < 0 ? r : body->error;
}

int pail_s3_put_object_tagging(struct pail_s3_client *client, const char *bucket, const char *key, const char *tagging,
                               struct pail_error *ret_error)
{
        _cleanup_buf_ struct pail_buf body = PAIL_BUF_INIT(TAGGING_CAP);
        int r = make_body(tagging, &body);
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "cannot make the tags of s3://%s/%s", bucket, key);
        _cleanup_(pail_s3_call_unref_p) struct pail_s3_call *call = NULL;
        r = pail_s3_call_new(client, &put_operation, bucket, key, &call, ret_error);
        if (r < 0)
                return r;
        pail_s3_call_query(call, "tagging", NULL);
        pail_s3_call_body_checksum(call, body.data, body.length);
        pail_s3_call_text(call, &body, "application/xml");
        return pail_s3_call_run(call, ret_error);
}
