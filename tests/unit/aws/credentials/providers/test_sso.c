/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/stat.h>

#include "../../../support/test.h"
#include "../../files.h"
#include "aws/config/json.h"
#include "aws/credentials/providers/sso.h"
#include "pail/util/buf.h"
#include "pail/util/clock.h"
#include "pail/util/file.h"
#include "stage.h"

enum { ATTEMPTS = 3 };

#define START "https://start"
#define ROLE_KEYS "sso_account_id = 123456789012\nsso_role_name = reader & co\n"
/* SHA-1 of "https://start" and of "corp". */
#define START_FILE "6ad0e7e61d1f47e491ea32c2031add41ef92e07d.json"
#define CORP_FILE "ee0bfd2552fbd840c02cc48b6e823320543c450f.json"

static const char legacy[] = "[profile a]\nsso_start_url = " START "\nsso_region = eu-west-1\n" ROLE_KEYS;
static const char session[] = "[profile a]\nsso_session = corp\n" ROLE_KEYS "[sso-session corp]\nsso_start_url = " START
                              "\nsso_region = eu-west-1\n";

static void open_sso(struct stage *stage, void **state, const char *config)
{
        stage_open(stage, state, config, NULL, "a");
        assert_int_equal(pail_provider_sso_add(stage->chain, &stage->context, "a"), 0);
}

static const char *in(int64_t seconds)
{
        static char texts[2][32];
        static unsigned next;
        char *text = texts[next++ % 2];
        time_t time = pail_clock_now().tv_sec + seconds;
        struct tm parts;

        strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&time, &parts));
        return text;
}

static const char *token_path(void **state, const char *name)
{
        static char path[4200];

        snprintf(path, sizeof(path), "%s/.aws/sso/cache/%s", (const char *)*state, name);
        return path;
}

static void write_token(void **state, const char *name, const char *text)
{
        assert_int_equal(pail_file_mkdirs(test_files_path(state, ".aws/sso/cache"), 0700), 0);
        assert_int_equal(pail_file_replace(token_path(state, name), text, strlen(text)), 0);
}

static const char *token(int64_t seconds_left)
{
        static char text[512];

        snprintf(text, sizeof(text),
                 "{\"startUrl\": \"" START "\", \"accessToken\": \"SECRETold\", \"expiresAt\": \"%s\"}",
                 in(seconds_left));
        return text;
}

static const char *renewable_token(int64_t seconds_left, int64_t registration_left)
{
        static char text[1024];

        snprintf(
                text, sizeof(text),
                "{\"accessToken\": \"SECRETold\", \"expiresAt\": \"%s\", \"clientId\": \"id\", \"clientSecret\": \"SECRETclient\", "
                "\"registrationExpiresAt\": \"%s\", \"refreshToken\": \"SECRETrefresh\", \"unknown\": [1]}",
                in(seconds_left), in(registration_left));
        return text;
}

static void test_request(void **state)
{
        struct stage stage;

        stage_begin(&stage, state);
        write_token(state, START_FILE, token(3600));
        open_sso(&stage, state, legacy);
        script_answer(stage.script, "200 OK", stage_sso_answer("ASIA1"));
        stage_expect_key(&stage, "ASIA1", "sso");
        assert_string_equal(stage.credentials.secret_access_key, "SECRET");
        assert_string_equal(stage.credentials.session_token, "t");
        assert_string_equal(stage.credentials.account_id, "123456789012");
        assert_in_range(stage.credentials.expires_at, pail_clock_now().tv_sec + 3500, pail_clock_now().tv_sec + 3600);
        const struct asked *asked = script_asked(stage.script, 0);
        assert_string_equal(asked->seen.method, "GET");
        assert_string_equal(asked->seen.target,
                            "/federation/credentials?role_name=reader%20%26%20co&account_id=123456789012");
        assert_string_equal(seen_header(&asked->seen, "x-amz-sso_bearer_token"), "SECRETold");
        stage_close(&stage);

        write_token(state, CORP_FILE, token(3600));
        open_sso(&stage, state, session);
        script_answer(stage.script, "200 OK", stage_sso_answer("ASIA2"));
        stage_expect_key(&stage, "ASIA2", "sso");
        stage_end(&stage);
}

