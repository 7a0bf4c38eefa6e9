/* SPDX-License-Identifier: Apache-2.0 */
#include "../../../support/test.h"
#include "../../files.h"
#include "aws/credentials/providers/web_identity.h"
#include "pail/util/str.h"
#include "stage.h"

#define ROLE "arn:aws:iam::123456789012:role/r"

static void open_identity(struct stage *stage, void **state, const char *config, bool with_environment)
{
        stage_open(stage, state, config, NULL, "a");
        assert_int_equal(pail_provider_web_identity_add(stage->chain, &stage->context, "a", with_environment), 0);
}

/* A profile whose token is in a file of that name in the test's directory. */
static const char *profile_with(void **state, const char *token_file, const char *more)
{
        static char config[8192];

        snprintf(config, sizeof(config), "[profile a]\nweb_identity_token_file = %s\n%s",
                 test_files_path(state, token_file), more);
        return config;
}

static void set_token_variable(struct stage *stage, void **state, const char *token_file)
{
        char variable[4200];

        snprintf(variable, sizeof(variable), "AWS_WEB_IDENTITY_TOKEN_FILE=%s", test_files_path(state, token_file));
        stage_set(stage, variable);
}

static void test_profile(void **state)
{
        struct stage stage;

        stage_begin(&stage, state);
        test_files_write(state, "token", "first+token/==\n");
        open_identity(&stage, state, profile_with(state, "token", "role_arn = " ROLE "\nrole_session_name = me\n"),
                      false);
        script_answer(stage.script, "200 OK", stage_sts_answer("ASIA1"));
        script_answer(stage.script, "200 OK", stage_sts_answer("ASIA2"));
        stage_expect_key(&stage, "ASIA1", "assume-role-with-web-identity");
        const struct asked *asked = script_asked(stage.script, 0);
        assert_string_equal(stage_form_value(asked, "Action"), "AssumeRoleWithWebIdentity");
        assert_string_equal(stage_form_value(asked, "RoleArn"), ROLE);
        assert_string_equal(stage_form_value(asked, "RoleSessionName"), "me");
        assert_string_equal(stage_form_value(asked, "WebIdentityToken"), "first+token/==");
        assert_null(seen_header(&asked->seen, "Authorization"));

        /* The file is read again each time. */
        test_files_write(state, "token", "second");
        stage_expect_key(&stage, "ASIA2", "assume-role-with-web-identity");
        assert_string_equal(stage_form_value(script_asked(stage.script, 1), "WebIdentityToken"), "second");
        stage_end(&stage);
}

/* The environment comes first, each setting on its own; an explicit profile removes it. */
static void test_environment(void **state)
{
        struct stage stage;

        stage_begin(&stage, state);
        test_files_write(state, "token", "of the profile");
        test_files_write(state, "other", "of-the-environment");
        set_token_variable(&stage, state, "other");
        stage_set(&stage, "AWS_ROLE_ARN=" ROLE "env");
        stage_set(&stage, "AWS_ROLE_SESSION_NAME=session");
        open_identity(&stage, state, profile_with(state, "token", "role_arn = " ROLE "\n"), true);
        script_answer(stage.script, "200 OK", stage_sts_answer("ASIA1"));
        stage_expect_key(&stage, "ASIA1", "assume-role-with-web-identity");
        const struct asked *asked = script_asked(stage.script, 0);
        assert_string_equal(stage_form_value(asked, "RoleArn"), ROLE "env");
        assert_string_equal(stage_form_value(asked, "RoleSessionName"), "session");
        assert_string_equal(stage_form_value(asked, "WebIdentityToken"), "of-the-environment");
        stage_close(&stage);

        open_identity(&stage, state, "[profile a]\nregion = r\n", false);
        assert_int_equal(stage_load(&stage), -ENOENT);
        stage_end(&stage);
}

static void test_wrong_tokens(void **state)
{
        static const struct {
                const char *token, *words;
        } cases[] = {
                { "", "is empty" },
                { "\r\n\n", "is empty" },
                { "two\nlines\n", "is not one word" },
                { "two words", "is not one word" },
                { "caf\xc3\xa9", "is not one word" },
                { NULL, "No such file" },
        };
        struct stage stage;

        stage_begin(&stage, state);
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                if (cases[i].token)
                        test_files_write(state, "token", cases[i].token);
                else
                        unlink(test_files_path(state, "token"));
                open_identity(&stage, state, profile_with(state, "token", "role_arn = " ROLE "\n"), false);
                stage_expect_error(&stage, PAIL_ERROR_CREDENTIALS, cases[i].words);
                assert_non_null(strstr(stage.error.message, "profile \"a\""));
                assert_non_null(strstr(stage.error.message, "/token"));
                stage_close(&stage);
        }
        char *large = malloc(65 * 1024 + 1);
        assert_non_null(large);
        memset(large, 'x', 65 * 1024);
        large[65 * 1024] = '\0';
        test_files_write(state, "token", large);
        free(large);
        open_identity(&stage, state, profile_with(state, "token", "role_arn = " ROLE "\n"), false);
        stage_expect_error(&stage, PAIL_ERROR_CREDENTIALS, "is longer than any token");
        stage_close(&stage);
        open_identity(&stage, state, profile_with(state, "token", ""), false);
        stage_expect_error(&stage, PAIL_ERROR_CONFIG, "is for no role");
        assert_int_equal(script_count(stage.script), 0);
        stage_end(&stage);
}

