/* SPDX-License-Identifier: Apache-2.0 */
#include "pail/aws/session.h"

#include "../support/alloc.h"
#include "../support/test.h"
#include "files.h"

/* What every test begins with: an environment whose HOME is the test's directory, room for more, and options that use it. */
struct fixture {
        char *environment[16];
        size_t count;
        struct pail_session_options options;
};

static void set_variable(struct fixture *fixture, const char *variable)
{
        assert_true(fixture->count + 1 < TEST_COUNT(fixture->environment));
        fixture->environment[fixture->count] = strdup(variable);
        fixture->environment[++fixture->count] = NULL;
        fixture->options.environment = fixture->environment;
}

static void set_up(struct fixture *fixture, void **state)
{
        char home[4200];

        *fixture = (struct fixture){ 0 };
        snprintf(home, sizeof(home), "HOME=%s", (const char *)*state);
        set_variable(fixture, home);
        set_variable(fixture, "AWS_EC2_METADATA_DISABLED=true");
}

static void clear(struct fixture *fixture)
{
        while (fixture->count > 2)
                free(fixture->environment[--fixture->count]);
        fixture->environment[2] = NULL;
        fixture->options = (struct pail_session_options){ .environment = fixture->environment };
}

static void tear_down(struct fixture *fixture)
{
        clear(fixture);
        free(fixture->environment[0]);
        free(fixture->environment[1]);
}

static struct pail_session *open_session(const struct fixture *fixture)
{
        struct pail_error error = PAIL_ERROR_INIT;
        struct pail_session *session = NULL;

        if (pail_session_new(&fixture->options, &session, &error) < 0)
                fail_msg("%s", error.message);
        return session;
}

/* The message with which a session is refused. */
static const char *refusal(const struct fixture *fixture)
{
        static struct pail_error error;
        struct pail_session *session = NULL;

        error = PAIL_ERROR_INIT;
        assert_true(pail_session_new(&fixture->options, &session, &error) < 0);
        assert_int_equal(error.class, PAIL_ERROR_CONFIG);
        assert_null(session);
        return error.message;
}

static void assert_contains(const char *text, const char *part)
{
        if (!strstr(text, part))
                fail_msg("\"%s\" is not in \"%s\"", part, text);
}

static void test_empty(void **state)
{
        struct fixture fixture;
        struct pail_credentials frozen = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;

        set_up(&fixture, state);
        struct pail_session *session = open_session(&fixture);
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
        tear_down(&fixture);
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
        struct fixture fixture;

        set_up(&fixture, state);
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                test_files_write(state, ".aws/config", cases[i].config);
                test_files_write(state, ".aws/credentials", cases[i].credentials);
                fixture.options.profile = cases[i].profile;
                assert_contains(refusal(&fixture), cases[i].hint);
        }
        /* The profile is there, but its keys are elsewhere. */
        struct pail_credentials frozen = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        test_files_write(state, ".aws/config", "[profile work]\nregion = r\n");
        test_files_write(state, ".aws/credentials", "[profile work]\naws_access_key_id = I\n");
        fixture.options.profile = "work";
        struct pail_session *session = open_session(&fixture);
        assert_int_equal(pail_session_get_credentials(session, INT64_MAX, &frozen, &error), -ENOENT);
        assert_contains(error.message, "no credentials found");
        assert_contains(error.message, "/.aws/credentials has a section [profile work]: there it has to be [work]");
        pail_session_free(session);
        tear_down(&fixture);
}

static void test_home_files(void **state)
{
        struct fixture fixture;

        set_up(&fixture, state);
        test_files_write(state, ".aws/config", "[default]\nregion = r1\n[profile b]\nregion = r2\n");
        test_files_write(state, ".aws/credentials", "[a]\nk = v\n");
        struct pail_session *session = open_session(&fixture);
        assert_string_equal(pail_session_region_name(session), "r1");
        assert_string_equal(pail_session_available_profiles(session)[0], "a");
        assert_string_equal(pail_session_available_profiles(session)[1], "b");
        assert_string_equal(pail_session_available_profiles(session)[2], "default");
        assert_null(pail_session_available_profiles(session)[3]);
        pail_session_free(session);
        tear_down(&fixture);
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
        struct fixture fixture;

        set_up(&fixture, state);
        test_files_write(state, ".aws/config", "[default]\nregion = p\n");
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                clear(&fixture);
                fixture.options.region = cases[i].option;
                set_variable(&fixture, cases[i].variable);
                set_variable(&fixture, cases[i].second);
                struct pail_session *session = open_session(&fixture);
                assert_string_equal(pail_session_region_name(session), cases[i].expected);
                pail_session_free(session);
        }
        tear_down(&fixture);
}

