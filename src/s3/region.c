/* SPDX-License-Identifier: Apache-2.0 */
#include "region.h"

#include <errno.h>

#include "errors.h"
#include "pail/aws/arn.h"
#include "pail/util/str.h"

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

static int take(struct pail_s3_call *call, const struct pail_http_response *response, struct pail_error *ret_error)
{
        (void)ret_error;
        struct question *question = call->state;
        const char *region = pail_http_headers_get(&response->headers, "x-amz-bucket-region");
        pail_str_copy(question->answer, sizeof(question->answer), region ? region : "");
        return 0;
}

/* Whatever the answer is, its header is all that matters. */
static enum pail_s3_judgement judge(struct pail_s3_call *call, struct pail_error *error)
{
        (void)call;
        return error->class == PAIL_ERROR_SERVICE && error->http_status < 500 ? PAIL_S3_JUDGE_FAILED
                                                                              : PAIL_S3_JUDGE_RETRY;
}

static const struct pail_s3_operation operation = {
        .name = "HeadBucket",
        .method = "HEAD",
        .plain_credentials = true,
        .timeout_ms = ASK_TIMEOUT_MS,
        .take = take,
        .judge = judge,
};

static void on_answer(void *context, const struct pail_error *error)
{
        struct question *question = context;
        const char *region = error ? error->region : question->answer;
        bool is_region = pail_endpoint_takes_region(pail_session_endpoint_settings(question->client->session), region);
        bool is_settled = !error || (error->http_status > 0 && error->http_status < 500);
        pail_s3_client_region_answered(question->client, question->bucket, is_region ? region : NULL, is_settled);
}

static int ask(struct pail_s3_client *client, const char *bucket)
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

static bool ask_and_wait(struct pail_s3_call *call, const struct pail_error *error)
{
        switch (pail_s3_client_region_ask(call->client, call->bucket)) {
        case PAIL_S3_REGION_ASK:
                if (ask(call->client, call->bucket) < 0)
                        pail_s3_client_region_answered(call->client, call->bucket, NULL, false);
                break;
        case PAIL_S3_REGION_ASKED:
                break;
        case PAIL_S3_REGION_ANSWERED:
                return false;
        }
        call->error = *error;
        call->awaits_region = true;
        return true;
}

bool pail_s3_region_follow(struct pail_s3_call *call, const struct pail_error *error)
{
        if (call->region_followed || !call->bucket || pail_arn_is(call->bucket))
                return false;
        call->region_followed = true;
        if (error->region[0] == '\0')
                return ask_and_wait(call, error);
        return !pail_str_equal(error->region, call->endpoint.signing_region) &&
               pail_endpoint_takes_region(pail_session_endpoint_settings(call->client->session), error->region) &&
               pail_s3_client_learn_region(call->client, call->bucket, error->region) >= 0;
}

int pail_s3_region_await(struct pail_s3_call *call, struct pail_error *ret_error)
{
        _cleanup_free_ char *region = NULL;
        if (!call->awaits_region)
                return 0;
        *ret_error = call->error;
        if (pail_s3_client_region_is_asked(call->client, call->bucket))
                return 1;
        call->awaits_region = false;
        if (pail_s3_client_region(call->client, call->bucket, &region) < 0 || !region ||
            pail_str_equal(region, call->endpoint.signing_region))
                return pail_s3_errno(&call->error);
        return 0;
}
