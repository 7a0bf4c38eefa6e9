/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/credentials/providers/metadata.h"

#include "../../../http/blackhole.h"
#include "../script.h"
#include "aws/credentials/providers/metadata_options.h"
#include "pail/util/clock.h"
#include "questions.h"
#include "world.h"

#define ROLES "/latest/meta-data/iam/security-credentials/"

struct fixture {
        struct world world;
        struct script *script;
};

static void set_up_impatient(struct fixture *fixture, void **state)
{
        world_open(&fixture->world, state, NULL, NULL);
        fixture->script = script_new();
        world_set(&fixture->world, "AWS_EC2_METADATA_SERVICE_ENDPOINT=%s/", script_url(fixture->script));
        assert_int_equal(pail_provider_metadata_add(fixture->world.chain, &fixture->world.context), 0);
}

/* On a busy machine a service that is there may take longer than the second that it has by default. */
static void set_up(struct fixture *fixture, void **state)
{
        set_up_impatient(fixture, state);
        world_set(&fixture->world, "AWS_METADATA_SERVICE_TIMEOUT=60");
}

static void tear_down(struct fixture *fixture)
{
        world_close(&fixture->world);
        script_free(fixture->script);
}

/* What a service of version 2 says in one conversation. */
static void answer_all(struct fixture *f, const char *credentials)
{
        script_answer(f->script, "200 OK", "SECRET-token==");
        script_answer(f->script, "200 OK", "my-role");
        script_answer(f->script, "200 OK", credentials);
}

static void assert_asked(struct fixture *f, unsigned number, const char *method, const char *target, const char *token)
{
        const struct asked *asked = script_asked(f->script, number);
        const char *sent = seen_header(&asked->seen, "x-aws-ec2-metadata-token");

        assert_string_equal(asked->seen.method, method);
        assert_string_equal(asked->seen.target, target);
        if (token)
                assert_string_equal(sent, token);
        else
                assert_null(sent);
}

static int64_t left_s(const struct fixture *f)
{
        return f->world.found.expires_at - pail_clock_now().tv_sec;
}

static void test_version_2(void **state)
{
        struct fixture f;

        set_up(&f, state);
        answer_all(&f, keys_json("ASIA1", 6 * 3600));
        assert_int_equal(world_load(&f.world), 0);
        assert_string_equal(f.world.found.provider, "iam-role");
        assert_string_equal(f.world.found.access_key_id, "ASIA1");
        assert_string_equal(f.world.found.secret_access_key, "SECRET/ASIA1");
        assert_string_equal(f.world.found.session_token, "SECRET+token");
        assert_in_range(left_s(&f), 6 * 3600 - 60, 6 * 3600);
        assert_int_equal(script_count(f.script), 3);
        assert_asked(&f, 0, "PUT", "/latest/api/token", NULL);
        assert_string_equal(seen_header(&script_asked(f.script, 0)->seen, "x-aws-ec2-metadata-token-ttl-seconds"),
                            "21600");
        assert_asked(&f, 1, "GET", ROLES, "SECRET-token==");
        assert_asked(&f, 2, "GET", ROLES "my-role", "SECRET-token==");
        tear_down(&f);
}

static void test_version_1(void **state)
{
        static const char *const statuses[] = { "403 Forbidden", "404 Not Found", "405 Method Not Allowed", "500 Oops",
                                                "200 OK" };
        struct fixture f;

        set_up(&f, state);
        for (unsigned i = 0; i < TEST_COUNT(statuses); i++) {
                script_answer(f.script, statuses[i], "");
                script_answer(f.script, "200 OK", "a role+=,.@_-\nother");
                /* A blank cannot be in the name of a role. */
                assert_int_equal(world_load(&f.world), -ENOENT);
                assert_asked(&f, 2 * i + 1, "GET", ROLES, NULL);
        }
        script_answer(f.script, "404 Not Found", "");
        script_answer(f.script, "200 OK", "role+=,.@_-\nother");
        script_answer(f.script, "200 OK", keys_json("ASIA1", 6 * 3600));
        assert_int_equal(world_load(&f.world), 0);
        assert_asked(&f, 12, "GET", ROLES "role%2B%3D%2C.%40_-", NULL);
        tear_down(&f);
}