static void test_profiles(void **state)
{
        static const struct {
                const char *config, *words;
        } cases[] = {
                { "[profile a]\nsso_account_id = 1\n", "needs sso_role_name as well" },
                { "[profile a]\nsso_role_name = r\nsso_account_id =\n", "needs sso_account_id as well" },
                { "[profile a]\nsso_role_name = r\nsso_account_id = 1\nsso_region = x\n",
                  "needs sso_start_url as well" },
                { "[profile a]\n" ROLE_KEYS "sso_session = corp\n", "there is no section [sso-session corp]" },
                { "[profile a]\n" ROLE_KEYS
                  "sso_session = corp\nsso_region = x\n[sso-session corp]\nsso_start_url = u\n",
                  "[sso-session corp] lacks sso_region" },
                { "[profile a]\n" ROLE_KEYS
                  "sso_session = corp\nsso_region = x\n[sso-session corp]\nsso_start_url = u\nsso_region = y\n",
                  "sso_region is another one than in [sso-session corp]" },
        };
        struct stage stage;

        stage_begin(&stage, state);
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                open_sso(&stage, state, cases[i].config);
                stage_expect_error(&stage, PAIL_ERROR_CONFIG, cases[i].words);
                assert_non_null(strstr(stage.error.message, "profile \"a\" in "));
                stage_close(&stage);
        }
        open_sso(&stage, state, "[profile a]\nsso_start_url = u\nsso_session = corp\n");
        assert_int_equal(stage_load(&stage), -ENOENT);
        assert_int_equal(script_count(stage.script), 0);
        stage_end(&stage);
}

static void test_wrong_tokens(void **state)
{
        static const struct {
                const char *text, *words;
        } cases[] = {
                { NULL, "there is no SSO token; run: aws sso login --sso-session corp" },
                { "", "is not JSON" },
                { "{\"accessToken\": \"SECRET\"}", "\"expiresAt\" is missing" },
                { "{\"accessToken\": 5, \"expiresAt\": \"2100-01-01T00:00:00Z\"}", "\"accessToken\" is no string" },
                { "{\"expiresAt\": \"2100-01-01T00:00:00Z\"}", "\"accessToken\" is missing" },
                { "{\"accessToken\": \"SECRET\", \"expiresAt\": \"soon\"}", "is not a time" },
                { "{\"accessToken\": \"SECRET\", \"expiresAt\": \"2020-01-01T00:00:00Z\"}",
                  "the SSO token has expired; run: aws sso login --sso-session corp" },
                { "{\"accessToken\": \"SECRET\", \"expiresAt\": \"2020-01-01T00:00:00UTC\"}", "has expired" },
                { "{\"accessToken\": \"SECRET\\r\\nHost: x\", \"expiresAt\": \"2100-01-01T00:00:00Z\"}",
                  "cannot be sent" },
        };
        struct stage stage;

        stage_begin(&stage, state);
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                if (cases[i].text)
                        write_token(state, CORP_FILE, cases[i].text);
                open_sso(&stage, state, session);
                stage_expect_error(&stage, i + 1 < TEST_COUNT(cases) ? PAIL_ERROR_CREDENTIALS : PAIL_ERROR_SYSTEM,
                                   cases[i].words);
                stage_close(&stage);
        }
        assert_int_equal(script_count(stage.script), 0);
        stage_end(&stage);
}

static void test_answers(void **state)
{
        static const struct {
                const char *status, *body;
                enum pail_error_class class;
                const char *words;
        } cases[] = {
                { "200 OK", "<html>SECRET", PAIL_ERROR_CREDENTIALS, "/federation/credentials is not JSON" },
                { "200 OK", "{}", PAIL_ERROR_CREDENTIALS, "\"roleCredentials\" is missing" },
                { "200 OK", "{\"roleCredentials\": \"SECRET\"}", PAIL_ERROR_CREDENTIALS,
                  "\"roleCredentials\" is no object" },
                { "200 OK", "{\"roleCredentials\": {\"accessKeyId\": \"A\"}}", PAIL_ERROR_CREDENTIALS,
                  "\"secretAccessKey\" is missing" },
                { "200 OK",
                  "{\"roleCredentials\": {\"accessKeyId\": \"A\", \"secretAccessKey\": \"SECRET\", \"sessionToken\": \"t\", "
                  "\"expiration\": \"soon\"}}",
                  PAIL_ERROR_CREDENTIALS, "\"expiration\" is no whole number" },
                { "401 No", "{}", PAIL_ERROR_CREDENTIALS, "run: aws sso login --profile a" },
                { "403 No", "{}", PAIL_ERROR_CREDENTIALS, "the role reader & co of account 123456789012" },
        };
        struct stage stage;

        stage_begin(&stage, state);
        write_token(state, START_FILE, token(3600));
        open_sso(&stage, state, legacy);
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                script_answer(stage.script, cases[i].status, cases[i].body);
                stage_expect_error(&stage, cases[i].class, cases[i].words);
        }
        for (unsigned i = 0; i < 3; i++)
                script_answer(stage.script, "502 Sorry", "<html>");
        stage_expect_error(&stage, PAIL_ERROR_SERVICE, "SSO fails, HTTP status 502");
        assert_int_equal(script_count(stage.script), TEST_COUNT(cases) + 3);
        stage_end(&stage);
}

