/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DeleteObjects, in quiet mode: the answer names only the keys that failed.
 *
 * Some keys go alone, by DeleteObject: those that XML 1.0 cannot carry (control characters), those that the server
 * failed to delete for a passing reason, since a call of their own has the retries for it, and all of them on a
 * server without DeleteObjects.
 */
#include <errno.h>

#include "ops.h"
#include "pail/s3/operations.h"
#include "pail/util/str.h"
#include "pail/util/xml.h"
#include "s3/call/error_parse.h"
#include "s3/call/feature.h"
#include "s3/call/request.h"
#include "s3/call/run.h"
#include "s3/call/xml_lenient.h"

enum {
        BODY_CAP = 8 << 20,
        SINGLES_IN_FLIGHT = 16,
};

/* What one <Error> of the answer says. */
struct answer {
        struct pail_s3_delete_batch *batch;
        struct pail_s3_call *call;
        char *key, *version_id, *code, *message;
};

static void answer_reset(struct answer *answer)
{
        free(answer->key);
        free(answer->version_id);
        free(answer->code);
        free(answer->message);
        answer->key = answer->version_id = answer->code = answer->message = NULL;
}

static void note_failure(struct pail_s3_delete_batch *batch, const struct pail_error *error)
{
        if (batch->failed++ == 0)
                batch->error = *error;
}

static bool is_passing(const char *code)
{
        return pail_str_equal(code, "InternalError") || pail_str_equal(code, "SlowDown") ||
               pail_str_equal(code, "ServiceUnavailable") || pail_str_equal(code, "RequestTimeout") ||
               pail_str_equal(code, "OperationAborted");
}

static const char *version_of(const struct pail_s3_delete_batch *batch, size_t i)
{
        return batch->version_ids ? batch->version_ids[i] : NULL;
}

/* Ceph tells an empty version of keys without one. */
static bool is_about(const struct answer *answer, size_t i)
{
        const struct pail_s3_delete_batch *batch = answer->batch;
        return pail_str_equal(batch->keys[i], answer->key) &&
               (pail_str_is_empty(version_of(batch, i)) || pail_str_equal(version_of(batch, i), answer->version_id));
}

static int end_of_error(struct answer *answer)
{
        struct pail_s3_delete_batch *batch = answer->batch;
        if (!answer->code)
                return -EBADMSG;
        if (pail_str_equal(answer->code, "NoSuchKey") || pail_str_equal(answer->code, "NoSuchVersion"))
                return 0;
        if (is_passing(answer->code)) {
                for (size_t i = 0; i < batch->count; i++)
                        batch->is_single[i] = batch->is_single[i] || is_about(answer, i);
                return 0;
        }
        struct pail_error error = PAIL_ERROR_INIT;
        pail_s3_error_from_code(answer->call, answer->key, answer->code, answer->message, 0, &error);
        note_failure(batch, &error);
        return 0;
}

static int on_end(void *context, const char *path, const char *text, size_t length)
{
        (void)length;
        struct answer *answer = context;
        int r = 0;
        if (pail_str_equal(path, "DeleteResult/Error/Key"))
                return pail_str_replace(&answer->key, text);
        if (pail_str_equal(path, "DeleteResult/Error/VersionId"))
                return pail_str_replace(&answer->version_id, text);
        if (pail_str_equal(path, "DeleteResult/Error/Code"))
                return pail_str_replace(&answer->code, text);
        if (pail_str_equal(path, "DeleteResult/Error/Message"))
                return pail_str_replace(&answer->message, text);
        if (pail_str_equal(path, "DeleteResult/Error")) {
                r = end_of_error(answer);
                answer_reset(answer);
        }
        return r;
}

static int parse_answer(struct pail_s3_call *call, const struct pail_http_response *response,
                        struct pail_error *ret_error)
{
        (void)response;
        (void)ret_error;
        static const struct pail_xml_handler handler = { .on_end = on_end };
        _cleanup_(answer_reset) struct answer answer = { .batch = call->result, .call = call };
        answer.batch->failed = 0;
        return pail_s3_xml_parse(call->answer.data, call->answer.length, &handler, &answer);
}

static const struct pail_s3_operation operation = {
        .name = "DeleteObjects",
        .method = "POST",
        .root = "DeleteResult",
        .answer_cap_bytes = PAIL_S3_LIST_CAP,
        .is_change = true,
        .feature = PAIL_S3_FEATURE_BULK_DELETES,
        .parse = parse_answer,
};

/* false: the key cannot stand in XML; nothing was added. version_id NULL: none. */
static bool add_key(struct pail_buf *body, struct pail_buf *scratch, const char *key, const char *version_id)
{
        pail_buf_reset(scratch);
        pail_buf_append_string(scratch, "<Object><Key>");
        bool fits = pail_xml_escape(scratch, key) >= 0;
        pail_buf_append_string(scratch, "</Key>");
        if (version_id) {
                pail_buf_append_string(scratch, "<VersionId>");
                fits = pail_xml_escape(scratch, version_id) >= 0 && fits;
                pail_buf_append_string(scratch, "</VersionId>");
        }
        if (!fits)
                return false;
        pail_buf_printf(body, "%s</Object>", scratch->data);
        return true;
}

