/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates: whom we talk to, whom not, and what is said then. */
#include <sys/stat.h>

#include "../support/test.h"
#include "call.h"
#include "pail/util/cleanup.h"
#include "server_tls.h"

struct fixture {
        struct server *server;
        struct server_tls *tls;
        char folder[64];
        char bundle[96];
};

static void serve(struct connection *connection, void *context)
{
        (void)context;
        struct seen seen;
        while (server_read_request(connection, &seen))
                server_answer(connection, "200 OK", "secret");
}

static void start(struct fixture *f, const char *name, bool expired)
{
        f->tls = server_tls_new(name, expired);
        f->server = server_new_with(serve, f, server_tls_transport(f->tls));
        const char *base = getenv("TMPDIR");
        snprintf(f->folder, sizeof(f->folder), "%.40s/pail-tls-XXXXXX", base && *base ? base : ".");
        assert_non_null(mkdtemp(f->folder));
        snprintf(f->bundle, sizeof(f->bundle), "%s/ca.pem", f->folder);
        server_tls_write(f->tls, f->bundle);
}

static void stop(struct fixture *f)
{
        server_free(f->server);
        server_tls_free(f->tls);
        unlink(f->bundle);
        rmdir(f->folder);
}

static void get(struct fixture *f, const struct pail_http_engine_options *options, struct call *ret_call)
{
        struct pail_http_engine *engine = make_engine(options);
        char url[64];
        snprintf(url, sizeof(url), "https://127.0.0.1:%u/?q", server_port(f->server));
        call_init(ret_call, engine, "GET", f->server, "/");
        call_set_url(ret_call, url);
        call_run(ret_call);
        pail_http_engine_free(engine);
}

static void assert_refused(struct fixture *f, const struct pail_http_engine_options *options, const char *word,
                           enum pail_error_reason reason)
{
        struct call call;
        get(f, options, &call);
        call_assert_failed(&call, PAIL_ERROR_TLS);
        assert_false(call.request.error.sent);
        assert_non_null(strstr(call.request.error.message, word));
        assert_int_equal(call.request.error.reason, reason);
        call_done(&call);
}

static void test_unknown_issuer(void **state)
{
        (void)state;
        struct fixture f;
        start(&f, "IP:127.0.0.1", false);
        assert_refused(&f, NULL, "certificate", PAIL_REASON_UNKNOWN_SIGNER);
        stop(&f);
}

static void test_bundle(void **state)
{
        (void)state;
        struct fixture f;
        start(&f, "IP:127.0.0.1", false);
        struct call call;
        get(&f, &(struct pail_http_engine_options){ .ca_bundle = f.bundle }, &call);
        call_assert_answered(&call, 200);
        call_assert_body(&call, "secret");
        call_done(&call);
        stop(&f);
}

static void test_bundle_of_others(void **state)
{
        (void)state;
        struct fixture f, other;
        start(&f, "IP:127.0.0.1", false);
        start(&other, "IP:127.0.0.1", false);
        assert_refused(&f, &(struct pail_http_engine_options){ .ca_bundle = other.bundle }, "certificate",
                       PAIL_REASON_UNKNOWN_SIGNER);
        /* A folder without certificates trusts nobody. */
        char empty[96];
        snprintf(empty, sizeof(empty), "%s/empty", f.folder);
        assert_int_equal(mkdir(empty, 0700), 0);
        assert_refused(&f, &(struct pail_http_engine_options){ .ca_bundle = empty }, "certificate",
                       PAIL_REASON_UNKNOWN_SIGNER);
        rmdir(empty);
        stop(&other);
        stop(&f);
}

static void test_other_name(void **state)
{
        (void)state;
        struct fixture f;
        start(&f, "DNS:example.org", false);
        assert_refused(&f, &(struct pail_http_engine_options){ .ca_bundle = f.bundle }, "127.0.0.1",
                       PAIL_REASON_OTHER_NAME);
        stop(&f);
}

static void test_expired(void **state)
{
        (void)state;
        struct fixture f;
        start(&f, "IP:127.0.0.1", true);
        assert_refused(&f, &(struct pail_http_engine_options){ .ca_bundle = f.bundle }, "expired", PAIL_REASON_EXPIRED);
        stop(&f);
}

