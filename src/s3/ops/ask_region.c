/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The question where a bucket is, for a call that was sent to another region and whose answer does not say which is right (call/region.c).
 * HeadBucket tells it in a header, whatever it answers otherwise.
 */
#include <errno.h>

#include "ops.h"
#include "pail/aws/endpoint.h"
#include "pail/util/str.h"
#include "s3/call/run.h"

enum { ASK_TIMEOUT_MS = 10000 };

/* The question to HeadBucket; state of its call. */
struct question {
        struct pail_s3_client *client;
        char *bucket;
        char answer[sizeof(((struct pail_error *)NULL)->region)];
};

static void question_free(void *state)
{
        struct question *question = state;
        free(question->bucket);
        free(question);
}

static int parse_answer(struct pail_s3_call *call, const struct pail_http_response *response,
                        struct pail_error *ret_error)
{
        (void)ret_error;
        struct question *question = call->state;
        const char *region = pail_http_headers_get(&response->headers, "x-amz-bucket-region");
        pail_str_copy(question->answer, sizeof(question->answer), region ? region : "");
        return 0;
}

/* Whatever the answer is, its header is all that matters. */
static enum pail_s3_failure_class classify_failure(struct pail_s3_call *call, struct pail_error *error)
{
        (void)call;
        return error->class == PAIL_ERROR_SERVICE && error->http_status < 500 ? PAIL_S3_FAILURE_FINAL
                                                                              : PAIL_S3_FAILURE_RETRY;
}

static const struct pail_s3_operation operation = {
        .name = "HeadBucket",
        .method = "HEAD",
        .has_plain_credentials = true,
        .timeout_ms = ASK_TIMEOUT_MS,
        .parse = parse_answer,
        .classify = classify_failure,
};

static void on_answer(void *context, const struct pail_error *error)
{
        struct question *question = context;
        const char *region = error ? error->region : question->answer;
        bool is_region = pail_endpoint_takes_region(pail_session_endpoint_settings(question->client->session), region);
        bool is_final = !error || (error->http_status > 0 && error->http_status < 500);
        pail_s3_client_region_answered(question->client, question->bucket, is_region ? region : NULL, is_final);
}

int pail_s3_ask_region(struct pail_s3_client *client, const char *bucket)
{
        struct pail_s3_call *call = NULL;
        struct question *question = calloc(1, sizeof(*question));
        if (!question)
                return -ENOMEM;
        question->client = client;
        int r = pail_str_dup(bucket, &question->bucket);
        if (r == 0)
                r = pail_s3_call_new(client, &operation, bucket, NULL, &call, NULL);
        if (!call) {
                question_free(question);
                return r;
        }
        call->state = question;
        call->free_state = question_free;
        r = pail_s3_call_launch(call, on_answer, question, &call, NULL);
        if (r == 0)
                pail_s3_call_unref(call); /* it lives until its end */
        return r;
}