static void test_profile(void **state)
{
        struct fixture fixture;
        struct pail_session *session;

        set_up(&fixture, state);
        test_files_write(state, ".aws/config", "[profile a]\nregion = ra\n[profile b]\nregion = rb\n");
        set_variable(&fixture, "AWS_PROFILE=a");
        session = open_session(&fixture);
        assert_string_equal(pail_session_profile_name(session), "a");
        assert_string_equal(pail_session_region_name(session), "ra");
        pail_session_free(session);

        set_variable(&fixture, "AWS_DEFAULT_PROFILE=b");
        session = open_session(&fixture);
        assert_string_equal(pail_session_profile_name(session), "b");
        pail_session_free(session);

        fixture.options.profile = "a";
        session = open_session(&fixture);
        assert_string_equal(pail_session_profile_name(session), "a");
        pail_session_free(session);

        fixture.options.profile = "c";
        assert_contains(refusal(&fixture), "profile \"c\" is neither in ");
        assert_contains(refusal(&fixture), "/.aws/config nor in ");
        assert_contains(refusal(&fixture), "/.aws/credentials (not there); there are: a, b");
        clear(&fixture);
        set_variable(&fixture, "AWS_PROFILE=c");
        assert_contains(refusal(&fixture), "profile \"c\"");
        /* One that is named must exist, the default one too. */
        fixture.options.profile = "default";
        assert_contains(refusal(&fixture), "profile \"default\"");
        clear(&fixture);
        fixture.options.config_file = "/dev/null";
        fixture.options.profile = "c";
        assert_contains(refusal(&fixture), "; there are none");
        tear_down(&fixture);
}

static void test_many_profiles_fit(void **state)
{
        char text[20000] = "";
        size_t length = 0;
        struct fixture fixture;

        set_up(&fixture, state);
        for (unsigned i = 0; i < 500; i++)
                length += (size_t)snprintf(text + length, sizeof(text) - length, "[profile number%u]\n", i);
        test_files_write(state, ".aws/config", text);
        fixture.options.profile = "x";
        assert_contains(refusal(&fixture), "there are: number0, number1, ");
        tear_down(&fixture);
}

static void test_files_named(void **state)
{
        char config[4096], credentials[4096], variable[4200];
        struct fixture fixture;
        struct pail_session *session;

        set_up(&fixture, state);
        snprintf(config, sizeof(config), "%s", test_files_write(state, "c1", "[default]\nregion = c1\n"));
        snprintf(credentials, sizeof(credentials), "%s", test_files_write(state, "c2", "[default]\nregion = c2\n"));
        snprintf(variable, sizeof(variable), "AWS_CONFIG_FILE=%s", config);
        set_variable(&fixture, variable);
        session = open_session(&fixture);
        assert_string_equal(pail_session_region_name(session), "c1");
        pail_session_free(session);
        snprintf(variable, sizeof(variable), "AWS_SHARED_CREDENTIALS_FILE=%s", "~/c2");
        set_variable(&fixture, variable);
        session = open_session(&fixture);
        assert_string_equal(pail_session_region_name(session), "c2");
        pail_session_free(session);

        /* Options beat variables, and what they name has to be there; what a variable names, not. */
        fixture.options.credentials_file = test_files_write(state, "c3", "[default]\nregion = c3\n");
        session = open_session(&fixture);
        assert_string_equal(pail_session_region_name(session), "c3");
        pail_session_free(session);
        fixture.options.config_file = test_files_path(state, "missing");
        assert_contains(refusal(&fixture), "missing does not exist");
        fixture.options.config_file = test_files_write(state, "bad", "[default]\nregion\n");
        assert_contains(refusal(&fixture), "bad:2: ");
        clear(&fixture);
        set_variable(&fixture, "AWS_CONFIG_FILE=/nonexistent/config");
        pail_session_free(open_session(&fixture));
        tear_down(&fixture);
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
        struct fixture fixture;

        set_up(&fixture, state);
        test_files_write(state, ".aws/config", config);
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                clear(&fixture);
                fixture.options.endpoint_url = cases[i].option;
                fixture.options.profile = cases[i].profile;
                if (cases[i].first)
                        set_variable(&fixture, cases[i].first);
                if (cases[i].second)
                        set_variable(&fixture, cases[i].second);
                struct pail_session *session = open_session(&fixture);
                const char *url = pail_session_endpoint_url(session);
                if (!url != !cases[i].expected || (url && strcmp(url, cases[i].expected) != 0))
                        fail_msg("case %zu: %s", i, url);
                pail_session_free(session);
        }
        clear(&fixture);
        fixture.options.profile = "lost";
        assert_string_equal(refusal(&fixture), "profile \"lost\" has \"services = nowhere\", but there is no section "
                                               "[services nowhere]");
        tear_down(&fixture);
}