/* *ret_count: the keys that are in it. */
static int make_body(struct pail_s3_delete_batch *batch, struct pail_buf *body, size_t *ret_count)
{
        _cleanup_buf_ struct pail_buf scratch = PAIL_BUF_INIT(8 * PAIL_S3_KEY_MAX);
        size_t count = 0;
        pail_buf_append_string(body, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                                     "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Quiet>true</Quiet>");
        for (size_t i = 0; i < batch->count; i++) {
                batch->is_single[i] = !add_key(body, &scratch, batch->keys[i], version_of(batch, i));
                count += !batch->is_single[i];
        }
        pail_buf_append_string(body, "</Delete>");
        *ret_count = count;
        return body->error;
}

static int start_bulk(struct pail_s3_delete_batch *batch, struct pail_error *ret_error)
{
        size_t count;
        _cleanup_buf_ struct pail_buf body = PAIL_BUF_INIT(BODY_CAP);
        int r = make_body(batch, &body, &count);
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "cannot make the list of keys to delete");
        if (count == 0)
                return 0;
        struct pail_s3_call *call = NULL;
        r = pail_s3_call_new(batch->client, &operation, batch->bucket, NULL, &call, ret_error);
        if (r < 0)
                return r;
        pail_s3_call_query(call, "delete", NULL);
        pail_s3_call_body_checksum(call, body.data, body.length);
        pail_s3_call_text(call, &body, "application/xml");
        call->result = batch;
        return pail_s3_call_launch(call, NULL, NULL, &batch->call, ret_error);
}

int pail_s3_delete_batch_begin(struct pail_s3_client *client, const char *bucket, const char *const *keys,
                               const char *const *version_ids, size_t count, struct pail_s3_delete_batch *ret_batch,
                               struct pail_error *ret_error)
{
        *ret_batch = (struct pail_s3_delete_batch){ .client = client,
                                                    .bucket = bucket,
                                                    .keys = keys,
                                                    .version_ids = version_ids,
                                                    .count = count,
                                                    .error = PAIL_ERROR_INIT };
        if (count > PAIL_S3_PAGE_MAX) {
                pail_error_set_errno(ret_error, EINVAL, "more than %d keys to delete at once", PAIL_S3_PAGE_MAX);
                return -EINVAL;
        }
        ret_batch->is_single = calloc(count ? count : 1, sizeof(bool));
        if (!ret_batch->is_single) {
                pail_error_set_errno(ret_error, ENOMEM, "cannot delete %zu objects", count);
                return -ENOMEM;
        }
        if (count > 1 && pail_s3_feature_support(client, bucket, PAIL_S3_FEATURE_BULK_DELETES) != PAIL_S3_MISSING) {
                int r = start_bulk(ret_batch, ret_error);
                if (r < 0)
                        free(pail_steal(&ret_batch->is_single));
                return r;
        }
        memset(ret_batch->is_single, true, count);
        return 0;
}

static void wait_single(struct pail_s3_delete_batch *batch, struct pail_s3_call **slot)
{
        _cleanup_(pail_s3_call_unref_p) struct pail_s3_call *call = pail_steal(slot);
        struct pail_error error = PAIL_ERROR_INIT;
        if (call && pail_s3_call_wait(call, &error) < 0)
                note_failure(batch, &error);
}

static void delete_singles(struct pail_s3_delete_batch *batch)
{
        struct pail_s3_call *window[SINGLES_IN_FLIGHT] = { NULL };
        size_t started = 0;
        for (size_t i = 0; i < batch->count; i++) {
                if (!batch->is_single[i])
                        continue;
                struct pail_s3_call **slot = &window[started++ % SINGLES_IN_FLIGHT];
                wait_single(batch, slot);
                struct pail_error error = PAIL_ERROR_INIT;
                if (pail_s3_delete_object_begin(batch->client, batch->bucket, batch->keys[i], version_of(batch, i),
                                                slot, &error) < 0)
                        note_failure(batch, &error);
        }
        for (size_t i = 0; i < SINGLES_IN_FLIGHT; i++)
                wait_single(batch, &window[i]);
}

static void wait_bulk(struct pail_s3_delete_batch *batch)
{
        _cleanup_(pail_s3_call_unref_p) struct pail_s3_call *call = pail_steal(&batch->call);
        struct pail_error error = PAIL_ERROR_INIT;
        if (!call || pail_s3_call_wait(call, &error) >= 0)
                return;
        if (pail_s3_error_is_unsupported(&error)) {
                memset(batch->is_single, true, batch->count);
                return;
        }
        batch->failed = 0;
        for (size_t i = 0; i < batch->count; i++) {
                if (!batch->is_single[i])
                        note_failure(batch, &error);
        }
}

int pail_s3_delete_batch_wait(struct pail_s3_delete_batch *batch, size_t *ret_failed, struct pail_error *ret_error)
{
        wait_bulk(batch);
        delete_singles(batch);
        free(pail_steal(&batch->is_single));
        if (ret_failed)
                *ret_failed = batch->failed;
        if (batch->failed == 0)
                return 0;
        if (ret_error)
                *ret_error = batch->error;
        return pail_s3_errno(&batch->error);
}

int pail_s3_delete_objects(struct pail_s3_client *client, const char *bucket, const char *const *keys, size_t count,
                           size_t *ret_failed, struct pail_error *ret_error)
{
        struct pail_s3_delete_batch batch;
        int r = pail_s3_delete_batch_begin(client, bucket, keys, NULL, count, &batch, ret_error);
        return r < 0 ? r : pail_s3_delete_batch_wait(&batch, ret_failed, ret_error);
}