static void test_version_1_disabled(void **state)
{
        struct fixture f;

        set_up(&f, state);
        world_set(&f.world, "AWS_EC2_METADATA_V1_DISABLED=True");
        script_answer(f.script, "404 Not Found", "");
        world_refuses(&f.world, -EINVAL, "asking without one is switched off");
        assert_int_equal(script_count(f.script), 1);
        answer_all(&f, keys_json("ASIA1", 6 * 3600));
        assert_int_equal(world_load(&f.world), 0);
        tear_down(&f);
}

/* A machine that has no such service, or one without a role. */
static void test_nothing_here(void **state)
{
        struct fixture f;

        set_up(&f, state);
        script_answer(f.script, "400 Bad Request", "");
        assert_int_equal(world_load(&f.world), -ENOENT);
        assert_int_equal(script_count(f.script), 1);
        /* A page for those who are to log in to a network. */
        script_answer(f.script, "200 OK", "<html>\nwelcome to the hotel</html>");
        assert_int_equal(world_load(&f.world), -ENOENT);
        script_answer(f.script, "302 Found", "");
        script_answer(f.script, "200 OK", "<html>");
        assert_int_equal(world_load(&f.world), -ENOENT);
        script_answer(f.script, "403 No", "");
        script_answer(f.script, "500 Oops", "");
        assert_int_equal(world_load(&f.world), -ENOENT);
        script_answer(f.script, "200 OK", "token");
        script_answer(f.script, "404 Not Found", "");
        assert_int_equal(world_load(&f.world), -ENOENT);
        script_answer(f.script, "200 OK", "token");
        script_answer(f.script, "200 OK", "");
        assert_int_equal(world_load(&f.world), -ENOENT);
        unsigned count = script_count(f.script);
        world_set(&f.world, "AWS_EC2_METADATA_DISABLED=tRue");
        assert_int_equal(world_load(&f.world), -ENOENT);
        assert_int_equal(script_count(f.script), count);
        tear_down(&f);
}

/* Reads nothing, says nothing. */
static void stay_silent(struct connection *connection, void *context)
{
        (void)context;
        server_wait_gone(connection);
}

/* One question in one attempt of a second, and how it failed. */
static void assert_one_question(enum pail_error_class class)
{
        const struct questions asked = questions_since();

        assert_int_equal(asked.count, 1);
        assert_true(asked.attempts <= 1);
        assert_int_equal(asked.timeout_ms, 1000);
        assert_int_equal(asked.class, class);
        if (class == PAIL_ERROR_TIMEOUT)
                assert_true(asked.took_ms >= 900);
}

/* Nobody answers: the laptop. It must not wait, not even when the profile wants version 2 alone. */
static void test_nobody_there(void **state)
{
        struct fixture f;
        struct blackhole hole;

        set_up_impatient(&f, state);
        world_set(&f.world, "AWS_EC2_METADATA_V1_DISABLED=true");
        world_set(&f.world, "AWS_EC2_METADATA_SERVICE_ENDPOINT=http://127.0.0.1:1");
        questions_since();
        assert_int_equal(world_load(&f.world), -ENOENT);
        assert_one_question(PAIL_ERROR_CONNECT); /* as soon as the kernel says no: nothing is waited for */
        world_set(&f.world, "AWS_EC2_METADATA_SERVICE_ENDPOINT=http://255.255.255.255");
        assert_int_equal(world_load(&f.world), -ENOENT);
        assert_one_question(PAIL_ERROR_CONNECT);

        blackhole_open(&hole);
        world_set(&f.world, "AWS_EC2_METADATA_SERVICE_ENDPOINT=http://127.0.0.1:%u", hole.port);
        assert_int_equal(world_load(&f.world), -ENOENT);
        assert_one_question(PAIL_ERROR_TIMEOUT);
        blackhole_close(&hole);
        tear_down(&f);
}

