/* SPDX-License-Identifier: Apache-2.0 */
#include "../../../support/test.h"
#include "../../files.h"
#include "aws/credentials/chain.h"
#include "aws/credentials/providers/assume_role.h"
#include "pail/util/clock.h"
#include "pail/util/str.h"
#include "stage.h"

#define ROLE "arn:aws:iam::123456789012:role/"
#define KEYS(who) "aws_access_key_id = AK" who "\naws_secret_access_key = SECRET" who "\n"

static void open_role(struct stage *stage, void **state, const char *config, const char *credentials)
{
        stage_open(stage, state, config, credentials, "a");
        assert_int_equal(pail_provider_assume_role_add(stage->chain, &stage->context, "a", pail_chain_fill_source), 0);
}

static void assert_form(const struct asked *asked, const char *name, const char *value)
{
        const char *found = stage_form_value(asked, name);

        if (!value)
                assert_null(found);
        else
                assert_string_equal(found, value);
}

static void test_request(void **state)
{
        struct stage stage;

        stage_begin(&stage, state);
        open_role(&stage, state,
                  "[profile a]\nrole_arn = " ROLE "r\nsource_profile = b\nregion = eu-west-1\nexternal_id = x&y =\n"
                  "role_session_name = me\nduration_seconds = 900\n",
                  "[b]\n" KEYS("b") "aws_session_token = tb\n");
        script_answer(stage.script, "200 OK", stage_sts_answer("ASIA1"));
        stage_expect_key(&stage, "ASIA1", "assume-role");
        assert_string_equal(stage.credentials.secret_access_key, "SECRET");
        assert_string_equal(stage.credentials.session_token, "token of ASIA1");
        assert_string_equal(stage.credentials.account_id, "123456789012");
        assert_in_range(stage.credentials.expires_at, pail_clock_now().tv_sec + 3500, pail_clock_now().tv_sec + 3600);

        const struct asked *asked = script_asked(stage.script, 0);
        assert_string_equal(asked->seen.method, "POST");
        assert_string_equal(asked->seen.target, "/");
        assert_non_null(strstr(seen_header(&asked->seen, "Content-Type"), "application/x-www-form-urlencoded"));
        assert_non_null(strstr(seen_header(&asked->seen, "Authorization"), "Credential=AKb/"));
        assert_non_null(strstr(seen_header(&asked->seen, "Authorization"), "/eu-west-1/sts/aws4_request"));
        assert_string_equal(seen_header(&asked->seen, "X-Amz-Security-Token"), "tb");
        assert_form(asked, "Action", "AssumeRole");
        assert_form(asked, "Version", "2011-06-15");
        assert_form(asked, "RoleArn", ROLE "r");
        assert_form(asked, "RoleSessionName", "me");
        assert_form(asked, "ExternalId", "x&y =");
        assert_form(asked, "DurationSeconds", "900");
        assert_form(asked, "SerialNumber", NULL);
        assert_form(asked, "WebIdentityToken", NULL);
        stage_end(&stage);
}

static void test_defaults(void **state)
{
        struct stage stage;

        stage_begin(&stage, state);
        open_role(&stage, state,
                  "[profile a]\nrole_arn = " ROLE "r\nsource_profile = b\nduration_seconds = long\nexternal_id =\n",
                  "[b]\n" KEYS("b"));
        script_answer(stage.script, "200 OK", stage_sts_answer("ASIA1"));
        stage_expect_key(&stage, "ASIA1", "assume-role");
        const struct asked *asked = script_asked(stage.script, 0);
        assert_true(pail_str_starts_with(stage_form_value(asked, "RoleSessionName"), "pail-"));
        assert_form(asked, "DurationSeconds", NULL);
        assert_form(asked, "ExternalId", NULL);
        assert_non_null(strstr(seen_header(&asked->seen, "Authorization"), "/us-east-1/sts/aws4_request"));
        assert_null(seen_header(&asked->seen, "X-Amz-Security-Token"));
        stage_end(&stage);
}

static void test_not_a_role(void **state)
{
        static const char *const configs[] = {
                "[profile a]\nregion = x\n",
                "[profile a]\nrole_arn = " ROLE "r\nweb_identity_token_file = /f\n",
                "[profile a]\nsource_profile = b\n",
        };
        struct stage stage;

        stage_begin(&stage, state);
        for (size_t i = 0; i < TEST_COUNT(configs); i++) {
                open_role(&stage, state, configs[i], NULL);
                assert_int_equal(stage_load(&stage), -ENOENT);
                stage_close(&stage);
        }
        assert_int_equal(script_count(stage.script), 0);
        stage_end(&stage);
}

