/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/stat.h>

#include "../../../support/alloc.h"
#include "aws/credentials/providers/process.h"
#include "pail/util/clock.h"
#include "world.h"

#define GOOD "{\"Version\": 1, \"AccessKeyId\": \"AKIA\", \"SecretAccessKey\": \"SECRET/key\"}"

/* A program, as a script with that text; its arguments follow. */
static void open_with(struct world *world, void **state, const char *script, const char *arguments)
{
        char config[8192];

        snprintf(config, sizeof(config), "[profile p]\ncredential_process = sh \"%s\" %s\n",
                 test_files_write(state, "tool.sh", script), arguments);
        world_open(world, state, config, NULL);
        assert_int_equal(pail_provider_process_add(world->chain, &world->context, "p"), 0);
}

/* A program that prints a document. */
static void open_printing(struct world *world, void **state, const char *document)
{
        char script[4096];

        snprintf(script, sizeof(script), "cat <<'END'\n%s\nEND\n", document);
        open_with(world, state, script, "");
}

static void test_good(void **state)
{
        char document[512];
        struct world world;

        open_printing(&world, state, GOOD);
        assert_int_equal(world_load(&world), 0);
        assert_string_equal(world.found.provider, "custom-process");
        assert_string_equal(world.found.access_key_id, "AKIA");
        assert_string_equal(world.found.secret_access_key, "SECRET/key");
        assert_null(world.found.session_token);
        assert_null(world.found.account_id);
        assert_int_equal(world.found.expires_at, 0);
        world_close(&world);

        snprintf(document, sizeof(document),
                 "{\"Version\": 1, \"AccessKeyId\": \"ASIA\", \"SecretAccessKey\": \"s\", \"SessionToken\": \"t\", "
                 "\"Expiration\": \"%s\", \"AccountId\": \"123456789012\", \"More\": [1]}",
                 time_from_now(3600));
        open_printing(&world, state, document);
        assert_int_equal(world_load(&world), 0);
        assert_string_equal(world.found.session_token, "t");
        assert_string_equal(world.found.account_id, "123456789012");
        assert_in_range(world.found.expires_at - pail_clock_now().tv_sec, 3500, 3600);
        world_close(&world);
}

static void test_null_is_absent(void **state)
{
        struct world world;

        open_printing(&world, state,
                      "{\"Version\": 1, \"AccessKeyId\": \"a\", \"SecretAccessKey\": \"s\", \"SessionToken\": null, "
                      "\"Expiration\": null, \"AccountId\": null}");
        assert_int_equal(world_load(&world), 0);
        assert_null(world.found.session_token);
        assert_int_equal(world.found.expires_at, 0);
        world_close(&world);
}

static void test_account_of_the_profile(void **state)
{
        struct world world;

        test_files_write(state, "tool.sh", "echo '" GOOD "'");
        char config[4096];
        snprintf(config, sizeof(config), "[profile p]\naws_account_id = 42\ncredential_process = sh %s\n",
                 test_files_path(state, "tool.sh"));
        world_open(&world, state, config, NULL);
        assert_int_equal(pail_provider_process_add(world.chain, &world.context, "p"), 0);
        assert_int_equal(world_load(&world), 0);
        assert_string_equal(world.found.account_id, "42");
        world_close(&world);
}

/* Both files are one profile, and the credentials file wins. */
static void test_files(void **state)
{
        struct world world;

        world_open(&world, state, "[profile p]\nregion = x\n", "[p]\ncredential_process = false\n");
        assert_int_equal(pail_provider_process_add(world.chain, &world.context, "p"), 0);
        world_refuses(&world, -ECHILD, "profile \"p\", credential_process in ");
        assert_contains(world.error.message, "/credentials: the program \"false\" ended with status 1");
        world_close(&world);

        world_open(&world, state, "[profile p]\ncredential_process = false\n", NULL);
        assert_int_equal(pail_provider_process_add(world.chain, &world.context, "p"), 0);
        world_refuses(&world, -ECHILD, "/config: the program \"false\" ended with status 1");
        world_close(&world);

        world_open(&world, state, "[profile p]\ncredential_process = true\n", "[p]\ncredential_process = false\n");
        assert_int_equal(pail_provider_process_add(world.chain, &world.context, "p"), 0);
        world_refuses(&world, -ECHILD, "the program \"false\" ended");
        world_close(&world);

        world_open(&world, state, "[profile p]\nregion = x\n[profile q]\ncredential_process = false\n", NULL);
        assert_int_equal(pail_provider_process_add(world.chain, &world.context, "p"), 0);
        assert_int_equal(pail_provider_process_add(world.chain, &world.context, "nobody"), 0);
        assert_int_equal(world_load(&world), -ENOENT);
        assert_contains(world.error.message, "no credentials found (looked in: custom-process");
        world_close(&world);
}

