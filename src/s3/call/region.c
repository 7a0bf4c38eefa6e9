/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A call follows one redirection. The region is in the answer, or is asked for by a request of its own, which one call sends for all (client.h
 * remembers who): until it is known the call waits in the engine's queue.
 */
#include "region.h"

#include <errno.h>

#include "pail/aws/arn.h"
#include "pail/util/str.h"

static bool ask_and_wait(struct pail_s3_call *call, const struct pail_error *error)
{
        switch (pail_s3_client_region_ask(call->client, call->bucket)) {
        case PAIL_S3_REGION_ASK:
                if (call->client->side->ask_region(call->client, call->bucket) < 0)
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
        if (call->has_followed_region || !call->bucket || pail_arn_is(call->bucket))
                return false;
        call->has_followed_region = true;
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