/* What the file says now. */
static void assert_file(void **state, const char *access, const char *refresh)
{
        struct pail_error error = PAIL_ERROR_INIT;
        struct json_t *object = NULL;
        const char *value = NULL;
        int64_t expires_at = 0;
        struct stat status;
        struct pail_buf text;

        pail_buf_init(&text, 4096);
        assert_int_equal(pail_file_read(token_path(state, CORP_FILE), &text), 0);
        assert_int_equal(pail_json_parse("it", text.data, text.length, &object, &error), 0);
        pail_json_need_string("it", object, "accessToken", &value, &error);
        assert_string_equal(value, access);
        pail_json_need_string("it", object, "refreshToken", &value, &error);
        assert_string_equal(value, refresh);
        pail_json_need_string("it", object, "clientSecret", &value, &error);
        assert_string_equal(value, "SECRETclient");
        pail_json_need_string("it", object, "startUrl", &value, &error);
        assert_string_equal(value, START);
        pail_json_want_time("it", object, "expiresAt", &expires_at, &error);
        assert_in_range(expires_at, pail_clock_now().tv_sec + 7100, pail_clock_now().tv_sec + 7200);
        assert_non_null(strstr(text.data, "\"unknown\""));
        assert_int_equal(stat(token_path(state, CORP_FILE), &status), 0);
        assert_int_equal(status.st_mode & 07777, 0600);
        pail_json_free(object);
        pail_buf_done(&text);
}

static void test_renewal(void **state)
{
        struct stage stage;

        stage_begin(&stage, state);
        write_token(state, CORP_FILE, renewable_token(14 * 60, 3600));
        open_sso(&stage, state, session);
        script_answer(stage.script, "200 OK",
                      "{\"accessToken\": \"SECRETnew\", \"expiresIn\": 7200, \"refreshToken\": \"SECRETnext\"}");
        script_answer(stage.script, "200 OK", stage_sso_answer("ASIA1"));
        stage_expect_key(&stage, "ASIA1", "sso");
        const struct asked *asked = script_asked(stage.script, 0);
        assert_string_equal(asked->seen.method, "POST");
        assert_string_equal(asked->seen.target, "/token");
        assert_string_equal(seen_header(&asked->seen, "Content-Type"), "application/json");
        struct pail_error error = PAIL_ERROR_INIT;
        struct json_t *object = NULL;
        static const char *const expected[][2] = { { "grantType", "refresh_token" },
                                                   { "clientId", "id" },
                                                   { "clientSecret", "SECRETclient" },
                                                   { "refreshToken", "SECRETrefresh" } };
        assert_int_equal(pail_json_parse("it", asked->body, strlen(asked->body), &object, &error), 0);
        for (size_t i = 0; i < TEST_COUNT(expected); i++) {
                const char *value = NULL;
                assert_int_equal(pail_json_need_string("it", object, expected[i][0], &value, &error), 0);
                assert_string_equal(value, expected[i][1]);
        }
        pail_json_free(object);
        assert_string_equal(seen_header(&script_asked(stage.script, 1)->seen, "x-amz-sso_bearer_token"), "SECRETnew");
        assert_file(state, "SECRETnew", "SECRETnext");

        /* It is good now. */
        script_answer(stage.script, "200 OK", stage_sso_answer("ASIA2"));
        stage_expect_key(&stage, "ASIA2", "sso");
        assert_int_equal(script_count(stage.script), 3);
        stage_end(&stage);
}

