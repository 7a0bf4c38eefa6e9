/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine calls back on a thread of its own; the caller's thread waits for that. No retries and no client: what is asked here is whether and
 * how a server answers at all.
 */
#include "pail/daemon/exchange.h"

#include <errno.h>

#include "pail/util/cleanup.h"
#include "pail/util/clock.h"
#include "pail/util/mutex.h"
#include "pail/util/str.h"

enum { TIMEOUT_MS = 15000 };

struct exchange {
        struct {
                struct pail_mutex mutex;
                struct pail_cond cond;
                bool has_ended;
        } guarded;
};

static void on_end(struct pail_http_request *request, void *context)
{
        struct exchange *exchange = context;
        (void)request;
        PAIL_LOCK(&exchange->guarded.mutex);
        exchange->guarded.has_ended = true;
        pail_cond_signal(&exchange->guarded.cond);
}

static void wait_for_end(struct exchange *exchange)
{
        PAIL_LOCK(&exchange->guarded.mutex);
        while (!exchange->guarded.has_ended)
                pail_cond_wait(&exchange->guarded.cond, &exchange->guarded.mutex);
}

int pail_exchange_run(struct pail_http_engine *engine, struct pail_http_request *request)
{
        struct exchange exchange = { 0 };
        pail_mutex_init(&exchange.guarded.mutex);
        pail_cond_init(&exchange.guarded.cond);
        request->priority = PAIL_HTTP_PRIORITY_WAITED;
        if (request->deadline_ms == 0)
                request->deadline_ms = pail_clock_monotonic_ms() + TIMEOUT_MS;
        request->done = on_end;
        request->done_context = &exchange;
        pail_http_engine_submit(engine, request);
        wait_for_end(&exchange);
        pail_cond_done(&exchange.guarded.cond);
        pail_mutex_done(&exchange.guarded.mutex);
        return request->error.class == PAIL_ERROR_NONE ? 0 : -EIO;
}

static void read_answer(const struct pail_http_response *response, int64_t started_ms,
                        struct pail_exchange_answer *answer)
{
        const char *date = pail_http_headers_get(&response->headers, "Date");
        const char *region = pail_http_headers_get(&response->headers, "x-amz-bucket-region");
        time_t server_time;
        *answer = (struct pail_exchange_answer){ .status = response->status };
        answer->duration_ms = pail_clock_monotonic_ms() - started_ms;
        answer->has_date = date && pail_clock_parse_http(date, &server_time) == 0;
        if (answer->has_date)
                answer->clock_offset_s = (int64_t)server_time - (int64_t)pail_clock_now().tv_sec;
        pail_str_copy(answer->region, sizeof(answer->region), region ? region : "");
}

int pail_exchange_head(struct pail_http_engine *engine, const struct pail_endpoint *endpoint,
                       struct pail_exchange_answer *ret_answer, struct pail_error *ret_error)
{
        _cleanup_(pail_http_request_done) struct pail_http_request request = { 0 };
        int64_t started_ms = pail_clock_monotonic_ms();
        pail_http_request_init(&request);
        request.body.fd = -1;
        int r = pail_str_dup("HEAD", &request.method);
        if (r == 0)
                r = pail_str_printf(&request.url, "%s%s/", endpoint->origin, endpoint->path_prefix);
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "check");
        r = pail_exchange_run(engine, &request);
        if (r == 0)
                read_answer(&request.response, started_ms, ret_answer);
        else if (ret_error)
                *ret_error = request.error;
        return r;
}
