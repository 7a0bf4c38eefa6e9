/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/credentials/providers/container.h"

#include "../../../http/blackhole.h"
#include "../script.h"
#include "pail/util/clock.h"
#include "questions.h"
#include "world.h"

struct fixture {
        struct world world;
        struct script *script;
};

static void set_up(struct fixture *fixture, void **state)
{
        world_open(&fixture->world, state, NULL, NULL);
        fixture->script = script_new();
        world_set(&fixture->world, "AWS_CONTAINER_CREDENTIALS_FULL_URI=%s/path/SECRET?id=1",
                  script_url(fixture->script));
        assert_int_equal(pail_provider_container_add(fixture->world.chain, &fixture->world.context), 0);
}

static void tear_down(struct fixture *fixture)
{
        world_close(&fixture->world);
        script_free(fixture->script);
}

static void test_good(void **state)
{
        struct fixture f;

        set_up(&f, state);
        script_answer(f.script, "200 OK", keys_json("ASIA1", 3600));
        assert_int_equal(world_load(&f.world), 0);
        assert_string_equal(f.world.found.provider, "container-role");
        assert_string_equal(f.world.found.access_key_id, "ASIA1");
        assert_string_equal(f.world.found.secret_access_key, "SECRET/ASIA1");
        assert_string_equal(f.world.found.session_token, "SECRET+token");
        assert_string_equal(f.world.found.account_id, "123456789012");
        assert_in_range(f.world.found.expires_at - pail_clock_now().tv_sec, 3500, 3600);
        const struct asked *asked = script_asked(f.script, 0);
        assert_string_equal(asked->seen.method, "GET");
        assert_string_equal(asked->seen.target, "/path/SECRET?id=1");
        assert_string_equal(seen_header(&asked->seen, "Accept"), "application/json");
        assert_null(seen_header(&asked->seen, "Authorization"));
        /* Nothing is remembered: the next load asks again. */
        script_answer(f.script, "200 OK", keys_json("ASIA2", 3600));
        assert_int_equal(world_load(&f.world), 0);
        assert_string_equal(f.world.found.access_key_id, "ASIA2");
        assert_int_equal(script_count(f.script), 2);
        tear_down(&f);
}

static void test_nothing_here(void **state)
{
        struct world world;

        world_open(&world, state, NULL, NULL);
        assert_int_equal(pail_provider_container_add(world.chain, &world.context), 0);
        assert_int_equal(world_load(&world), -ENOENT);
        world_set(&world, "AWS_CONTAINER_AUTHORIZATION_TOKEN=SECRET");
        assert_int_equal(world_load(&world), -ENOENT);
        world_set(&world, "AWS_CONTAINER_CREDENTIALS_FULL_URI=");
        assert_int_equal(world_load(&world), -ENOENT);
        world_close(&world);
}