static void test_other_settings(void **state)
{
        static const char config[] =
                "[default]\nca_bundle = /p.pem\nmax_attempts = 7\ns3 =\n  addressing_style = virtual\n"
                "[profile bad]\nmax_attempts = many\n"
                "[profile zero]\nmax_attempts = 0\n"
                "[profile style]\ns3 =\n  addressing_style = diagonal\n"
                "[profile auto]\ns3 =\n  addressing_style = auto\n";
        struct fixture fixture;
        struct pail_session *session;

        set_up(&fixture, state);
        test_files_write(state, ".aws/config", config);
        session = open_session(&fixture);
        assert_string_equal(pail_session_ca_bundle(session), "/p.pem");
        assert_int_equal(pail_session_max_attempts(session), 7);
        assert_int_equal(pail_session_addressing_style(session), PAIL_ADDRESSING_VIRTUAL);
        assert_string_equal(pail_session_profile_value(session, "s3", "addressing_style"), "virtual");
        pail_session_free(session);

        set_variable(&fixture, "AWS_CA_BUNDLE=/e.pem");
        set_variable(&fixture, "AWS_MAX_ATTEMPTS=3");
        fixture.options.addressing_style = PAIL_ADDRESSING_PATH;
        session = open_session(&fixture);
        assert_string_equal(pail_session_ca_bundle(session), "/e.pem");
        assert_int_equal(pail_session_max_attempts(session), 3);
        assert_int_equal(pail_session_addressing_style(session), PAIL_ADDRESSING_PATH);
        pail_session_free(session);
        fixture.options.ca_bundle = "/o.pem";
        session = open_session(&fixture);
        assert_string_equal(pail_session_ca_bundle(session), "/o.pem");
        pail_session_free(session);

        clear(&fixture);
        fixture.options.profile = "bad";
        assert_contains(refusal(&fixture), "max_attempts = \"many\"");
        fixture.options.profile = "zero";
        assert_contains(refusal(&fixture), "max_attempts = \"0\"");
        fixture.options.profile = "style";
        assert_contains(refusal(&fixture), "addressing_style = \"diagonal\"");
        fixture.options.profile = "auto";
        session = open_session(&fixture);
        assert_int_equal(pail_session_addressing_style(session), PAIL_ADDRESSING_AUTO);
        pail_session_free(session);
        tear_down(&fixture);
}

/* "id from provider", or the message. */
static const char *credentials_of(const struct fixture *fixture)
{
        static char text[1100];
        struct pail_credentials frozen = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        struct pail_session *session = open_session(fixture);

        if (pail_session_get_credentials(session, INT64_MAX, &frozen, &error) < 0)
                snprintf(text, sizeof(text), "%s", error.message);
        else if (pail_session_is_anonymous(session))
                snprintf(text, sizeof(text), "%s", frozen.access_key_id ? "not anonymous" : "anonymous");
        else
                snprintf(text, sizeof(text), "%s from %s", frozen.access_key_id, frozen.provider);
        pail_credentials_done(&frozen);
        pail_session_free(session);
        return text;
}