/* Somebody takes the question about a token, and nothing comes back. */
static void test_lost_token(void **state)
{
        struct fixture f;
        struct server *server = server_new(stay_silent, NULL);

        set_up_impatient(&f, state);
        world_set(&f.world, "AWS_EC2_METADATA_SERVICE_ENDPOINT=http://127.0.0.1:%u", server_port(server));
        questions_since();
        assert_int_equal(world_load(&f.world), -ENOENT);
        const struct questions asked = questions_since();
        assert_int_equal(asked.count, 2);
        assert_int_equal(asked.timeout_ms, 1000);
        assert_true(asked.took_ms >= 900);
        assert_int_equal(server_connections(server), 2);
        server_free(server);

        world_set(&f.world, "AWS_METADATA_SERVICE_TIMEOUT=60");
        /* Closed without an answer. */
        world_set(&f.world, "AWS_EC2_METADATA_SERVICE_ENDPOINT=%s", script_url(f.script));
        script_answer(f.script, "", NULL);
        script_answer(f.script, "200 OK", "role");
        script_answer(f.script, "200 OK", keys_json("ASIA1", 6 * 3600));
        assert_int_equal(world_load(&f.world), 0);
        assert_asked(&f, 1, "GET", ROLES, NULL);
        tear_down(&f);
}

static void test_timeout_and_attempts(void **state)
{
        struct fixture f;

        set_up(&f, state);
        world_set(&f.world, "AWS_METADATA_SERVICE_NUM_ATTEMPTS=3");
        script_answer(f.script, "500 Oops", "");
        script_answer(f.script, "503 Oops", "");
        answer_all(&f, keys_json("ASIA1", 6 * 3600));
        assert_int_equal(world_load(&f.world), 0);
        assert_int_equal(script_count(f.script), 5);
        tear_down(&f);
}

static void test_bad_answers(void **state)
{
        static const char *const cases[][2] = {
                { "", "is not JSON" },
                { "SECRET", "is not JSON" },
                { "<html>SECRET</html>", "is not JSON" },
                { "[]", "is JSON, but no object" },
                { "{}", "\"AccessKeyId\" is missing" },
                { "{\"Code\": 1}", "\"Code\" is no string" },
                { "{\"Code\": \"AssumeRoleUnauthorizedAccess\", \"Message\": \"SECRET\"}",
                  "has no credentials for the role \"my-role\": AssumeRoleUnauthorizedAccess" },
                { "{\"Code\": \"SECRET words\"}", "has no credentials for the role \"my-role\"" },
                { "{\"AccessKeyId\": null, \"SecretAccessKey\": \"SECRET\"}", "\"AccessKeyId\" is missing" },
                { "{\"AccessKeyId\": \"a\", \"SecretAccessKey\": 1}", "\"SecretAccessKey\" is no string" },
                { "{\"AccessKeyId\": \"a\", \"SecretAccessKey\": \"SECRET\"}", "\"Token\" is missing" },
                { "{\"AccessKeyId\": \"a\", \"SecretAccessKey\": \"SECRET\", \"Token\": \"SECRET\"}",
                  "\"Expiration\" is missing" },
                { "{\"AccessKeyId\": \"a\", \"SecretAccessKey\": \"SECRET\", \"Token\": \"SECRET\", "
                  "\"Expiration\": \"SECRET\"}",
                  "\"Expiration\" is not a time" },
        };

        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                struct fixture f;
                set_up(&f, state);
                answer_all(&f, cases[i][0]);
                world_refuses(&f.world, -EINVAL, cases[i][1]);
                assert_contains(f.world.error.message, "the instance metadata service");
                tear_down(&f);
        }
}

/* What a service that has shown itself fails with is told. */
static void test_failures(void **state)
{
        struct fixture f;

        set_up(&f, state);
        script_answer(f.script, "200 OK", "token");
        script_answer(f.script, "503 Slow down", "");
        assert_int_equal(world_load(&f.world), -EIO);
        assert_int_equal(f.world.error.class, PAIL_ERROR_SERVICE);
        script_answer(f.script, "200 OK", "token");
        script_answer(f.script, "200 OK", "role");
        script_answer(f.script, "500 Oops", "");
        assert_int_equal(world_load(&f.world), -EIO);
        assert_int_equal(f.world.error.http_status, 500);
        script_answer(f.script, "200 OK", "token");
        script_answer(f.script, "200 OK", "role");
        script_answer(f.script, "403 Forbidden", "SECRET");
        world_refuses(&f.world, -EACCES, "the instance metadata service answered with HTTP status 403");
        tear_down(&f);
}