static void test_arguments(void **state)
{
        struct world world;

        open_with(&world, state,
                  "[ \"$#|$1|$2|$3\" = '3|a b|$HOME *|' ] || exit 9\n"
                  "echo '" GOOD "'",
                  "'a b' \"\\$HOME\"' *' \"\"");
        /* Between double quotes a backslash before '$' stays where it is: no shell is at work. */
        world_refuses(&world, -ECHILD, "ended with status 9");
        world_close(&world);
        open_with(&world, state,
                  "[ \"$#|$1|$2|$3|$4\" = '4|a b|$HOME *|c\"d|' ] || exit 9\n"
                  "echo '" GOOD "'",
                  "'a b' \"$HOME\"' *' c\\\"d \"\"");
        assert_int_equal(world_load(&world), 0);
        world_close(&world);
}

static void test_bad_command(void **state)
{
        static const char *const commands[][2] = {
                { "", "no program is named" },
                { "'unclosed", "a quote is not closed" },
                { "a \\", "a quote is not closed, or a backslash ends the value" },
                { "''", "the program \"\" is in no folder of PATH" },
                { "no-such-program-here x", "the program \"no-such-program-here\" is in no folder of PATH" },
                { "/nowhere/tool", "the program \"/nowhere/tool\" does not exist" },
                { "/etc/passwd", "the program \"/etc/passwd\" may not be executed" },
                { "/etc", "the program \"/etc\" does not exist" },
        };

        for (size_t i = 0; i < TEST_COUNT(commands); i++) {
                char config[256];
                struct world world;
                snprintf(config, sizeof(config), "[profile p]\ncredential_process = %s\n", commands[i][0]);
                world_open(&world, state, config, NULL);
                assert_int_equal(pail_provider_process_add(world.chain, &world.context, "p"), 0);
                assert_true(world_load(&world) < 0);
                assert_int_equal(world.error.class, PAIL_ERROR_CREDENTIALS);
                assert_contains(world.error.message, commands[i][1]);
                world_close(&world);
        }
}

static void test_path(void **state)
{
        struct world world;
        char folder[4096];

        snprintf(folder, sizeof(folder), "%s", test_files_write(state, "bin/mytool", "#!/bin/sh\necho '" GOOD "'\n"));
        assert_int_equal(chmod(folder, 0700), 0);
        *strrchr(folder, '/') = '\0';
        world_open(&world, state, "[profile p]\ncredential_process = mytool\n", NULL);
        assert_int_equal(pail_provider_process_add(world.chain, &world.context, "p"), 0);
        world_refuses(&world, -ESRCH, "is in no folder of PATH");
        world_set(&world, "PATH=/nowhere::%s:/usr/bin:/bin", folder);
        assert_int_equal(world_load(&world), 0);
        assert_int_equal(chmod(test_files_path(state, "bin/mytool"), 0600), 0);
        world_refuses(&world, -EACCES, "\"mytool\" may not be executed");
        world_close(&world);
}

static void test_environment(void **state)
{
        struct world world;

        open_with(&world, state, "[ \"$MARK\" = here ] || exit 3\necho '" GOOD "'", "");
        world_refuses(&world, -ECHILD, "status 3");
        world_set(&world, "MARK=here");
        assert_int_equal(world_load(&world), 0);
        world_close(&world);
}