/* The token of the file comes first and is read each time. */
static void test_token(void **state)
{
        struct fixture f;

        set_up(&f, state);
        for (int i = 0; i < 4; i++)
                script_answer(f.script, "200 OK", keys_json("A", 3600));
        world_set(&f.world, "AWS_CONTAINER_AUTHORIZATION_TOKEN=Basic SECRET1");
        assert_int_equal(world_load(&f.world), 0);
        assert_string_equal(seen_header(&script_asked(f.script, 0)->seen, "Authorization"), "Basic SECRET1");
        world_set(&f.world, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=%s", test_files_write(state, "token", "SECRET2"));
        assert_int_equal(world_load(&f.world), 0);
        assert_string_equal(seen_header(&script_asked(f.script, 1)->seen, "Authorization"), "SECRET2");
        test_files_write(state, "token", "SECRET3");
        assert_int_equal(world_load(&f.world), 0);
        assert_string_equal(seen_header(&script_asked(f.script, 2)->seen, "Authorization"), "SECRET3");
        tear_down(&f);
}

static void test_bad_token(void **state)
{
        static const char *const texts[][2] = {
                { "SECRET\n", "has a line end in it or behind it" },
                { "SECRET\r\n", "has a line end in it or behind it" },
                { "SECRET\nX-Injected: 1", "has a line end in it or behind it" },
                { "", "is empty" },
        };
        static char large[33 * 1024];
        struct fixture f;

        set_up(&f, state);
        for (size_t i = 0; i < TEST_COUNT(texts); i++) {
                world_set(&f.world, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=%s",
                          test_files_write(state, "token", texts[i][0]));
                world_refuses(&f.world, -EINVAL, texts[i][1]);
                assert_contains(f.world.error.message, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
                assert_contains(f.world.error.message, "/token");
        }
        memset(large, 'S', sizeof(large) - 1);
        test_files_write(state, "token", large);
        world_refuses(&f.world, -EINVAL, "is too long");
        world_set(&f.world, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=%s/nowhere", (const char *)*state);
        world_refuses(&f.world, -EINVAL, "/nowhere cannot be read");
        world_set(&f.world, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=%s", (const char *)*state);
        world_refuses(&f.world, -EINVAL, "cannot be read");
        world_set(&f.world, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=");
        world_set(&f.world, "AWS_CONTAINER_AUTHORIZATION_TOKEN=SECRET\r\nX: y");
        world_refuses(&f.world, -EINVAL, "the token of AWS_CONTAINER_AUTHORIZATION_TOKEN has a line end");
        assert_int_equal(script_count(f.script), 0);
        tear_down(&f);
}

/* Which hosts may see the token. */
static void test_hosts(void **state)
{
        static const struct {
                const char *url;
                bool is_allowed;
        } cases[] = {
                { "http://127.0.0.1/x", true },
                { "http://127.255.3.4:81/x", true },
                { "http://localhost/x", true },
                { "http://LOCALHOST:8080/x", true },
                { "http://[::1]/x", true },
                { "http://[0:0:0:0:0:0:0:1]:9/x", true },
                { "http://169.254.170.2/x", true },
                { "http://169.254.170.23/v1/credentials", true },
                { "http://[fd00:ec2::23]/v1/credentials", true },
                { "http://[fd00:0ec2:0:0::0023]/v1/credentials", true },
                { "https://example.com/x", true },
                { "https://10.0.0.1/x", true },
                { "http://example.com/x", false },
                { "http://10.0.0.1/x", false },
                { "http://128.0.0.1/x", false },
                { "http://169.254.169.254/x", false },
                { "http://169.254.170.24/x", false },
                { "http://[fd00:ec2::24]/x", false },
                { "http://[::2]/x", false },
                { "http://[::ffff:10.0.0.1]/x", false },
                { "http://localhost.example.com/x", false },
                { "http://127.0.0.1.example.com/x", false },
                { "http://127.1/x", false },
                { "http://0x7f.0.0.1/x", false },
                { "http://2130706433/x", false },
                { "http://127.0.0.1@example.com/x", false },
                { "http://example.com#@127.0.0.1/x", false },
                { "http://example.com\\@127.0.0.1/x", false },
                { "ftp://127.0.0.1/x", false },
                { "127.0.0.1/x", false },
                { "http:///x", false },
                { "http://127.0.0.1:99999/x", false },
                { "http://127.0.0.1/a b", false },
        };

        (void)state;
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                char variable[256];
                char *const environment[] = { variable, NULL };
                struct pail_error error = PAIL_ERROR_INIT;
                _cleanup_buf_ struct pail_buf url = PAIL_BUF_INIT(1024), who = PAIL_BUF_INIT(1024);
                snprintf(variable, sizeof(variable), "AWS_CONTAINER_CREDENTIALS_FULL_URI=%s", cases[i].url);
                int r = pail_container_url(environment, &url, &who, &error);
                if ((r == 0) != cases[i].is_allowed)
                        fail_msg("%s: %d %s", cases[i].url, r, error.message);
                if (r == 0) {
                        assert_string_equal(url.data, cases[i].url);
                        assert_null(strstr(who.data, "/x"));
                } else {
                        assert_int_equal(r, -EINVAL);
                        assert_int_equal(error.class, PAIL_ERROR_CREDENTIALS);
                        assert_contains(error.message, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
                }
        }
}

static void test_relative(void **state)
{
        static const char *const bad[] = { "@example.com/", ".example.com/", "foo", "8/x", "/a b", "/a#b" };
        char variable[128] = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/v2/credentials/id?x=1";
        char other[] = "AWS_CONTAINER_CREDENTIALS_FULL_URI=http://example.com/";
        char *const environment[] = { other, variable, NULL };
        struct pail_error error = PAIL_ERROR_INIT;
        _cleanup_buf_ struct pail_buf url = PAIL_BUF_INIT(1024);
        _cleanup_buf_ struct pail_buf who = PAIL_BUF_INIT(1024);

        (void)state;
        assert_int_equal(pail_container_url(environment, &url, &who, &error), 0);
        assert_string_equal(url.data, "http://169.254.170.2/v2/credentials/id?x=1");
        assert_string_equal(who.data, "the credential service of the container "
                                      "(AWS_CONTAINER_CREDENTIALS_RELATIVE_URI at 169.254.170.2)");
        for (size_t i = 0; i < TEST_COUNT(bad); i++) {
                snprintf(variable, sizeof(variable), "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=%s", bad[i]);
                pail_buf_reset(&url);
                pail_buf_reset(&who);
                if (pail_container_url(environment, &url, &who, &error) != -EINVAL)
                        fail_msg("%s", bad[i]);
        }
}

static void test_bad_answers(void **state)
{
        static const char *const cases[][2] = {
                { "", "is not JSON" },
                { "SECRET", "is not JSON" },
                { "<!DOCTYPE html><html>SECRET</html>", "is not JSON" },
                { "[]", "is JSON, but no object" },
                { "{}", "\"AccessKeyId\" is missing" },
                { "{\"AccessKeyId\": {}, \"SecretAccessKey\": \"SECRET\"}", "\"AccessKeyId\" is no string" },
                { "{\"AccessKeyId\": \"a\"}", "\"SecretAccessKey\" is missing" },
                { "{\"AccessKeyId\": \"a\", \"SecretAccessKey\": \"SECRET\"}", "\"Token\" is missing" },
                { "{\"AccessKeyId\": \"a\", \"SecretAccessKey\": \"SECRET\", \"Token\": \"SECRET\"}",
                  "\"Expiration\" is missing" },
                { "{\"AccessKeyId\": \"a\", \"SecretAccessKey\": \"SECRET\", \"Token\": \"SECRET\", \"Expiration\": 5}",
                  "\"Expiration\" is no string" },
                { "{\"AccessKeyId\": \"a\", \"SecretAccessKey\": \"SECRET\", \"Token\": \"SECRET\", "
                  "\"Expiration\": \"SECRET\"}",
                  "\"Expiration\" is not a time" },
        };
        struct fixture f;

        set_up(&f, state);
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                script_answer(f.script, "200 OK", cases[i][0]);
                world_refuses(&f.world, -EINVAL, cases[i][1]);
                assert_contains(f.world.error.message, "(AWS_CONTAINER_CREDENTIALS_FULL_URI at 127.0.0.1)");
        }
        script_answer(f.script, "200 OK", keys_json("A", -1));
        world_refuses(&f.world, -EKEYEXPIRED, "has credentials that expired");
        script_answer(f.script, "403 Forbidden", "{\"message\": \"SECRET\"}");
        world_refuses(&f.world, -EACCES, "answered with HTTP status 403");
        script_answer(f.script, "302 Found", "");
        world_refuses(&f.world, -EACCES, "answered with HTTP status 302");
        tear_down(&f);
}

static void test_huge_answer(void **state)
{
        static char body[300 * 1024];
        struct fixture f;

        set_up(&f, state);
        memset(body, 'S', sizeof(body) - 1);
        script_answer(f.script, "200 OK", body);
        assert_int_equal(world_load(&f.world), -EMSGSIZE);
        assert_contains(f.world.error.message, "longer than 256 KiB");
        tear_down(&f);
}

/* An outage is told apart from a refusal, and is asked about three times. */
static void test_outage(void **state)
{
        struct fixture f;

        set_up(&f, state);
        script_answer(f.script, "500 Oops", "SECRET");
        script_answer(f.script, "503 Slow down", "SECRET");
        script_answer(f.script, "200 OK", keys_json("A", 3600));
        assert_int_equal(world_load(&f.world), 0);
        assert_int_equal(script_count(f.script), 3);
        for (int i = 0; i < 3; i++)
                script_answer(f.script, "500 Oops", "SECRET");
        assert_int_equal(world_load(&f.world), -EIO);
        assert_int_equal(f.world.error.class, PAIL_ERROR_SERVICE);
        assert_int_equal(f.world.error.http_status, 500);
        assert_contains(f.world.error.message, "answered with HTTP status 500");
        assert_null(strstr(f.world.error.message, "SECRET"));
        assert_int_equal(script_count(f.script), 6);
        tear_down(&f);
}

static void test_nobody_there(void **state)
{
        struct fixture f;
        struct blackhole hole;

        set_up(&f, state);
        world_set(&f.world, "AWS_CONTAINER_CREDENTIALS_FULL_URI=http://127.0.0.1:1/");
        assert_true(world_load(&f.world) < 0);
        assert_int_equal(f.world.error.class, PAIL_ERROR_CONNECT);
        assert_contains(f.world.error.message, "the credential service of the container (AWS_CONTAINER_");
        blackhole_open(&hole);
        world_set(&f.world, "AWS_CONTAINER_CREDENTIALS_FULL_URI=http://127.0.0.1:%u/", hole.port);
        questions_since();
        assert_true(world_load(&f.world) < 0);
        assert_int_equal(f.world.error.class, PAIL_ERROR_TIMEOUT);
        const struct questions asked = questions_since();
        assert_int_equal(asked.count, 1);
        assert_int_equal(asked.timeout_ms * asked.attempts, 6000);
        assert_true(asked.took_ms >= 5900);
        blackhole_close(&hole);
        tear_down(&f);
}

/* A proxy would ask its own container. */
static void test_no_proxy(void **state)
{
        struct fixture f;

        set_up(&f, state);
        setenv("http_proxy", "http://127.0.0.1:1", 1);
        script_answer(f.script, "200 OK", keys_json("A", 3600));
        assert_int_equal(world_load(&f.world), 0);
        unsetenv("http_proxy");
        tear_down(&f);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_good),        cmocka_unit_test(test_nothing_here),
                cmocka_unit_test(test_token),       cmocka_unit_test(test_bad_token),
                cmocka_unit_test(test_hosts),       cmocka_unit_test(test_relative),
                cmocka_unit_test(test_bad_answers), cmocka_unit_test(test_huge_answer),
                cmocka_unit_test(test_outage),      cmocka_unit_test(test_nobody_there),
                cmocka_unit_test(test_no_proxy),
        };

        return cmocka_run_group_tests(tests, test_files_setup, test_files_teardown);
}