/* The same keys once more, close to their end or behind it: they get more time. */
static void test_stability_of_answers(void **state)
{
        struct fixture f;

        set_up(&f, state);
        answer_all(&f, keys_json("ASIA1", -3600));
        assert_int_equal(world_load(&f.world), 0);
        assert_in_range(left_s(&f), 17 * 60 - 5, 25 * 60);

        answer_all(&f, keys_json("ASIA2", 6 * 3600));
        assert_int_equal(world_load(&f.world), 0);
        assert_in_range(left_s(&f), 6 * 3600 - 5, 6 * 3600);
        pail_clock_test_advance(5 * 3600 * 1000LL);
        answer_all(&f, keys_json("ASIA2", 3600));
        assert_int_equal(world_load(&f.world), 0);
        assert_in_range(left_s(&f), 3600 - 5, 3600);
        pail_clock_test_advance(50 * 60 * 1000LL);
        answer_all(&f, keys_json("ASIA2", 600));
        assert_int_equal(world_load(&f.world), 0);
        assert_string_equal(f.world.found.access_key_id, "ASIA2");
        assert_in_range(left_s(&f), 17 * 60 - 5, 25 * 60);
        pail_clock_test_advance(60 * 60 * 1000LL);
        answer_all(&f, keys_json("ASIA2", -3000));
        assert_int_equal(world_load(&f.world), 0);
        assert_in_range(left_s(&f), 17 * 60 - 5, 25 * 60);

        /* New ones are taken as they are, even if they live shorter. */
        answer_all(&f, keys_json("ASIA3", 200));
        assert_int_equal(world_load(&f.world), 0);
        assert_string_equal(f.world.found.access_key_id, "ASIA3");
        assert_in_range(left_s(&f), 195, 200);
        pail_clock_test_advance(100 * 1000LL);
        answer_all(&f, keys_json("ASIA3", 100));
        assert_int_equal(world_load(&f.world), 0);
        assert_in_range(left_s(&f), 95, 100);
        pail_clock_test_advance(-(5 * 3600 + 110 * 60 + 100) * 1000LL);
        tear_down(&f);
}

/* The service goes away: the last keys stay, and are given more time when they need it. */
static void test_stability_in_an_outage(void **state)
{
        struct fixture f;

        set_up(&f, state);
        answer_all(&f, keys_json("ASIA1", 6 * 3600));
        assert_int_equal(world_load(&f.world), 0);
        script_answer(f.script, "200 OK", "token");
        script_answer(f.script, "503 Slow down", "");
        assert_int_equal(world_load(&f.world), 0);
        assert_string_equal(f.world.found.access_key_id, "ASIA1");
        assert_string_equal(f.world.found.secret_access_key, "SECRET/ASIA1");
        assert_in_range(left_s(&f), 6 * 3600 - 5, 6 * 3600);
        world_set(&f.world, "AWS_EC2_METADATA_SERVICE_ENDPOINT=http://127.0.0.1:1");
        pail_clock_test_advance(7 * 3600 * 1000LL);
        assert_int_equal(world_load(&f.world), 0);
        assert_string_equal(f.world.found.access_key_id, "ASIA1");
        assert_in_range(left_s(&f), 17 * 60 - 5, 25 * 60);
        world_set(&f.world, "AWS_EC2_METADATA_SERVICE_ENDPOINT=%s", script_url(f.script));
        answer_all(&f, keys_json("ASIA2", 6 * 3600));
        assert_int_equal(world_load(&f.world), 0);
        assert_string_equal(f.world.found.access_key_id, "ASIA2");
        assert_in_range(left_s(&f), 6 * 3600 - 5, 6 * 3600);
        pail_clock_test_advance(-7 * 3600 * 1000LL);
        tear_down(&f);
}

static void check_options(struct world *world, const char *base_url, int64_t timeout_ms, unsigned attempts)
{
        struct pail_metadata_options options;

        world->error = PAIL_ERROR_INIT;
        if (pail_metadata_options_read(&world->context, &options, &world->error) < 0)
                fail_msg("%s", world->error.message);
        assert_string_equal(options.base_url, base_url);
        assert_int_equal(options.timeout_ms, timeout_ms);
        assert_int_equal(options.attempts, attempts);
        pail_metadata_options_done(&options);
}