/* A failure is none while the old token is good; there is one try a minute. */
static void test_renewal_fails(void **state)
{
        static const char *const answers[][2] = {
                { "400 Bad", "{\"error\": \"invalid_grant\"}" },
                { "200 OK", "<html>" },
                { "200 OK", "{\"expiresIn\": 7200}" },
                { "200 OK", "{\"accessToken\": \"x\", \"expiresIn\": \"7200\"}" },
                { "200 OK", "{\"accessToken\": \"x\", \"expiresIn\": -1}" },
        };
        struct stage stage;

        stage_begin(&stage, state);
        for (size_t i = 0; i < TEST_COUNT(answers); i++) {
                write_token(state, CORP_FILE, renewable_token(5 * 60, 3600));
                open_sso(&stage, state, session);
                unsigned before = script_count(stage.script);
                script_answer(stage.script, answers[i][0], answers[i][1]);
                for (unsigned j = 0; j < 2; j++) {
                        script_answer(stage.script, "200 OK", stage_sso_answer("ASIA1"));
                        stage_expect_key(&stage, "ASIA1", "sso");
                }
                assert_int_equal(script_count(stage.script), before + 3);
                assert_string_equal(
                        seen_header(&script_asked(stage.script, before + 2)->seen, "x-amz-sso_bearer_token"),
                        "SECRETold");
                stage_close(&stage);
        }
        unsigned before = script_count(stage.script);
        write_token(state, CORP_FILE, renewable_token(-5, 3600));
        open_sso(&stage, state, session);
        script_answer(stage.script, "400 Bad", "{}");
        stage_expect_error(&stage, PAIL_ERROR_CREDENTIALS, "has expired; run: aws sso login --sso-session corp");
        stage_expect_error(&stage, PAIL_ERROR_CREDENTIALS, "has expired");
        assert_int_equal(script_count(stage.script), before + 1);
        pail_clock_test_advance(61 * 1000);
        script_answer(stage.script, "400 Bad", "{}");
        stage_expect_error(&stage, PAIL_ERROR_CREDENTIALS, "has expired");
        assert_int_equal(script_count(stage.script), before + 2);
        stage_close(&stage);

        /* A registration that is over, or a profile without sso-session: nothing to renew with. */
        write_token(state, CORP_FILE, renewable_token(-5, -5));
        open_sso(&stage, state, session);
        stage_expect_error(&stage, PAIL_ERROR_CREDENTIALS, "has expired");
        stage_close(&stage);
        write_token(state, START_FILE, renewable_token(-5, 3600));
        open_sso(&stage, state, legacy);
        stage_expect_error(&stage, PAIL_ERROR_CREDENTIALS, "has expired");
        assert_int_equal(script_count(stage.script), before + 2);
        stage_end(&stage);
}

/* A service that is away has not refused: it is asked again by the very next load. */
static void test_outage(void **state)
{
        struct stage stage;

        stage_begin(&stage, state);
        write_token(state, CORP_FILE, renewable_token(-5, 3600));
        open_sso(&stage, state, session);
        for (unsigned i = 0; i < ATTEMPTS; i++)
                script_answer(stage.script, "503 No", "");
        stage_expect_error(&stage, PAIL_ERROR_SERVICE, "SSO OIDC");
        script_answer(stage.script, "200 OK", "{\"accessToken\": \"SECRETnew\", \"expiresIn\": 7200}");
        script_answer(stage.script, "200 OK", stage_sso_answer("ASIA1"));
        stage_expect_key(&stage, "ASIA1", "sso");
        assert_int_equal(script_count(stage.script), ATTEMPTS + 2);
        stage_end(&stage);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_request, test_files_setup, test_files_teardown),
                cmocka_unit_test_setup_teardown(test_profiles, test_files_setup, test_files_teardown),
                cmocka_unit_test_setup_teardown(test_wrong_tokens, test_files_setup, test_files_teardown),
                cmocka_unit_test_setup_teardown(test_answers, test_files_setup, test_files_teardown),
                cmocka_unit_test_setup_teardown(test_renewal, test_files_setup, test_files_teardown),
                cmocka_unit_test_setup_teardown(test_renewal_fails, test_files_setup, test_files_teardown),
                cmocka_unit_test_setup_teardown(test_outage, test_files_setup, test_files_teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
