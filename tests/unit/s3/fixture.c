/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include "pail/util/cleanup.h"

static const char *next_answer(struct fixture *f, const struct seen *head, char *body)
{
        pthread_mutex_lock(&f->mutex);
        unsigned index = f->request_count < f->answer_count ? f->request_count : f->answer_count - 1;
        assert_true(f->request_count < ANSWERS_MAX);
        struct request_seen *seen = &f->requests[f->request_count++];
        free(seen->body);
        *seen = (struct request_seen){ *head, body };
        const char *answer = f->answers[index];
        pthread_mutex_unlock(&f->mutex);
        gate_open(&f->arrived);
        return answer;
}

static bool send_answer(struct connection *connection, const char *answer, bool is_head)
{
        const char *headers = strchr(answer, '\f') + 1, *body = strchr(headers, '\f') + 1;
        char length[64] = "";
        if (!strstr(answer, "Content-Length:") && !strstr(answer, "Transfer-Encoding:"))
                snprintf(length, sizeof(length), "Content-Length: %zu\r\n", strlen(body));
        bool sent = server_sendf(connection, "HTTP/1.1 %.*s\r\n%.*s%s\r\n%s", (int)(headers - 1 - answer), answer,
                                 (int)(body - 1 - headers), headers, length, is_head ? "" : body);
        return sent && !strstr(answer, "Connection: close");
}

static bool send_endless(struct connection *connection)
{
        static char white[65536];
        memset(white, ' ', sizeof(white));
        bool going = server_sendf(connection, "HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\n\r\n");
        while (going)
                going = server_send(connection, white, sizeof(white));
        return false;
}

static bool serve_one(struct connection *connection, struct fixture *f)
{
        struct seen head;
        if (!server_read_head(connection, &head))
                return false;
        if (seen_header(&head, "Expect"))
                server_sendf(connection, "HTTP/1.1 100 Continue\r\n\r\n");
        char *body = calloc(1, head.announced + 1);
        if (!server_read_body(connection, body, head.announced)) {
                free(body);
                return false;
        }
        const char *answer = next_answer(f, &head, body);
        if (strcmp(answer, ANSWER_CLOSE) == 0)
                return false;
        if (strcmp(answer, ANSWER_ENDLESS) == 0)
                return send_endless(connection);
        if (strcmp(answer, ANSWER_SILENCE) == 0) {
                server_wait_gone(connection);
                return false;
        }
        return send_answer(connection, answer, strcmp(head.method, "HEAD") == 0);
}

static void serve(struct connection *connection, void *context)
{
        while (serve_one(connection, context))
                ;
}

static void on_trace(void *context, const char *operation, const char *path, int http_status, unsigned attempt,
                     int64_t duration_ms, const struct pail_error *error, const char *request_id)
{
        struct fixture *f = context;
        (void)duration_ms;
        pthread_mutex_lock(&f->mutex);
        if (f->trace_count < TRACES_MAX) {
                struct trace_seen *trace = &f->traces[f->trace_count++];
                *trace = (struct trace_seen){ .status = http_status, .attempt = attempt, .failed = error != NULL };
                snprintf(trace->operation, sizeof(trace->operation), "%s", operation);
                snprintf(trace->path, sizeof(trace->path), "%s", path);
                snprintf(trace->request_id, sizeof(trace->request_id), "%s", request_id);
        }
        pthread_mutex_unlock(&f->mutex);
}

void fixture_client(struct fixture *f, const struct pail_s3_client_options *options)
{
        struct pail_s3_client_options all = *options;
        if (f->client)
                pail_s3_client_drain(f->client); /* a call that was waited for still ends */
        pail_s3_client_free(f->client);
        f->client = NULL;
        all.trace = on_trace;
        all.trace_context = f;
        assert_int_equal(pail_s3_client_new(f->session, f->engine, &all, &f->client, NULL), 0);
}

int fixture_set_up(void **state)
{
        struct fixture *f = calloc(1, sizeof(*f));
        assert_non_null(f);
        pthread_mutex_init(&f->mutex, NULL);
        f->arrived = GATE_INIT;
        f->server = server_new(serve, f);
        char endpoint[64];
        snprintf(endpoint, sizeof(endpoint), "http://127.0.0.1:%u", server_port(f->server));
        static char config[] = "AWS_CONFIG_FILE=/dev/null", credentials[] = "AWS_SHARED_CREDENTIALS_FILE=/dev/null";
        char *environment[] = { config, credentials, NULL };
        const struct pail_session_options options = { .endpoint_url = endpoint,
                                                      .region = "us-east-1",
                                                      .access_key_id = "AKID",
                                                      .secret_access_key = "secret",
                                                      .environment = environment };
        struct pail_error error = PAIL_ERROR_INIT;
        if (pail_session_new(&options, &f->session, &error) < 0)
                fail_msg("%s", error.message);
        assert_int_equal(
                pail_http_engine_new(&(struct pail_http_engine_options){ .user_agent = "test" }, &f->engine, NULL), 0);
        fixture_client(f, &(struct pail_s3_client_options){ .timeout_ms = 20000 });
        *state = f;
        return 0;
}

int fixture_tear_down(void **state)
{
        struct fixture *f = *state;
        pail_s3_client_drain(f->client);
        pail_http_engine_free(f->engine);
        server_free(f->server);
        pail_s3_client_free(f->client);
        pail_session_free(f->session);
        for (unsigned i = 0; i < ANSWERS_MAX; i++)
                free(f->requests[i].body);
        pthread_mutex_destroy(&f->mutex);
        free(f);
        return 0;
}

void fixture_answers(struct fixture *f, const char *first, ...)
{
        va_list arguments;
        va_start(arguments, first);
        pthread_mutex_lock(&f->mutex);
        f->answer_count = f->request_count = f->trace_count = 0;
        for (const char *answer = first; answer; answer = va_arg(arguments, const char *))
                f->answers[f->answer_count++] = answer;
        pthread_mutex_unlock(&f->mutex);
        va_end(arguments);
}

unsigned fixture_requests(struct fixture *f)
{
        pthread_mutex_lock(&f->mutex);
        unsigned count = f->request_count;
        pthread_mutex_unlock(&f->mutex);
        return count;
}