/* Three roles one behind the other: each is assumed with the keys of the one behind it. */
static void test_chained(void **state)
{
        struct stage stage;

        stage_begin(&stage, state);
        open_role(&stage, state,
                  "[profile a]\nrole_arn = " ROLE "ra\nsource_profile = b\n[profile b]\nrole_arn = " ROLE
                  "rb\nsource_profile = c\n[profile c]\nrole_arn = " ROLE
                  "rc\nsource_profile = d\n[profile d]\n" KEYS("d"),
                  NULL);
        script_answer(stage.script, "200 OK", stage_sts_answer("ASIAc"));
        script_answer(stage.script, "200 OK", stage_sts_answer("ASIAb"));
        script_answer(stage.script, "200 OK", stage_sts_answer("ASIAa"));
        stage_expect_key(&stage, "ASIAa", "assume-role");
        static const char *const roles[] = { ROLE "rc", ROLE "rb", ROLE "ra" };
        static const char *const keys[] = { "Credential=AKd/", "Credential=ASIAc/", "Credential=ASIAb/" };
        for (unsigned i = 0; i < 3; i++) {
                const struct asked *asked = script_asked(stage.script, i);
                assert_form(asked, "RoleArn", roles[i]);
                assert_non_null(strstr(seen_header(&asked->seen, "Authorization"), keys[i]));
        }
        assert_string_equal(seen_header(&script_asked(stage.script, 2)->seen, "X-Amz-Security-Token"),
                            "token of ASIAb");

        /* Again, as for a renewal: the plan is the same. */
        for (unsigned i = 0; i < 3; i++)
                script_answer(stage.script, "200 OK", stage_sts_answer("ASIAnew"));
        stage_expect_key(&stage, "ASIAnew", "assume-role");
        assert_int_equal(script_count(stage.script), 6);
        stage_end(&stage);
}

static void test_self(void **state)
{
        struct stage stage;

        stage_begin(&stage, state);
        open_role(&stage, state, "[profile a]\nrole_arn = " ROLE "r\nsource_profile = a\n", "[a]\n" KEYS("a"));
        script_answer(stage.script, "200 OK", stage_sts_answer("ASIA1"));
        stage_expect_key(&stage, "ASIA1", "assume-role");
        assert_non_null(strstr(seen_header(&script_asked(stage.script, 0)->seen, "Authorization"), "Credential=AKa/"));
        stage_end(&stage);
}

static void test_environment(void **state)
{
        struct stage stage;

        stage_begin(&stage, state);
        stage_set(&stage, "AWS_ACCESS_KEY_ID=AKenv");
        stage_set(&stage, "AWS_SECRET_ACCESS_KEY=SECRETenv");
        open_role(&stage, state, "[profile a]\nrole_arn = " ROLE "r\ncredential_source = Environment\n", NULL);
        script_answer(stage.script, "200 OK", stage_sts_answer("ASIA1"));
        stage_expect_key(&stage, "ASIA1", "assume-role");
        assert_non_null(
                strstr(seen_header(&script_asked(stage.script, 0)->seen, "Authorization"), "Credential=AKenv/"));
        stage_end(&stage);
}