static void test_chain(void **state)
{
        static const char config[] = "[default]\naws_access_key_id = C\naws_secret_access_key = c\n"
                                     "[profile both]\naws_access_key_id = C\naws_secret_access_key = c\n"
                                     "[profile config]\naws_access_key_id = C\naws_secret_access_key = c\n"
                                     "[profile role]\nrole_arn = arn\nsource_profile = both\n";
        static const char credentials[] = "[both]\naws_access_key_id = S\naws_secret_access_key = s\n"
                                          "[role]\naws_access_key_id = S\naws_secret_access_key = s\n";
        struct fixture fixture;

        set_up(&fixture, state);
        test_files_write(state, ".aws/config", config);
        test_files_write(state, ".aws/credentials", credentials);
        assert_string_equal(credentials_of(&fixture), "C from config-file");
        fixture.options.profile = "both";
        assert_string_equal(credentials_of(&fixture), "S from shared-credentials-file");

        /* The environment's keys give way to a profile chosen by option, not to one chosen by variable. */
        clear(&fixture);
        set_variable(&fixture, "AWS_ACCESS_KEY_ID=E");
        set_variable(&fixture, "AWS_SECRET_ACCESS_KEY=e");
        assert_string_equal(credentials_of(&fixture), "E from env");
        fixture.options.profile = "config";
        assert_string_equal(credentials_of(&fixture), "C from config-file");
        fixture.options.profile = NULL;
        set_variable(&fixture, "AWS_PROFILE=both");
        assert_string_equal(credentials_of(&fixture), "E from env");
        fixture.options.access_key_id = "X";
        fixture.options.secret_access_key = "x";
        fixture.options.profile = "both";
        assert_string_equal(credentials_of(&fixture), "X from explicit");
        fixture.options.no_sign_request = true;
        assert_string_equal(credentials_of(&fixture), "anonymous");

        /* A source that fails never falls through to other keys of the profile. */
        clear(&fixture);
        set_variable(&fixture, "AWS_ENDPOINT_URL_STS=http://127.0.0.1:1");
        fixture.options.profile = "role";
        assert_contains(credentials_of(&fixture), "profile \"role\", role arn: STS: cannot connect");
        tear_down(&fixture);
}

static void test_explicit_keys_in_part(void **state)
{
        struct fixture fixture;

        set_up(&fixture, state);
        fixture.options.access_key_id = "I";
        assert_string_equal(refusal(&fixture), "an access key id and its secret are only of use together");
        fixture.options.session_token = "T";
        assert_non_null(refusal(&fixture));
        fixture.options.access_key_id = NULL;
        assert_non_null(refusal(&fixture));
        fixture.options.secret_access_key = "S";
        assert_non_null(refusal(&fixture));
        tear_down(&fixture);
}

static void test_anonymous(void **state)
{
        struct fixture fixture;
        struct pail_credentials frozen = { .provider = "x" };
        struct pail_error error = PAIL_ERROR_INIT;

        set_up(&fixture, state);
        fixture.options.no_sign_request = true;
        struct pail_session *session = open_session(&fixture);
        assert_int_equal(pail_session_peek_credentials(session, &frozen, &error), 0);
        assert_null(frozen.provider);
        assert_int_equal(pail_session_get_credentials(session, INT64_MAX, &frozen, &error), 0);
        assert_null(frozen.access_key_id);
        pail_session_free(session);
        tear_down(&fixture);
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
        const struct fixture *fixture = context;
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
        struct fixture fixture;

        set_up(&fixture, state);
        test_files_write(state, ".aws/config", "[default]\nregion = r\nendpoint_url = http://e\nca_bundle = b\n");
        test_files_write(state, ".aws/credentials", "[default]\naws_access_key_id = I\naws_secret_access_key = S\n");
        assert_true(test_alloc_each(open_once, &fixture) > 60);
        tear_down(&fixture);
}

#define WITH_FILES(test) cmocka_unit_test_setup_teardown(test, test_files_setup, test_files_teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                WITH_FILES(test_empty),
                WITH_FILES(test_misnamed_sections),
                WITH_FILES(test_home_files),
                WITH_FILES(test_region),
                WITH_FILES(test_profile),
                WITH_FILES(test_many_profiles_fit),
                WITH_FILES(test_files_named),
                WITH_FILES(test_endpoint_url),
                WITH_FILES(test_other_settings),
                WITH_FILES(test_chain),
                WITH_FILES(test_explicit_keys_in_part),
                WITH_FILES(test_anonymous),
                cmocka_unit_test(test_process_environment),
                WITH_FILES(test_out_of_memory),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
