/* SPDX-License-Identifier: Apache-2.0 */
/* A client is made with the operations that its calls need on their way. */
#include "ops.h"

static const struct pail_s3_side_requests side_requests = {
        .create_session = pail_s3_create_session,
        .ask_region = pail_s3_ask_region,
};

int pail_s3_client_new(struct pail_session *session, struct pail_http_engine *engine,
                       const struct pail_s3_client_options *options, struct pail_s3_client **ret_client,
                       struct pail_error *ret_error)
{
        return pail_s3_client_make(session, engine, options, &side_requests, ret_client, ret_error);
}
