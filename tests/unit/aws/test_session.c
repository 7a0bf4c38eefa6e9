/* SPDX-License-Identifier: Apache-2.0 */
#include "pail/aws/session.h"

#include "../support/alloc.h"
#include "../support/test.h"
#include "files.h"
#include "session_fixture.h"

static void assert_contains(const char *text, const char *part)
{
        if (!strstr(text, part))
                fail_msg("\"%s\" is not in \"%s\"", part, text);
}

static void test_empty(void **state)
{
        struct session_fixture fixture;
        struct pail_credentials frozen = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;

        session_fixture_init(&fixture, state);
        struct pail_session *session = session_fixture_open(&fixture);
        assert_string_equal(pail_session_profile_name(session), "default");
        assert_null(pail_session_region_name(session));
        assert_null(pail_session_endpoint_url(session));
        assert_null(pail_session_ca_bundle(session));
        assert_null(pail_session_available_profiles(session)[0]);
        assert_null(pail_session_profile_value(session, NULL, "region"));
        assert_int_equal(pail_session_addressing_style(session), PAIL_ADDRESSING_AUTO);
        assert_int_equal(pail_session_max_attempts(session), 0);
        assert_false(pail_session_is_anonymous(session));
        assert_int_equal(pail_session_peek_credentials(session, &frozen, &error), -EAGAIN);
        assert_int_equal(pail_session_get_credentials(session, INT64_MAX, &frozen, &error), -ENOENT);
        assert_int_equal(error.class, PAIL_ERROR_CREDENTIALS);
        assert_contains(error.message, "profile \"default\" (");
        assert_contains(error.message, "/.aws/credentials (not there), ");
        assert_contains(error.message, "no credentials found (looked in: env, assume-role, ");
        assert_contains(error.message,
                        "; run: pailctl configure --profile default (access keys), aws configure sso or aws login");

        assert_int_equal(pail_session_clock_offset_s(session), 0);
        pail_session_set_clock_offset_s(session, -86400);
        assert_int_equal(pail_session_clock_offset_s(session), -86400);
        pail_session_free(session);
        pail_session_free(NULL);
        session_fixture_done(&fixture);
}

static void test_chain(void **state)
{
        static const char config[] = "[default]\naws_access_key_id = C\naws_secret_access_key = c\n"
                                     "[profile both]\naws_access_key_id = C\naws_secret_access_key = c\n"
                                     "[profile config]\naws_access_key_id = C\naws_secret_access_key = c\n"
                                     "[profile role]\nrole_arn = arn\nsource_profile = both\n";
        static const char credentials[] = "[both]\naws_access_key_id = S\naws_secret_access_key = s\n"
                                          "[role]\naws_access_key_id = S\naws_secret_access_key = s\n";
        struct session_fixture fixture;

        session_fixture_init(&fixture, state);
        test_files_write(state, ".aws/config", config);
        test_files_write(state, ".aws/credentials", credentials);
        assert_string_equal(session_fixture_credentials(&fixture), "C from config-file");
        fixture.options.profile = "both";
        assert_string_equal(session_fixture_credentials(&fixture), "S from shared-credentials-file");

        /* The environment's keys give way to a profile chosen by option, not to one chosen by variable. */
        session_fixture_clear(&fixture);
        session_fixture_set(&fixture, "AWS_ACCESS_KEY_ID=E");
        session_fixture_set(&fixture, "AWS_SECRET_ACCESS_KEY=e");
        assert_string_equal(session_fixture_credentials(&fixture), "E from env");
        fixture.options.profile = "config";
        assert_string_equal(session_fixture_credentials(&fixture), "C from config-file");
        fixture.options.profile = NULL;
        session_fixture_set(&fixture, "AWS_PROFILE=both");
        assert_string_equal(session_fixture_credentials(&fixture), "E from env");
        fixture.options.access_key_id = "X";
        fixture.options.secret_access_key = "x";
        fixture.options.profile = "both";
        assert_string_equal(session_fixture_credentials(&fixture), "X from explicit");
        fixture.options.no_sign_request = true;
        assert_string_equal(session_fixture_credentials(&fixture), "anonymous");

        /* A source that fails never falls through to other keys of the profile. */
        session_fixture_clear(&fixture);
        session_fixture_set(&fixture, "AWS_ENDPOINT_URL_STS=http://127.0.0.1:1");
        fixture.options.profile = "role";
        assert_contains(session_fixture_credentials(&fixture), "profile \"role\", role arn: STS: cannot connect");
        session_fixture_done(&fixture);
}