static void test_bad_output(void **state)
{
        static const char *const cases[][2] = {
                { "", "the program's output is not JSON" },
                { "SECRET", "the program's output is not JSON" },
                { "<html>SECRET</html>", "the program's output is not JSON" },
                { "[\"SECRET\"]", "is JSON, but no object" },
                { GOOD " SECRET", "is not JSON" },
                { "{}", "\"Version\" is missing" },
                { "{\"Version\": \"1\", \"AccessKeyId\": \"a\", \"SecretAccessKey\": \"SECRET\"}",
                  "\"Version\" is no whole" },
                { "{\"Version\": 2, \"AccessKeyId\": \"a\", \"SecretAccessKey\": \"SECRET\"}",
                  "\"Version\" 2; only 1 is known" },
                { "{\"Version\": 1, \"SecretAccessKey\": \"SECRET\"}", "\"AccessKeyId\" is missing" },
                { "{\"Version\": 1, \"AccessKeyId\": 7, \"SecretAccessKey\": \"SECRET\"}",
                  "\"AccessKeyId\" is no string" },
                { "{\"Version\": 1, \"AccessKeyId\": \"a\"}", "\"SecretAccessKey\" is missing" },
                { "{\"Version\": 1, \"AccessKeyId\": \"a\", \"SecretAccessKey\": \"\"}",
                  "\"SecretAccessKey\" is empty" },
                { "{\"Version\": 1, \"AccessKeyId\": \"a\", \"SecretAccessKey\": [\"SECRET\"]}",
                  "\"SecretAccessKey\" is no string" },
                { "{\"Version\": 1, \"AccessKeyId\": \"a\", \"SecretAccessKey\": \"SECRET\", \"SessionToken\": 5}",
                  "\"SessionToken\" is no string" },
                { "{\"Version\": 1, \"AccessKeyId\": \"a\", \"SecretAccessKey\": \"SECRET\", \"Expiration\": \"SECRET\"}",
                  "\"Expiration\" is not a time like" },
                { "{\"Version\": 1, \"AccessKeyId\": \"a\", \"SecretAccessKey\": \"SECRET\", \"Expiration\": 1900000000}",
                  "\"Expiration\" is no string" },
                { "{\"Version\": 1, \"AccessKeyId\": \"a\", \"SecretAccessKey\": \"SECRET\", \"AccountId\": 12}",
                  "\"AccountId\" is no string" },
        };

        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                struct world world;
                open_printing(&world, state, cases[i][0]);
                world_refuses(&world, -EINVAL, cases[i][1]);
                world_close(&world);
        }
}

static void test_expired(void **state)
{
        static const char *const times[] = { "2020-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "1960-01-01T00:00:00Z" };

        for (size_t i = 0; i < TEST_COUNT(times); i++) {
                char document[256];
                struct world world;
                snprintf(document, sizeof(document),
                         "{\"Version\": 1, \"AccessKeyId\": \"a\", \"SecretAccessKey\": \"SECRET\", "
                         "\"Expiration\": \"%s\"}",
                         times[i]);
                open_printing(&world, state, document);
                world_refuses(&world, -EKEYEXPIRED, "has credentials that expired");
                world_close(&world);
        }
}

static int parse_once(void *context)
{
        struct pail_credentials found = { 0 };
        int r = pail_process_parse(context, strlen(context), &found, NULL);

        pail_credentials_done(&found);
        return r;
}

static void test_memory(void **state)
{
        char text[] = "{\"Version\": 1, \"AccessKeyId\": \"a\", \"SecretAccessKey\": \"s\", \"SessionToken\": \"t\", "
                      "\"AccountId\": \"1\"}";

        (void)state;
        assert_true(test_alloc_each(parse_once, text) >= 4);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_good),
                cmocka_unit_test(test_null_is_absent),
                cmocka_unit_test(test_account_of_the_profile),
                cmocka_unit_test(test_files),
                cmocka_unit_test(test_arguments),
                cmocka_unit_test(test_bad_command),
                cmocka_unit_test(test_path),
                cmocka_unit_test(test_environment),
                cmocka_unit_test(test_bad_output),
                cmocka_unit_test(test_expired),
                cmocka_unit_test(test_memory),
        };

        return cmocka_run_group_tests(tests, test_files_setup, test_files_teardown);
}
