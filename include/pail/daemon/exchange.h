/* SPDX-License-Identifier: Apache-2.0 */
/* One request straight through the HTTP engine, without a client's retries. */
#ifndef PAIL_DAEMON_EXCHANGE_H
#define PAIL_DAEMON_EXCHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "pail/aws/endpoint.h"
#include "pail/http/engine.h"

/*
 * Sends a request that is built but for done, and waits for its end: to its deadline_ms, or 15 s where that is 0. 0: an HTTP answer
 * came, in request->response; -EIO: none, see request->error.
 */
int pail_exchange_run(struct pail_http_engine *engine, struct pail_http_request *request);

/* What an unsigned HEAD of a bucket, or of the service, brings: any HTTP answer will do, and S3 tells a bucket's region and its own time to
 * anyone. */
struct pail_exchange_answer {
        int status;
        bool has_date;
        int64_t clock_offset_s; /* server's Date minus our clock */
        int64_t duration_ms;
        char region[40]; /* "": not told */
};
/* endpoint: of the bucket or of the service. 0, or *ret_error. */
int pail_exchange_head(struct pail_http_engine *engine, const struct pail_endpoint *endpoint,
                       struct pail_exchange_answer *ret_answer, struct pail_error *ret_error);

#endif
