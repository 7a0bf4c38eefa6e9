/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HTTP engine: N threads, each with a curl multi handle of its own, fed by one queue with three priorities
 * (docs/threading.md). No other code touches a curl handle. Thread safe.
 *
 * Within a priority requests start in order of arrival. Priorities do not preempt, so at most three quarters of
 * max_connections are ever given to PAIL_HTTP_PRIORITY_BACKGROUND. Redirects are not followed, bodies are not decoded
 * (no Accept-Encoding is sent), cookies and .netrc are not used. Proxies come from the environment as curl reads it
 * (http_proxy, https_proxy, no_proxy, all_proxy). HTTP/1.1 only: parallel ranged GETs want parallel connections.
 *
 * No transfer hangs for ever: connect_ms; first_byte_ms after the request was sent; stall_ms without a byte either way.
 */
#ifndef PAIL_HTTP_ENGINE_H
#define PAIL_HTTP_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#include "pail/http/options.h"
#include "pail/http/request.h"

struct pail_http_engine;

struct pail_http_stats {
        uint64_t requests, failures; /* finished */
        uint64_t bytes_sent, bytes_received;
        unsigned active, queued;
};

/* Starts the threads. Fails with SYSTEM, CONFIG (CA bundle unreadable). */
int pail_http_engine_new(const struct pail_http_engine_options *options, struct pail_http_engine **ret_engine,
                         struct pail_error *ret_error);
/* Cancels what is under way (done callbacks run, class CANCELLED), joins the threads. Requests submitted from done during that are cancelled too. */
void pail_http_engine_free(struct pail_http_engine *engine);

/* Queues the request. It always ends in exactly one call of done, never from within this call. Never fails. */
void pail_http_engine_submit(struct pail_http_engine *engine, struct pail_http_request *request);
/*
 * Asks for the request to end soon with class CANCELLED; done still runs. No effect on one that has ended: the caller
 * guarantees that the request structure is alive. May be called from any thread, from callbacks too.
 */
void pail_http_engine_cancel(struct pail_http_engine *engine, struct pail_http_request *request);
/* Raises or lowers the priority of a request that is still queued. */
void pail_http_engine_reprioritize(struct pail_http_engine *engine, struct pail_http_request *request,
                                   enum pail_http_priority priority);
void pail_http_engine_stats(struct pail_http_engine *engine, struct pail_http_stats *ret_stats);
/* true on one of the engine's own threads: nothing there may wait for a request. */
bool pail_http_engine_is_own_thread(const struct pail_http_engine *engine);

#endif
