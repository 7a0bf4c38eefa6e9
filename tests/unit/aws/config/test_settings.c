/* SPDX-License-Identifier: Apache-2.0 */
/* What a session takes from options, environment and files, setting by setting. */
#include "../../support/test.h"
#include "../files.h"
#include "../session_fixture.h"

static void assert_contains(const char *text, const char *part)
{
        if (!strstr(text, part))
                fail_msg("\"%s\" is not in \"%s\"", part, text);
}

/* Sections that are no profiles because of how they are named. */
static void test_misnamed_sections(void **state)
{
        static const struct {
                const char *config, *credentials, *profile, *hint;
        } cases[] = {
                { "[work]\nregion = r\n", "", "work",
                  "/.aws/config has a section [work]: there it has to be [profile work]" },
                { "", "[profile work]\n", "work",
                  "/.aws/credentials has a section [profile work]: there it has to be [work]" },
                { "[Profile work]\n", "", "work", "a section [Profile work]: there it has to be [profile work]" },
                { "[my work]\n", "", "my work", "[my work]: there it has to be [profile 'my work']" },
                { "", "[profile 'my work']\n", "my work", "[profile 'my work']: there it has to be [my work]" },
                { "[workshop]\n", "[profile worker]\n", "work", "; there are: profile worker" },
        };
        struct session_fixture fixture;

        session_fixture_init(&fixture, state);
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                test_files_write(state, ".aws/config", cases[i].config);
                test_files_write(state, ".aws/credentials", cases[i].credentials);
                fixture.options.profile = cases[i].profile;
                assert_contains(session_fixture_refusal(&fixture), cases[i].hint);
        }
        /* The profile is there, but its keys are elsewhere. */
        struct pail_credentials frozen = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        test_files_write(state, ".aws/config", "[profile work]\nregion = r\n");
        test_files_write(state, ".aws/credentials", "[profile work]\naws_access_key_id = I\n");
        fixture.options.profile = "work";
        struct pail_session *session = session_fixture_open(&fixture);
        assert_int_equal(pail_session_get_credentials(session, INT64_MAX, &frozen, &error), -ENOENT);
        assert_contains(error.message, "no credentials found");
        assert_contains(error.message, "/.aws/credentials has a section [profile work]: there it has to be [work]");
        pail_session_free(session);
        session_fixture_done(&fixture);
}

static void test_home_files(void **state)
{
        struct session_fixture fixture;

        session_fixture_init(&fixture, state);
        test_files_write(state, ".aws/config", "[default]\nregion = r1\n[profile b]\nregion = r2\n");
        test_files_write(state, ".aws/credentials", "[a]\nk = v\n");
        struct pail_session *session = session_fixture_open(&fixture);
        assert_string_equal(pail_session_region_name(session), "r1");
        assert_string_equal(pail_session_available_profiles(session)[0], "a");
        assert_string_equal(pail_session_available_profiles(session)[1], "b");
        assert_string_equal(pail_session_available_profiles(session)[2], "default");
        assert_null(pail_session_available_profiles(session)[3]);
        pail_session_free(session);
        session_fixture_done(&fixture);
}

/* What AWS_REGION, AWS_DEFAULT_REGION, the option and the profile have, and which wins. */
static void test_region(void **state)
{
        static const struct {
                const char *option, *variable, *second, *expected;
        } cases[] = {
                { "o", "AWS_REGION=e", "AWS_DEFAULT_REGION=d", "o" },
                { NULL, "AWS_REGION=e", "AWS_DEFAULT_REGION=d", "e" },
                { NULL, "AWS_REGION=", "AWS_DEFAULT_REGION=d", "d" },
                { NULL, "X=y", "AWS_DEFAULT_REGION=d", "d" },
                { NULL, "X=y", "AWS_DEFAULT_REGION=", "p" },
        };
        struct session_fixture fixture;

        session_fixture_init(&fixture, state);
        test_files_write(state, ".aws/config", "[default]\nregion = p\n");
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                session_fixture_clear(&fixture);
                fixture.options.region = cases[i].option;
                session_fixture_set(&fixture, cases[i].variable);
                session_fixture_set(&fixture, cases[i].second);
                struct pail_session *session = session_fixture_open(&fixture);
                assert_string_equal(pail_session_region_name(session), cases[i].expected);
                pail_session_free(session);
        }
        session_fixture_done(&fixture);
}

