/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The requests that wait for their turn: three lists in order of arrival, and one of those that may not begin yet.
 * Plain data, not thread safe: the engine's lock guards it.
 */
#ifndef HTTP_QUEUE_H
#define HTTP_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "pail/http/request.h"

/* pail_http_request.link.state. Who makes each transition stands at the top of engine.c. */
enum pail_http_request_state {
        PAIL_HTTP_REQUEST_FREE,    /* the builder's */
        PAIL_HTTP_REQUEST_DELAYED, /* queue.delayed */
        PAIL_HTTP_REQUEST_READY,   /* queue.ready[priority] */
        PAIL_HTTP_REQUEST_POSTED,  /* in the mail of a thread */
        PAIL_HTTP_REQUEST_ACTIVE,  /* a thread works on it */
        PAIL_HTTP_REQUEST_ENDED,   /* ended before it began; its done callback is owed */
};

enum { PAIL_HTTP_PRIORITIES = PAIL_HTTP_PRIORITY_BACKGROUND + 1 };

struct pail_http_queue {
        struct pail_http_request *ready[PAIL_HTTP_PRIORITIES];
        struct pail_http_request *delayed; /* earliest not_before_ms first */
        unsigned count;
        int64_t next_deadline_ms; /* no waiting request has an earlier one */
};

void pail_http_queue_init(struct pail_http_queue *queue);
void pail_http_queue_add(struct pail_http_queue *queue, struct pail_http_request *request, int64_t now_ms);
void pail_http_queue_remove(struct pail_http_queue *queue, struct pail_http_request *request);
void pail_http_queue_reprioritize(struct pail_http_queue *queue, struct pail_http_request *request,
                                  enum pail_http_priority priority);
/* Removes and returns the next ready request, one of the background only if so asked; NULL: none. */
struct pail_http_request *pail_http_queue_pop(struct pail_http_queue *queue, bool with_background);
/* Removes and returns any request at all; NULL: empty. */
struct pail_http_request *pail_http_queue_pop_any(struct pail_http_queue *queue);
/* Removes and returns a request whose deadline has passed; NULL: none. */
struct pail_http_request *pail_http_queue_pop_late(struct pail_http_queue *queue, int64_t now_ms);
/* Makes ready what was delayed until now. */
void pail_http_queue_mature(struct pail_http_queue *queue, int64_t now_ms);
/* When the queue wants to be looked at again, though nothing was added: INT64_MAX for never. */
int64_t pail_http_queue_next_ms(const struct pail_http_queue *queue);

#endif
