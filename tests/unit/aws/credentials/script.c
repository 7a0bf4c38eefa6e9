/* SPDX-License-Identifier: Apache-2.0 */
#include "script.h"

#include "../../support/test.h"

enum { SCRIPT_MAX = 32 };

struct script {
        struct server *server;
        char url[32];
        pthread_mutex_t mutex; /* guards the rest */
        char *statuses[SCRIPT_MAX], *bodies[SCRIPT_MAX];
        unsigned answer_count;
        struct asked *asked[SCRIPT_MAX];
        unsigned asked_count;
};

/* The number of the request. Memory that runs out in a server's thread ends the test. */
static unsigned keep(struct script *script, struct asked *asked)
{
        pthread_mutex_lock(&script->mutex);
        if (script->asked_count == SCRIPT_MAX)
                abort();
        unsigned number = script->asked_count++;
        script->asked[number] = asked;
        pthread_mutex_unlock(&script->mutex);
        return number;
}

/* One request a connection: an answer is never taken for that to a request which a client sends again on its own. */
static void answer(struct script *script, struct connection *connection, unsigned number)
{
        pthread_mutex_lock(&script->mutex);
        bool known = number < script->answer_count;
        const char *status = known ? script->statuses[number] : "404 Not Found";
        const char *body = known ? script->bodies[number] : "unexpected";
        pthread_mutex_unlock(&script->mutex);
        if (body)
                server_sendf(connection, "HTTP/1.1 %s\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n%s", status,
                             strlen(body), body);
}

static void serve(struct connection *connection, void *context)
{
        struct script *script = context;
        struct asked *asked = calloc(1, sizeof(*asked));

        if (!asked)
                abort();
        if (server_read_head(connection, &asked->seen))
                asked->body = calloc(1, asked->seen.announced + 1);
        if (asked->body && server_read_body(connection, asked->body, asked->seen.announced)) {
                answer(script, connection, keep(script, asked));
                return;
        }
        free(asked->body);
        free(asked);
}

struct script *script_new(void)
{
        struct script *script = calloc(1, sizeof(*script));

        assert_non_null(script);
        pthread_mutex_init(&script->mutex, NULL);
        script->server = server_new(serve, script);
        snprintf(script->url, sizeof(script->url), "http://127.0.0.1:%u", server_port(script->server));
        return script;
}

void script_free(struct script *script)
{
        server_free(script->server);
        for (unsigned i = 0; i < SCRIPT_MAX; i++) {
                free(script->statuses[i]);
                free(script->bodies[i]);
                if (script->asked[i])
                        free(script->asked[i]->body);
                free(script->asked[i]);
        }
        pthread_mutex_destroy(&script->mutex);
        free(script);
}

const char *script_url(const struct script *script)
{
        return script->url;
}

void script_answer(struct script *script, const char *status, const char *body)
{
        pthread_mutex_lock(&script->mutex);
        if (script->answer_count == SCRIPT_MAX)
                abort();
        script->statuses[script->answer_count] = strdup(status);
        script->bodies[script->answer_count++] = body ? strdup(body) : NULL;
        pthread_mutex_unlock(&script->mutex);
}

unsigned script_count(struct script *script)
{
        pthread_mutex_lock(&script->mutex);
        unsigned count = script->asked_count;
        pthread_mutex_unlock(&script->mutex);
        return count;
}

const struct asked *script_asked(struct script *script, unsigned number)
{
        assert_in_range(script_count(script), number + 1, SCRIPT_MAX);
        return script->asked[number];
}
