/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RestoreObject: S3 answers 202 when it begins, 200 when there is a copy already, whose time it then sets anew, and 409 while it is at
 * it, which is what a retry finds whose first attempt was heard.
 */
#include "pail/s3/operations.h"
#include "pail/util/str.h"
#include "pail/util/xml.h"
#include "s3/call/call.h"
#include "s3/call/request.h"
#include "s3/call/run.h"

enum { BODY_CAP = 1024 };

static int parse_answer(struct pail_s3_call *call, const struct pail_http_response *response,
                        struct pail_error *ret_error)
{
        (void)ret_error;
        enum pail_s3_restore_state *state = call->result;
        *state = response->status == 200 ? PAIL_S3_RESTORE_DONE : PAIL_S3_RESTORE_STARTED;
        return 0;
}

static enum pail_s3_failure_class classify_failure(struct pail_s3_call *call, struct pail_error *error)
{
        enum pail_s3_restore_state *state = call->result;
        if (pail_str_equal(error->code, "RestoreAlreadyInProgress")) {
                *state = PAIL_S3_RESTORE_UNDER_WAY;
                return PAIL_S3_FAILURE_NONE;
        }
        /* A 503 that says "not today", not "again". */
        if (pail_str_equal(error->code, "GlacierExpeditedRetrievalNotAvailable"))
                return PAIL_S3_FAILURE_FINAL;
        /* Of a GET the same code means the opposite. */
        if (pail_str_equal(error->code, "InvalidObjectState"))
                pail_str_copy(error->message, sizeof(error->message), "the object is not archived");
        return PAIL_S3_FAILURE_RETRY;
}

static const struct pail_s3_operation operation = {
        .name = "RestoreObject",
        .method = "POST",
        .is_change = true,
        .parse = parse_answer,
        .classify = classify_failure,
};

/* Without days: an object of INTELLIGENT_TIERING, which stays restored. */
static int make_body(const struct pail_s3_restore_input *input, struct pail_buf *body)
{
        pail_buf_append_string(body, "<RestoreRequest xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
        if (input->days > 0)
                pail_buf_printf(body, "<Days>%u</Days>", input->days);
        if (input->tier) {
                pail_buf_append_string(body, "<GlacierJobParameters><Tier>");
                int r = pail_xml_escape(body, input->tier);
                if (r < 0)
                        return r;
                pail_buf_append_string(body, "</Tier></GlacierJobParameters>");
        }
        return pail_buf_append_string(body, "</RestoreRequest>");
}

int pail_s3_restore_object(struct pail_s3_client *client, const struct pail_s3_restore_input *input,
                           enum pail_s3_restore_state *ret_state, struct pail_error *ret_error)
{
        _cleanup_buf_ struct pail_buf body = PAIL_BUF_INIT(BODY_CAP);
        int r = make_body(input, &body);
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "cannot ask for a restore");
        _cleanup_(pail_s3_call_unref_p) struct pail_s3_call *call = NULL;
        r = pail_s3_call_new(client, &operation, input->bucket, input->key, &call, ret_error);
        if (r < 0)
                return r;
        pail_s3_call_query(call, "restore", NULL);
        pail_s3_call_query_optional(call, "versionId", input->version_id);
        pail_s3_call_body_checksum(call, body.data, body.length);
        pail_s3_call_text(call, &body, "application/xml");
        enum pail_s3_restore_state state = PAIL_S3_RESTORE_STARTED;
        call->result = &state;
        r = pail_s3_call_run(call, ret_error);
        if (r < 0)
                return r;
        *ret_state = state;
        return 0;
}
