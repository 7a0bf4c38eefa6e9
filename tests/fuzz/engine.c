/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Takes the place of src/http/engine.c when a program is linked. One thread, which answers requests in their order, as the contract wants
 * it: done never runs within submit. Times are not waited for.
 */
#include "pail/http/engine.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "http/answer.h"

static const char last_answer[] = "HTTP/1.1 403 Forbidden\r\nx-amz-request-id: 1\r\n\r\n"
                                  "<Error><Code>AccessDenied</Code><Message>enough</Message></Error>";

struct pail_http_engine {
        pthread_t thread;
        pthread_mutex_t mutex; /* guards the rest */
        pthread_cond_t cond;
        struct pail_http_request *first, *last;
        bool is_ending;
};

static struct {
        pthread_mutex_t mutex;
        const uint8_t *data;
        size_t size;
} answers = { .mutex = PTHREAD_MUTEX_INITIALIZER };

void fuzz_answers(const uint8_t *data, size_t size)
{
        pthread_mutex_lock(&answers.mutex);
        answers.data = data;
        answers.size = size;
        pthread_mutex_unlock(&answers.mutex);
}

static void next_answer(const uint8_t **ret_data, size_t *ret_size)
{
        pthread_mutex_lock(&answers.mutex);
        const uint8_t *end = answers.size > 0 ? memmem(answers.data, answers.size, "\n%%\n", 4) : NULL;
        size_t length = end ? (size_t)(end - answers.data) : answers.size;
        *ret_data = answers.data;
        *ret_size = length;
        if (answers.size == 0) {
                *ret_data = (const uint8_t *)last_answer;
                *ret_size = strlen(last_answer);
        } else {
                length += end ? 4 : 0;
                answers.data += length;
                answers.size -= length;
        }
        pthread_mutex_unlock(&answers.mutex);
}

static int fail(struct pail_http_request *request, enum pail_error_class class, const char *message)
{
        pail_error_set(&request->error, class, "%s", message);
        request->error.sent = true;
        return -1;
}

/* Returns the length of the head. */
static ssize_t read_head(struct pail_http_request *request, const char *text, size_t size)
{
        struct pail_http_answer answer;
        const char *reason = "no answer", *at = text;

        pail_http_answer_init(&answer, &request->response);
        while (answer.state != PAIL_HTTP_ANSWER_BODY) {
                const char *newline = memchr(at, '\n', size - (size_t)(at - text));
                if (!newline || pail_http_answer_line(&answer, at, (size_t)(newline + 1 - at), &reason) < 0)
                        return fail(request, PAIL_ERROR_PROTOCOL, reason);
                at = newline + 1;
        }
        return at - text;
}

static int deliver(struct pail_http_request *request, const void *data, size_t size)
{
        const struct pail_http_sink *sink = request->response.status / 100 == 2 ? request->sink : NULL;
        int r = 0;

        if (sink && sink->on_headers)
                r = sink->on_headers(request->sink_context, &request->response);
        request->response.body_bytes = size;
        /* In pieces, as a network has it. */
        for (size_t done = 0, piece; r >= 0 && sink && done < size; done += piece) {
                piece = size - done < 1000 ? size - done : 1000;
                r = sink->on_body(request->sink_context, (const char *)data + done, piece);
        }
        if (r < 0) {
                fail(request, PAIL_ERROR_SYSTEM, "the body was refused");
                request->error.error_number = -r;
                return r;
        }
        struct pail_buf *body = &request->response.error_body;
        return sink ? 0 : pail_buf_append(body, data, size < body->cap ? size : body->cap);
}

static void answer_request(struct pail_http_request *request)
{
        const uint8_t *data;
        size_t size;

        pail_http_request_reset(request);
        next_answer(&data, &size);
        ssize_t head = read_head(request, (const char *)data, size);
        if (head < 0)
                return;
        int64_t announced = request->response.content_length;
        size_t length = strcmp(request->method, "HEAD") == 0 ? 0 : size - (size_t)head;
        if (length > 0 && announced >= 0 && (uint64_t)announced > length)
                fail(request, PAIL_ERROR_TRANSFER, "the connection broke");
        else
                deliver(request, data + head,
                        announced >= 0 && (uint64_t)announced < length ? (size_t)announced : length);
}

static void *run(void *argument)
{
        struct pail_http_engine *engine = argument;

        pthread_mutex_lock(&engine->mutex);
        for (;;) {
                while (!engine->first && !engine->is_ending)
                        pthread_cond_wait(&engine->cond, &engine->mutex);
                struct pail_http_request *request = engine->first;
                if (!request)
                        break;
                engine->first = request->link.next;
                if (!engine->first)
                        engine->last = NULL;
                pthread_mutex_unlock(&engine->mutex);
                answer_request(request);
                request->done(request, request->done_context);
                pthread_mutex_lock(&engine->mutex);
        }
        pthread_mutex_unlock(&engine->mutex);
        return NULL;
}

int pail_http_engine_new(const struct pail_http_engine_options *options, struct pail_http_engine **ret_engine,
                         struct pail_error *ret_error)
{
        struct pail_http_engine *engine = calloc(1, sizeof(*engine));

        (void)options;
        (void)ret_error;
        fuzz_require(engine != NULL, "memory");
        pthread_mutex_init(&engine->mutex, NULL);
        pthread_cond_init(&engine->cond, NULL);
        fuzz_require(pthread_create(&engine->thread, NULL, run, engine) == 0, "a thread");
        *ret_engine = engine;
        return 0;
}

void pail_http_engine_free(struct pail_http_engine *engine)
{
        if (!engine)
                return;
        pthread_mutex_lock(&engine->mutex);
        engine->is_ending = true;
        pthread_cond_signal(&engine->cond);
        pthread_mutex_unlock(&engine->mutex);
        pthread_join(engine->thread, NULL);
        pthread_cond_destroy(&engine->cond);
        pthread_mutex_destroy(&engine->mutex);
        free(engine);
}

void pail_http_engine_submit(struct pail_http_engine *engine, struct pail_http_request *request)
{
        pthread_mutex_lock(&engine->mutex);
        request->link.next = NULL;
        if (engine->last)
                engine->last->link.next = request;
        else
                engine->first = request;
        engine->last = request;
        pthread_cond_signal(&engine->cond);
        pthread_mutex_unlock(&engine->mutex);
}

void pail_http_engine_cancel(struct pail_http_engine *engine, struct pail_http_request *request)
{
        (void)engine;
        (void)request;
}

void pail_http_engine_reprioritize(struct pail_http_engine *engine, struct pail_http_request *request,
                                   enum pail_http_priority priority)
{
        (void)engine;
        request->priority = priority;
}

void pail_http_engine_stats(struct pail_http_engine *engine, struct pail_http_stats *ret_stats)
{
        (void)engine;
        *ret_stats = (struct pail_http_stats){ 0 };
}

bool pail_http_engine_is_own_thread(const struct pail_http_engine *engine)
{
        return pthread_equal(engine->thread, pthread_self());
}