static void test_explicit_keys_in_part(void **state)
{
        struct session_fixture fixture;

        session_fixture_init(&fixture, state);
        fixture.options.access_key_id = "I";
        assert_string_equal(session_fixture_refusal(&fixture),
                            "an access key id and its secret are only of use together");
        fixture.options.session_token = "T";
        assert_non_null(session_fixture_refusal(&fixture));
        fixture.options.access_key_id = NULL;
        assert_non_null(session_fixture_refusal(&fixture));
        fixture.options.secret_access_key = "S";
        assert_non_null(session_fixture_refusal(&fixture));
        session_fixture_done(&fixture);
}

static void test_anonymous(void **state)
{
        struct session_fixture fixture;
        struct pail_credentials frozen = { .provider = "x" };
        struct pail_error error = PAIL_ERROR_INIT;

        session_fixture_init(&fixture, state);
        fixture.options.no_sign_request = true;
        struct pail_session *session = session_fixture_open(&fixture);
        assert_int_equal(pail_session_peek_credentials(session, &frozen, &error), 0);
        assert_null(frozen.provider);
        assert_int_equal(pail_session_get_credentials(session, INT64_MAX, &frozen, &error), 0);
        assert_null(frozen.access_key_id);
        pail_session_free(session);
        session_fixture_done(&fixture);
}

/* Without an environment block it is the process's. */
static void test_process_environment(void **state)
{
        const struct pail_session_options options = { .config_file = "/dev/null", .credentials_file = "/dev/null" };
        struct pail_error error = PAIL_ERROR_INIT;
        struct pail_session *session = NULL;

        (void)state;
        setenv("AWS_REGION", "from-process", 1);
        unsetenv("AWS_PROFILE");
        unsetenv("AWS_DEFAULT_PROFILE");
        assert_int_equal(pail_session_new(&options, &session, &error), 0);
        assert_string_equal(pail_session_region_name(session), "from-process");
        pail_session_free(session);
        unsetenv("AWS_REGION");
}

static int open_once(void *context)
{
        const struct session_fixture *fixture = context;
        struct pail_credentials frozen = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        struct pail_session *session = NULL;
        int r = pail_session_new(&fixture->options, &session, &error);

        if (r == 0)
                r = pail_session_get_credentials(session, INT64_MAX, &frozen, &error);
        assert_int_equal(error.class, r == 0 ? PAIL_ERROR_NONE : PAIL_ERROR_SYSTEM);
        pail_credentials_done(&frozen);
        pail_session_free(session);
        return r;
}

static void test_out_of_memory(void **state)
{
        struct session_fixture fixture;

        session_fixture_init(&fixture, state);
        test_files_write(state, ".aws/config", "[default]\nregion = r\nendpoint_url = http://e\nca_bundle = b\n");
        test_files_write(state, ".aws/credentials", "[default]\naws_access_key_id = I\naws_secret_access_key = S\n");
        assert_true(test_alloc_each(open_once, &fixture) > 60);
        session_fixture_done(&fixture);
}

#define WITH_FILES(test) cmocka_unit_test_setup_teardown(test, test_files_setup, test_files_teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                WITH_FILES(test_empty),
                WITH_FILES(test_chain),
                WITH_FILES(test_explicit_keys_in_part),
                WITH_FILES(test_anonymous),
                cmocka_unit_test(test_process_environment),
                WITH_FILES(test_out_of_memory),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