static void test_no_verify(void **state)
{
        (void)state;
        struct fixture f;
        start(&f, "DNS:example.org", true);
        struct call call;
        get(&f, &(struct pail_http_engine_options){ .no_verify_ssl = true }, &call);
        call_assert_answered(&call, 200);
        call_done(&call);
        stop(&f);
}

static void test_garbled_bundle(void **state)
{
        (void)state;
        struct fixture f;
        start(&f, "IP:127.0.0.1", false);
        {
                _cleanup_fclose_ FILE *file = fopen(f.bundle, "we");
                assert_non_null(file);
                assert_true(fputs("not a certificate\n", file) >= 0);
        }
        struct call call;
        get(&f, &(struct pail_http_engine_options){ .ca_bundle = f.bundle }, &call);
        call_assert_failed(&call, PAIL_ERROR_TLS);
        assert_int_equal(call.request.error.reason, PAIL_REASON_NO_BUNDLE);
        assert_non_null(strstr(call.request.error.message, f.bundle));
        call_done(&call);
        stop(&f);
}

/* Many requests, big bodies both ways, connections kept: the same as without TLS. */
static void test_traffic(void **state)
{
        (void)state;
        struct fixture f;
        start(&f, "IP:127.0.0.1", false);
        struct pail_http_engine *engine = make_engine(&(struct pail_http_engine_options){ .ca_bundle = f.bundle });
        enum { SIZE = 5 * 1000 * 1000 };
        struct iovec vector = { calloc(1, SIZE), SIZE };
        struct call call;
        char url[64];
        snprintf(url, sizeof(url), "https://127.0.0.1:%u/", server_port(f.server));
        call_init(&call, engine, "PUT", f.server, "/");
        call_set_url(&call, url);
        call.request.body = (struct pail_http_body){ .vector = &vector, .vector_count = 1, .size_bytes = SIZE };
        for (int i = 0; i < 5; i++) {
                call_run(&call);
                call_assert_answered(&call, 200);
        }
        assert_int_equal(server_connections(f.server), 1);
        call_done(&call);
        free(vector.iov_base);
        pail_http_engine_free(engine);
        stop(&f);
}

/* A server that speaks no TLS, and one that hangs up. */
static void serve_plain(struct connection *connection, void *context)
{
        (void)context;
        server_sendf(connection, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
        server_wait_gone(connection);
}

static void serve_hang_up(struct connection *connection, void *context)
{
        (void)context;
        server_read_body(connection, NULL, 10);
        server_reset(connection);
}

static void test_no_tls(void **state)
{
        (void)state;
        struct fixture f = { .server = server_new(serve_plain, NULL) };
        assert_refused(&f, NULL, "127.0.0.1", PAIL_REASON_UNKNOWN);
        server_free(f.server);
}

static void serve_silence(struct connection *connection, void *context)
{
        (void)context;
        server_wait_gone(connection);
}

static void test_silence(void **state)
{
        (void)state;
        struct fixture f = { .server = server_new(serve_silence, NULL) };
        struct call call;
        get(&f, &(struct pail_http_engine_options){ .connect_ms = 1000 }, &call);
        call_assert_failed(&call, PAIL_ERROR_TIMEOUT);
        assert_false(call.request.error.sent);
        assert_non_null(strstr(call.request.error.message, "no connection"));
        call_done(&call);
        server_free(f.server);
}

static void test_hang_up(void **state)
{
        (void)state;
        struct fixture f = { .server = server_new(serve_hang_up, NULL) };
        struct call call;
        get(&f, NULL, &call);
        call_assert_failed(&call, PAIL_ERROR_CONNECT);
        assert_false(call.request.error.sent);
        call_done(&call);
        server_free(f.server);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_unknown_issuer),   cmocka_unit_test(test_bundle),
                cmocka_unit_test(test_bundle_of_others), cmocka_unit_test(test_other_name),
                cmocka_unit_test(test_expired),          cmocka_unit_test(test_no_verify),
                cmocka_unit_test(test_garbled_bundle),   cmocka_unit_test(test_traffic),
                cmocka_unit_test(test_no_tls),           cmocka_unit_test(test_hang_up),
                cmocka_unit_test(test_silence),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