/* What STS may say; the words are the same for a role with keys. */
static void test_answers(void **state)
{
        static const char missing[] =
                "<R><Credentials><AccessKeyId>A</AccessKeyId><SessionToken>t</SessionToken><Expiration>"
                "2030-01-01T00:00:00Z</Expiration></Credentials></R>";
        static const char bad_time[] =
                "<R><Credentials><AccessKeyId>A</AccessKeyId><SecretAccessKey>SECRET</SecretAccessKey>"
                "<SessionToken>t</SessionToken><Expiration>soon</Expiration></Credentials></R>";
        const struct {
                const char *status, *body;
                enum pail_error_class class;
                const char *words, *code;
        } cases[] = {
                { "200 OK", "<html>SECRET</html>", PAIL_ERROR_CREDENTIALS, "without complete credentials", "" },
                { "200 OK", "{\"a\": \"SECRET\"}", PAIL_ERROR_CREDENTIALS, "with what is not its XML", "" },
                { "200 OK", "", PAIL_ERROR_CREDENTIALS, "with what is not its XML", "" },
                { "200 OK", missing, PAIL_ERROR_CREDENTIALS, "without complete credentials", "" },
                { "200 OK", bad_time, PAIL_ERROR_CREDENTIALS, "without complete credentials", "" },
                { "200 OK", "<!DOCTYPE a><a/>", PAIL_ERROR_CREDENTIALS, "with what is not its XML", "" },
                { "404 No", "<html>", PAIL_ERROR_CREDENTIALS, "refuses (HTTP status 404)", "" },
                { "403 No", stage_sts_error("AccessDenied"), PAIL_ERROR_CREDENTIALS,
                  "profile \"a\", role " ROLE ": STS at http://127.0.0.1:", "AccessDenied" },
        };
        struct stage stage;

        stage_begin(&stage, state);
        test_files_write(state, "token", "SECRETtoken");
        open_identity(&stage, state, profile_with(state, "token", "role_arn = " ROLE "\n"), false);
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                script_answer(stage.script, cases[i].status, cases[i].body);
                stage_expect_error(&stage, cases[i].class, cases[i].words);
                assert_string_equal(stage.error.code, cases[i].code);
        }
        script_answer(stage.script, "400 Bad", stage_sts_error("InvalidIdentityToken"));
        stage_expect_error(&stage, PAIL_ERROR_CREDENTIALS,
                           "does not accept the web identity token (InvalidIdentityToken, ");
        assert_int_equal(script_count(stage.script), TEST_COUNT(cases) + 1);
        stage_end(&stage);
}

/* The identity provider of STS was not reachable: a matter of time. */
static void test_retries(void **state)
{
        struct stage stage;

        stage_begin(&stage, state);
        test_files_write(state, "token", "t");
        open_identity(&stage, state, profile_with(state, "token", "role_arn = " ROLE "\n"), false);
        script_answer(stage.script, "400 Bad", stage_sts_error("IDPCommunicationError"));
        script_answer(stage.script, "503 Sorry", "");
        script_answer(stage.script, "200 OK", stage_sts_answer("ASIA1"));
        stage_expect_key(&stage, "ASIA1", "assume-role-with-web-identity");
        for (unsigned i = 0; i < 3; i++)
                script_answer(stage.script, "400 Bad", stage_sts_error("IDPCommunicationError"));
        stage_expect_error(&stage, PAIL_ERROR_SERVICE, "fails (IDPCommunicationError, HTTP status 400)");
        for (unsigned i = 0; i < 3; i++)
                script_answer(stage.script, "500 Sorry", "<html>");
        stage_expect_error(&stage, PAIL_ERROR_SERVICE, "fails (HTTP status 500)");
        assert_int_equal(stage.error.http_status, 500);
        assert_int_equal(script_count(stage.script), 9);
        stage_end(&stage);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_profile, test_files_setup, test_files_teardown),
                cmocka_unit_test_setup_teardown(test_environment, test_files_setup, test_files_teardown),
                cmocka_unit_test_setup_teardown(test_wrong_tokens, test_files_setup, test_files_teardown),
                cmocka_unit_test_setup_teardown(test_answers, test_files_setup, test_files_teardown),
                cmocka_unit_test_setup_teardown(test_retries, test_files_setup, test_files_teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
