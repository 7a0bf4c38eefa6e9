/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Delayed requests are kept in a sorted list, filled from its end: retries mostly come with growing times, and there
 * are seldom more of them than connections. Deadlines are not sorted: next_deadline_ms is a lower bound, and only when
 * it passes is every waiting request looked at and the bound found anew.
 */
#include "queue.h"

#include <utlist.h>

#include "pail/util/math.h"

#define APPEND(list, request) DL_APPEND2(list, request, link.prev, link.next)
#define DELETE(list, request) DL_DELETE2(list, request, link.prev, link.next)

void pail_http_queue_init(struct pail_http_queue *queue)
{
        *queue = (struct pail_http_queue){ .next_deadline_ms = INT64_MAX };
}

static void add_ready(struct pail_http_queue *queue, struct pail_http_request *request)
{
        request->link.state = PAIL_HTTP_REQUEST_READY;
        APPEND(queue->ready[request->priority], request);
}

static void add_delayed(struct pail_http_queue *queue, struct pail_http_request *request)
{
        request->link.state = PAIL_HTTP_REQUEST_DELAYED;
        struct pail_http_request *head = queue->delayed;
        if (!head || request->not_before_ms < head->not_before_ms) {
                DL_PREPEND2(queue->delayed, request, link.prev, link.next);
                return;
        }
        struct pail_http_request *before = head->link.prev; /* utlist: the head's prev is the tail */
        while (before->not_before_ms > request->not_before_ms)
                before = before->link.prev;
        DL_APPEND_ELEM2(queue->delayed, before, request, link.prev, link.next);
}

void pail_http_queue_add(struct pail_http_queue *queue, struct pail_http_request *request, int64_t now_ms)
{
        if (request->not_before_ms > now_ms)
                add_delayed(queue, request);
        else
                add_ready(queue, request);
        queue->count++;
        if (request->deadline_ms > 0)
                queue->next_deadline_ms = pail_min(queue->next_deadline_ms, request->deadline_ms);
}

void pail_http_queue_remove(struct pail_http_queue *queue, struct pail_http_request *request)
{
        if (request->link.state == PAIL_HTTP_REQUEST_DELAYED)
                DELETE(queue->delayed, request);
        else
                DELETE(queue->ready[request->priority], request);
        queue->count--;
}

void pail_http_queue_reprioritize(struct pail_http_queue *queue, struct pail_http_request *request,
                                  enum pail_http_priority priority)
{
        if (request->priority == priority)
                return;
        if (request->link.state == PAIL_HTTP_REQUEST_READY)
                DELETE(queue->ready[request->priority], request);
        request->priority = priority;
        if (request->link.state == PAIL_HTTP_REQUEST_READY)
                APPEND(queue->ready[priority], request);
}

struct pail_http_request *pail_http_queue_pop(struct pail_http_queue *queue, bool with_background)
{
        int lists = with_background ? PAIL_HTTP_PRIORITIES : PAIL_HTTP_PRIORITY_BACKGROUND;
        for (int i = 0; i < lists; i++) {
                struct pail_http_request *request = queue->ready[i];
                if (!request)
                        continue;
                pail_http_queue_remove(queue, request);
                return request;
        }
        return NULL;
}

struct pail_http_request *pail_http_queue_pop_any(struct pail_http_queue *queue)
{
        struct pail_http_request *request = queue->delayed;
        if (!request)
                return pail_http_queue_pop(queue, true);
        pail_http_queue_remove(queue, request);
        return request;
}

/* Finds a late request in a list, or lowers *bound to the earliest deadline seen. */
static struct pail_http_request *find_late(struct pail_http_request *list, int64_t now_ms, int64_t *bound)
{
        struct pail_http_request *request;
        DL_FOREACH2(list, request, link.next)
        {
                if (request->deadline_ms <= 0)
                        continue;
                if (request->deadline_ms <= now_ms)
                        return request;
                *bound = pail_min(*bound, request->deadline_ms);
        }
        return NULL;
}

struct pail_http_request *pail_http_queue_pop_late(struct pail_http_queue *queue, int64_t now_ms)
{
        if (queue->next_deadline_ms > now_ms)
                return NULL;
        int64_t bound = INT64_MAX;
        struct pail_http_request *late = find_late(queue->delayed, now_ms, &bound);
        for (int i = 0; i < PAIL_HTTP_PRIORITIES && !late; i++)
                late = find_late(queue->ready[i], now_ms, &bound);
        if (late)
                pail_http_queue_remove(queue, late);
        else
                queue->next_deadline_ms = bound;
        return late;
}

void pail_http_queue_mature(struct pail_http_queue *queue, int64_t now_ms)
{
        struct pail_http_request *request;
        while ((request = queue->delayed) && request->not_before_ms <= now_ms) {
                DELETE(queue->delayed, request);
                add_ready(queue, request);
        }
}

int64_t pail_http_queue_next_ms(const struct pail_http_queue *queue)
{
        int64_t next_ms = queue->next_deadline_ms;
        return queue->delayed ? pail_min(next_ms, queue->delayed->not_before_ms) : next_ms;
}
