/* SPDX-License-Identifier: Apache-2.0 */
/* The providers that have the keys themselves: of the environment, of the files, of the caller. */
#include <string.h>

#include "../../../support/alloc.h"
#include "../../../support/test.h"
#include "../../files.h"
#include "aws/credentials/providers/env.h"
#include "aws/credentials/providers/explicit.h"
#include "aws/credentials/providers/file.h"

/* What one provider finds: "id secret token account expiry", or its message. */
static const char *ask(struct pail_provider_chain *chain)
{
        static char text[1100];
        struct pail_credentials found = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        int r = pail_provider_chain_load(chain, &found, &error);

        if (r < 0)
                snprintf(text, sizeof(text), "%s", error.message);
        else
                snprintf(text, sizeof(text), "%s %s %s %s %lld %s", found.access_key_id, found.secret_access_key,
                         found.session_token ? found.session_token : "-", found.account_id ? found.account_id : "-",
                         (long long)found.expires_at, found.provider);
        pail_credentials_done(&found);
        return text;
}

#define ENVIRONMENT(...) ((char *[]){ __VA_ARGS__, NULL })

static const char *ask_environment(char *const *environment)
{
        struct pail_provider_chain *chain = NULL;
        const char *text;

        assert_int_equal(pail_provider_chain_new(&chain), 0);
        assert_int_equal(pail_provider_env_add(chain, environment), 0);
        text = ask(chain);
        pail_provider_chain_free(chain);
        return text;
}

static void test_env(void **state)
{
        char id[] = "AWS_ACCESS_KEY_ID=ID", secret[] = "AWS_SECRET_ACCESS_KEY=s3cret", other[] = "OTHER=1",
             token[] = "AWS_SESSION_TOKEN=T1", older[] = "AWS_SECURITY_TOKEN=T2",
             empty[] = "AWS_ACCESS_KEY_ID=", empty_token[] = "AWS_SECURITY_TOKEN=", account[] = "AWS_ACCOUNT_ID=123",
             expiry[] = "AWS_CREDENTIAL_EXPIRATION=2030-01-31T12:00:00Z", bad[] = "AWS_CREDENTIAL_EXPIRATION=soon";
        const char *none = "no credentials found (looked in: env)";

        (void)state;
        assert_string_equal(ask_environment(ENVIRONMENT(other)), none);
        assert_string_equal(ask_environment(ENVIRONMENT(empty, secret)), none);
        assert_string_equal(ask_environment(ENVIRONMENT(secret, token)), none);
        assert_string_equal(ask_environment(ENVIRONMENT(id, token)),
                            "AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not");
        assert_string_equal(ask_environment(ENVIRONMENT(secret, id)), "ID s3cret - - 0 env");
        assert_string_equal(ask_environment(ENVIRONMENT(id, secret, token)), "ID s3cret T1 - 0 env");
        assert_string_equal(ask_environment(ENVIRONMENT(id, secret, token, older)), "ID s3cret T2 - 0 env");
        assert_string_equal(ask_environment(ENVIRONMENT(id, secret, token, empty_token)), "ID s3cret T1 - 0 env");
        assert_string_equal(ask_environment(ENVIRONMENT(id, secret, account, expiry)),
                            "ID s3cret - 123 1896091200 env");
        assert_string_equal(ask_environment(ENVIRONMENT(id, secret, bad)),
                            "AWS_CREDENTIAL_EXPIRATION is not a time like 2030-01-31T12:00:00Z");
}

static void test_files(void **state)
{
        static const struct {
                const char *body, *expected;
        } cases[] = {
                { "region = r\n", "no credentials found (looked in: PROVIDER)" },
                { "aws_secret_access_key = S\n", "no credentials found (looked in: PROVIDER)" },
                { "aws_access_key_id = I\naws_secret_access_key = S\n", "I S - - 0 PROVIDER" },
                { "AWS_ACCESS_KEY_ID = I\nAws_Secret_Access_Key = S\n", "I S - - 0 PROVIDER" },
                { "aws_access_key_id = I\naws_secret_access_key = S\naws_session_token = T\naws_account_id = 12\n",
                  "I S T 12 0 PROVIDER" },
                { "aws_access_key_id = I\naws_secret_access_key = S\naws_session_token = T\naws_security_token = U\n",
                  "I S U - 0 PROVIDER" },
                { "aws_access_key_id = I\naws_secret_access_key = S\naws_session_token = T\naws_security_token =\n",
                  "I S T - 0 PROVIDER" },
                { "aws_access_key_id =\naws_secret_access_key = S\n",
                  "profile \"p\" in FILE: aws_access_key_id is empty" },
                { "aws_access_key_id = I\n", "profile \"p\" in FILE: aws_access_key_id without aws_secret_access_key" },
                { "aws_access_key_id = I\naws_secret_access_key =\n",
                  "profile \"p\" in FILE: aws_access_key_id without aws_secret_access_key" },
        };

        for (size_t i = 0; i < 2 * TEST_COUNT(cases); i++) {
                bool in_config = i % 2;
                char text[512], expected[256];
                struct pail_profiles *profiles = NULL;
                struct pail_provider_chain *chain = NULL;
                struct pail_error error = PAIL_ERROR_INIT;

                snprintf(text, sizeof(text), "[%sp]\n%s", in_config ? "profile " : "", cases[i / 2].body);
                const char *name = in_config ? "config-file" : "shared-credentials-file";
                const char *word = strstr(cases[i / 2].expected, "PROVIDER");
                int before = (int)(word ? (size_t)(word - cases[i / 2].expected) : strlen(cases[i / 2].expected));
                snprintf(expected, sizeof(expected), "%.*s%s%s", before, cases[i / 2].expected, word ? name : "",
                         word ? word + strlen("PROVIDER") : "");
                const char *file = test_files_write(state, "file", text);
                assert_int_equal(pail_profiles_load(in_config ? file : NULL, true, in_config ? NULL : file, true,
                                                    &profiles, &error),
                                 0);
                assert_int_equal(pail_provider_chain_new(&chain), 0);
                /* Each provider looks into its own file only. */
                assert_int_equal(
                        (in_config ? pail_provider_config_add : pail_provider_shared_add)(chain, profiles, "p", "FILE"),
                        0);
                assert_string_equal(ask(chain), expected);
                pail_provider_chain_free(chain);
                assert_int_equal(pail_provider_chain_new(&chain), 0);
                assert_int_equal(
                        (in_config ? pail_provider_shared_add : pail_provider_config_add)(chain, profiles, "p", "FILE"),
                        0);
                assert_true(strstr(ask(chain), "no credentials found"));
                pail_provider_chain_free(chain);
                pail_profiles_free(profiles);
        }
}

static void test_explicit(void **state)
{
        struct pail_provider_chain *chain = NULL;

        (void)state;
        assert_int_equal(pail_provider_chain_new(&chain), 0);
        for (unsigned i = 1; i <= 4; i++) {
                test_alloc_fail_at(i);
                assert_int_equal(pail_provider_explicit_add(chain, "I", "S", "T"), -ENOMEM);
        }
        test_alloc_fail_at(0);
        assert_int_equal(pail_provider_explicit_add(chain, "I", "S", "T"), 0);
        assert_string_equal(ask(chain), "I S T - 0 explicit");
        pail_provider_chain_free(chain);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_env),
                cmocka_unit_test_setup_teardown(test_files, test_files_setup, test_files_teardown),
                cmocka_unit_test(test_explicit),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