static void test_profile(void **state)
{
        struct session_fixture fixture;
        struct pail_session *session;

        session_fixture_init(&fixture, state);
        test_files_write(state, ".aws/config", "[profile a]\nregion = ra\n[profile b]\nregion = rb\n");
        session_fixture_set(&fixture, "AWS_PROFILE=a");
        session = session_fixture_open(&fixture);
        assert_string_equal(pail_session_profile_name(session), "a");
        assert_string_equal(pail_session_region_name(session), "ra");
        pail_session_free(session);

        session_fixture_set(&fixture, "AWS_DEFAULT_PROFILE=b");
        session = session_fixture_open(&fixture);
        assert_string_equal(pail_session_profile_name(session), "b");
        pail_session_free(session);

        fixture.options.profile = "a";
        session = session_fixture_open(&fixture);
        assert_string_equal(pail_session_profile_name(session), "a");
        pail_session_free(session);

        fixture.options.profile = "c";
        assert_contains(session_fixture_refusal(&fixture), "profile \"c\" is neither in ");
        assert_contains(session_fixture_refusal(&fixture), "/.aws/config nor in ");
        assert_contains(session_fixture_refusal(&fixture), "/.aws/credentials (not there); there are: a, b");
        session_fixture_clear(&fixture);
        session_fixture_set(&fixture, "AWS_PROFILE=c");
        assert_contains(session_fixture_refusal(&fixture), "profile \"c\"");
        /* One that is named must exist, the default one too. */
        fixture.options.profile = "default";
        assert_contains(session_fixture_refusal(&fixture), "profile \"default\"");
        session_fixture_clear(&fixture);
        fixture.options.config_file = "/dev/null";
        fixture.options.profile = "c";
        assert_contains(session_fixture_refusal(&fixture), "; there are none");
        session_fixture_done(&fixture);
}

static void test_many_profiles_fit(void **state)
{
        char text[20000] = "";
        size_t length = 0;
        struct session_fixture fixture;

        session_fixture_init(&fixture, state);
        for (unsigned i = 0; i < 500; i++)
                length += (size_t)snprintf(text + length, sizeof(text) - length, "[profile number%u]\n", i);
        test_files_write(state, ".aws/config", text);
        fixture.options.profile = "x";
        assert_contains(session_fixture_refusal(&fixture), "there are: number0, number1, ");
        session_fixture_done(&fixture);
}

static void test_files_named(void **state)
{
        char config[4096], credentials[4096], variable[4200];
        struct session_fixture fixture;
        struct pail_session *session;

        session_fixture_init(&fixture, state);
        snprintf(config, sizeof(config), "%s", test_files_write(state, "c1", "[default]\nregion = c1\n"));
        snprintf(credentials, sizeof(credentials), "%s", test_files_write(state, "c2", "[default]\nregion = c2\n"));
        snprintf(variable, sizeof(variable), "AWS_CONFIG_FILE=%s", config);
        session_fixture_set(&fixture, variable);
        session = session_fixture_open(&fixture);
        assert_string_equal(pail_session_region_name(session), "c1");
        pail_session_free(session);
        snprintf(variable, sizeof(variable), "AWS_SHARED_CREDENTIALS_FILE=%s", "~/c2");
        session_fixture_set(&fixture, variable);
        session = session_fixture_open(&fixture);
        assert_string_equal(pail_session_region_name(session), "c2");
        pail_session_free(session);

        /* Options beat variables, and what they name has to be there; what a variable names, not. */
        fixture.options.credentials_file = test_files_write(state, "c3", "[default]\nregion = c3\n");
        session = session_fixture_open(&fixture);
        assert_string_equal(pail_session_region_name(session), "c3");
        pail_session_free(session);
        fixture.options.config_file = test_files_path(state, "missing");
        assert_contains(session_fixture_refusal(&fixture), "missing does not exist");
        fixture.options.config_file = test_files_write(state, "bad", "[default]\nregion\n");
        assert_contains(session_fixture_refusal(&fixture), "bad:2: ");
        session_fixture_clear(&fixture);
        session_fixture_set(&fixture, "AWS_CONFIG_FILE=/nonexistent/config");
        pail_session_free(session_fixture_open(&fixture));
        session_fixture_done(&fixture);
}