static void test_wrong_profiles(void **state)
{
        static const struct {
                const char *config;
                enum pail_error_class class;
                const char *words;
        } cases[] = {
                { "[profile a]\nrole_arn =\nsource_profile = b\n[profile b]\n" KEYS("b"), PAIL_ERROR_CONFIG,
                  "role_arn is empty" },
                { "[profile a]\nrole_arn = r\n", PAIL_ERROR_CREDENTIALS,
                  "profile \"a\" has role_arn without source_profile or credential_source" },
                { "[profile a]\nrole_arn = r\nsource_profile = b\ncredential_source = Environment\n", PAIL_ERROR_CONFIG,
                  "source_profile and credential_source are both there" },
                { "[profile a]\nrole_arn = r\ncredential_source = environment\n", PAIL_ERROR_CONFIG,
                  "credential_source = \"environment\": Environment, Ec2InstanceMetadata or EcsContainer is expected" },
                { "[profile a]\nrole_arn = r\ncredential_source = Environment\n", PAIL_ERROR_CREDENTIALS,
                  "profile \"a\": credential_source Environment has no credentials" },
                { "[profile a]\nrole_arn = r\nsource_profile = b\n", PAIL_ERROR_CONFIG, "there is no profile \"b\"" },
                { "[profile a]\nrole_arn = r\nsource_profile = b\n[profile b]\nregion = x\n", PAIL_ERROR_CONFIG,
                  "source_profile \"b\" has no credentials" },
                { "[profile a]\nrole_arn = r\nsource_profile = a\n", PAIL_ERROR_CONFIG, "names the profile itself" },
                { "[profile a]\nrole_arn = r\nsource_profile = b\n[profile b]\nrole_arn = r\nsource_profile = a\n",
                  PAIL_ERROR_CONFIG, "profile \"b\" in " },
                { "[profile a]\nrole_arn = r\nsource_profile = b\n[profile b]\nrole_arn = r\nsource_profile = a\n",
                  PAIL_ERROR_CONFIG, "source_profile \"a\" leads back" },
                { "[profile a]\nrole_arn = r\nsource_profile = b\n[profile b]\naws_access_key_id = k\n",
                  PAIL_ERROR_CREDENTIALS, "profile \"b\"" },
        };
        struct stage stage;

        stage_begin(&stage, state);
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                open_role(&stage, state, cases[i].config, NULL);
                stage_expect_error(&stage, cases[i].class, cases[i].words);
                stage_expect_error(&stage, cases[i].class, cases[i].words); /* nothing of the first try is left */
                stage_close(&stage);
        }
        assert_int_equal(script_count(stage.script), 0);
        stage_end(&stage);
}

static void test_too_many(void **state)
{
        struct stage stage;
        char config[4096] = "";
        size_t length = 0;

        for (char name = 'a'; name < 'z'; name++)
                length += (size_t)snprintf(config + length, sizeof(config) - length,
                                           "[profile %c]\nrole_arn = r\nsource_profile = %c\n", name, name + 1);
        snprintf(config + length, sizeof(config) - length, "[profile z]\n" KEYS("z"));
        stage_begin(&stage, state);
        open_role(&stage, state, config, NULL);
        stage_expect_error(&stage, PAIL_ERROR_CONFIG, "a role behind 16 other roles");
        stage_end(&stage);
}

static int type_code(void *context, const char *serial, char *ret_code, size_t size)
{
        assert_string_equal(serial, "arn:mfa");
        if (*(const int *)context < 0)
                return *(const int *)context;
        pail_str_copy(ret_code, size, *(const int *)context ? "123456" : "");
        return 0;
}

static void test_mfa(void **state)
{
        struct stage stage;
        int result = 1;

        stage_begin(&stage, state);
        open_role(&stage, state, "[profile a]\nrole_arn = r\nsource_profile = b\nmfa_serial = arn:mfa\n",
                  "[b]\n" KEYS("b"));
        stage_expect_error(&stage, PAIL_ERROR_CREDENTIALS,
                           "the MFA device arn:mfa: there is no terminal to ask for it");
        stage.context.ask_mfa = type_code;
        stage.context.ask_context = &result;
        script_answer(stage.script, "200 OK", stage_sts_answer("ASIA1"));
        stage_expect_key(&stage, "ASIA1", "assume-role");
        assert_form(script_asked(stage.script, 0), "SerialNumber", "arn:mfa");
        assert_form(script_asked(stage.script, 0), "TokenCode", "123456");
        result = 0;
        stage_expect_error(&stage, PAIL_ERROR_CREDENTIALS, "none was given");
        result = -ENXIO;
        stage_expect_error(&stage, PAIL_ERROR_CREDENTIALS, "there is no terminal");
        assert_int_equal(script_count(stage.script), 1);
        stage_end(&stage);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_request, test_files_setup, test_files_teardown),
                cmocka_unit_test_setup_teardown(test_defaults, test_files_setup, test_files_teardown),
                cmocka_unit_test_setup_teardown(test_not_a_role, test_files_setup, test_files_teardown),
                cmocka_unit_test_setup_teardown(test_chained, test_files_setup, test_files_teardown),
                cmocka_unit_test_setup_teardown(test_self, test_files_setup, test_files_teardown),
                cmocka_unit_test_setup_teardown(test_environment, test_files_setup, test_files_teardown),
                cmocka_unit_test_setup_teardown(test_wrong_profiles, test_files_setup, test_files_teardown),
                cmocka_unit_test_setup_teardown(test_too_many, test_files_setup, test_files_teardown),
                cmocka_unit_test_setup_teardown(test_mfa, test_files_setup, test_files_teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