static void test_options(void **state)
{
        struct world world;

        world_open(&world, state, NULL, NULL);
        check_options(&world, "http://169.254.169.254", 1000, 1);
        world_set(&world, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE=IPv6");
        check_options(&world, "http://[fd00:ec2::254]", 1000, 1);
        world_set(&world, "AWS_EC2_METADATA_SERVICE_ENDPOINT=https://x.example/base//");
        check_options(&world, "https://x.example/base", 1000, 1);
        world_close(&world);

        world_open(&world, state,
                   "[profile p]\nec2_metadata_service_endpoint = http://a\nmetadata_service_timeout = 5\n"
                   "metadata_service_num_attempts = 7\n",
                   "[p]\nec2_metadata_service_endpoint = http://b:81\n");
        check_options(&world, "http://b:81", 5000, 7);
        world_set(&world, "AWS_METADATA_SERVICE_TIMEOUT=2");
        world_set(&world, "AWS_METADATA_SERVICE_NUM_ATTEMPTS=3");
        world_set(&world, "AWS_EC2_METADATA_SERVICE_ENDPOINT=http://c");
        check_options(&world, "http://c", 2000, 3);
        world_close(&world);

        world_open(&world, state, "[profile p]\nimds_use_ipv6 = true\n", NULL);
        check_options(&world, "http://[fd00:ec2::254]", 1000, 1);
        world_set(&world, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE=ipv4");
        check_options(&world, "http://169.254.169.254", 1000, 1);
        world_close(&world);
}

static void test_bad_options(void **state)
{
        static const char *const cases[][2] = {
                { "ec2_metadata_service_endpoint = ftp://x",
                  "ec2_metadata_service_endpoint: it does not begin with http" },
                { "ec2_metadata_service_endpoint = http://x/?a",
                  "ec2_metadata_service_endpoint: it must not contain a '?'" },
                { "ec2_metadata_service_endpoint_mode = ipv5", "ec2_metadata_service_endpoint_mode: IPv4 or IPv6 is" },
                { "metadata_service_timeout = 0", "metadata_service_timeout: a whole number from 1 on" },
                { "metadata_service_timeout = 1.5", "metadata_service_timeout: a whole number from 1 on" },
                { "metadata_service_num_attempts = many", "metadata_service_num_attempts: a whole number from 1 on" },
        };
        struct world world;

        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                char config[256];
                snprintf(config, sizeof(config), "[profile p]\n%s\n", cases[i][0]);
                world_open(&world, state, config, NULL);
                assert_int_equal(pail_provider_metadata_add(world.chain, &world.context), 0);
                assert_int_equal(world_load(&world), -EINVAL);
                assert_int_equal(world.error.class, PAIL_ERROR_CONFIG);
                assert_contains(world.error.message, "profile \"p\", ");
                assert_contains(world.error.message, cases[i][1]);
                world_close(&world);
        }
        world_open(&world, state, NULL, NULL);
        assert_int_equal(pail_provider_metadata_add(world.chain, &world.context), 0);
        world_set(&world, "AWS_METADATA_SERVICE_TIMEOUT=-1");
        assert_int_equal(world_load(&world), -EINVAL);
        assert_contains(world.error.message, "AWS_METADATA_SERVICE_TIMEOUT in the environment: a whole number");
        world_close(&world);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_version_2),
                cmocka_unit_test(test_version_1),
                cmocka_unit_test(test_version_1_disabled),
                cmocka_unit_test(test_nothing_here),
                cmocka_unit_test(test_nobody_there),
                cmocka_unit_test(test_lost_token),
                cmocka_unit_test(test_timeout_and_attempts),
                cmocka_unit_test(test_bad_answers),
                cmocka_unit_test(test_failures),
                cmocka_unit_test(test_stability_of_answers),
                cmocka_unit_test(test_stability_in_an_outage),
                cmocka_unit_test(test_options),
                cmocka_unit_test(test_bad_options),
        };

        return cmocka_run_group_tests(tests, test_files_setup, test_files_teardown);
}