static void test_endpoint_url(void **state)
{
        static const char config[] =
                "[default]\nendpoint_url = http://profile\n"
                "[profile s]\nendpoint_url = http://profile\nservices = local\n"
                "[profile other]\nendpoint_url = http://profile\nservices = other\n"
                "[profile lost]\nservices = nowhere\n"
                "[profile ignore]\nendpoint_url = http://profile\nignore_configured_endpoint_urls = True\n"
                "[services local]\ns3 =\n  endpoint_url = http://services\nsts =\n  endpoint_url = http://sts\n"
                "[services other]\nsts =\n  endpoint_url = http://sts\n";
        static const struct {
                const char *option, *profile, *first, *second, *expected;
        } cases[] = {
                { NULL, NULL, NULL, NULL, "http://profile" },
                { NULL, "s", NULL, NULL, "http://services" },
                { NULL, "other", NULL, NULL, "http://profile" },
                { NULL, "s", "AWS_ENDPOINT_URL=http://global", NULL, "http://global" },
                { NULL, "s", "AWS_ENDPOINT_URL=http://global", "AWS_ENDPOINT_URL_S3=http://s3", "http://s3" },
                { NULL, "lost", "AWS_ENDPOINT_URL=http://global", NULL, "http://global" },
                { NULL, NULL, "AWS_ENDPOINT_URL=", "AWS_ENDPOINT_URL_S3=", "http://profile" },
                { NULL, NULL, "AWS_ENDPOINT_URL_STS=http://sts", NULL, "http://profile" },
                { "http://option", "s", "AWS_ENDPOINT_URL=http://global", "AWS_ENDPOINT_URL_S3=http://s3",
                  "http://option" },
                { NULL, "ignore", NULL, NULL, NULL },
                { NULL, "ignore", "AWS_ENDPOINT_URL_S3=http://s3", NULL, NULL },
                { "http://option", "ignore", NULL, NULL, "http://option" },
                { NULL, "s", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true", "AWS_ENDPOINT_URL=http://global", NULL },
                { NULL, "s", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=false", NULL, "http://services" },
                { NULL, "ignore", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=false", NULL, "http://profile" },
        };
        struct session_fixture fixture;

        session_fixture_init(&fixture, state);
        test_files_write(state, ".aws/config", config);
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                session_fixture_clear(&fixture);
                fixture.options.endpoint_url = cases[i].option;
                fixture.options.profile = cases[i].profile;
                if (cases[i].first)
                        session_fixture_set(&fixture, cases[i].first);
                if (cases[i].second)
                        session_fixture_set(&fixture, cases[i].second);
                struct pail_session *session = session_fixture_open(&fixture);
                const char *url = pail_session_endpoint_url(session);
                if (!url != !cases[i].expected || (url && strcmp(url, cases[i].expected) != 0))
                        fail_msg("case %zu: %s", i, url);
                pail_session_free(session);
        }
        session_fixture_clear(&fixture);
        fixture.options.profile = "lost";
        assert_string_equal(session_fixture_refusal(&fixture),
                            "profile \"lost\" has \"services = nowhere\", but there is no section "
                            "[services nowhere]");
        session_fixture_done(&fixture);
}

static void test_other_settings(void **state)
{
        static const char config[] =
                "[default]\nca_bundle = /p.pem\nmax_attempts = 7\ns3 =\n  addressing_style = virtual\n"
                "[profile bad]\nmax_attempts = many\n"
                "[profile zero]\nmax_attempts = 0\n"
                "[profile style]\ns3 =\n  addressing_style = diagonal\n"
                "[profile auto]\ns3 =\n  addressing_style = auto\n";
        struct session_fixture fixture;
        struct pail_session *session;

        session_fixture_init(&fixture, state);
        test_files_write(state, ".aws/config", config);
        session = session_fixture_open(&fixture);
        assert_string_equal(pail_session_ca_bundle(session), "/p.pem");
        assert_int_equal(pail_session_max_attempts(session), 7);
        assert_int_equal(pail_session_addressing_style(session), PAIL_ADDRESSING_VIRTUAL);
        assert_string_equal(pail_session_profile_value(session, "s3", "addressing_style"), "virtual");
        pail_session_free(session);

        session_fixture_set(&fixture, "AWS_CA_BUNDLE=/e.pem");
        session_fixture_set(&fixture, "AWS_MAX_ATTEMPTS=3");
        fixture.options.addressing_style = PAIL_ADDRESSING_PATH;
        session = session_fixture_open(&fixture);
        assert_string_equal(pail_session_ca_bundle(session), "/e.pem");
        assert_int_equal(pail_session_max_attempts(session), 3);
        assert_int_equal(pail_session_addressing_style(session), PAIL_ADDRESSING_PATH);
        pail_session_free(session);
        fixture.options.ca_bundle = "/o.pem";
        session = session_fixture_open(&fixture);
        assert_string_equal(pail_session_ca_bundle(session), "/o.pem");
        pail_session_free(session);

        session_fixture_clear(&fixture);
        fixture.options.profile = "bad";
        assert_contains(session_fixture_refusal(&fixture), "max_attempts = \"many\"");
        fixture.options.profile = "zero";
        assert_contains(session_fixture_refusal(&fixture), "max_attempts = \"0\"");
        fixture.options.profile = "style";
        assert_contains(session_fixture_refusal(&fixture), "addressing_style = \"diagonal\"");
        fixture.options.profile = "auto";
        session = session_fixture_open(&fixture);
        assert_int_equal(pail_session_addressing_style(session), PAIL_ADDRESSING_AUTO);
        pail_session_free(session);
        session_fixture_done(&fixture);
}

#define WITH_FILES(test) cmocka_unit_test_setup_teardown(test, test_files_setup, test_files_teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                WITH_FILES(test_misnamed_sections), WITH_FILES(test_home_files),        WITH_FILES(test_region),
                WITH_FILES(test_profile),           WITH_FILES(test_many_profiles_fit), WITH_FILES(test_files_named),
                WITH_FILES(test_endpoint_url),      WITH_FILES(test_other_settings),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
