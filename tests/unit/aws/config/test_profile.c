/* SPDX-License-Identifier: Apache-2.0 */
#include "pail/aws/profile.h"

#include "../../support/alloc.h"
#include "../../support/test.h"
#include "../files.h"

static struct pail_profiles *load(void **state, const char *config, const char *credentials)
{
        struct pail_error error = PAIL_ERROR_INIT;
        struct pail_profiles *profiles = NULL;
        const char *config_file = config ? test_files_write(state, "config", config) : NULL;
        const char *credentials_file = credentials ? test_files_write(state, "credentials", credentials) : NULL;

        if (pail_profiles_load(config_file, true, credentials_file, true, &profiles, &error) < 0)
                fail_msg("%s", error.message);
        return profiles;
}

static void assert_names(const struct pail_profiles *profiles, const char *expected)
{
        const char *const *names = pail_profiles_names(profiles);
        char joined[512] = "";
        size_t length = 0;

        for (; *names; names++)
                length += (size_t)snprintf(joined + length, sizeof(joined) - length, "%s|", *names);
        assert_string_equal(joined, expected);
}

static void test_names(void **state)
{
        struct pail_profiles *profiles = load(state,
                                              "[profile work]\nregion = r1\n"
                                              "[default]\nregion = r2\n"
                                              "[profile 'two words']\n[profile \"q\"]\n"
                                              "[bare]\nregion = r3\n"
                                              "[profile]\n[profile a b]\n[profile 'open]\n"
                                              "[sso-session s]\nsso_region = r4\n"
                                              "[services v]\n[plugins]\n",
                                              "[work]\nk = v\n[bare]\nk = v\n[profile x]\nk = v\n");

        assert_names(profiles, "bare|default|profile x|q|two words|work|");
        assert_true(pail_profiles_has(profiles, "two words"));
        assert_false(pail_profiles_has(profiles, "a b"));
        assert_false(pail_profiles_has(profiles, "s"));
        /* [bare] of the config file is no profile: only the credentials file's counts. */
        assert_null(pail_profiles_get(profiles, "bare", NULL, "region"));
        assert_string_equal(pail_profiles_get(profiles, "work", NULL, "region"), "r1");
        assert_string_equal(pail_profiles_get(profiles, "default", NULL, "region"), "r2");
        assert_string_equal(pail_profiles_get_section(profiles, "sso-session", "s", NULL, "sso_region"), "r4");
        assert_true(pail_profiles_has_section(profiles, "services", "v"));
        assert_false(pail_profiles_has_section(profiles, "services", "s"));
        assert_false(pail_profiles_has_section(profiles, "plugins", ""));
        pail_profiles_free(profiles);
}

static void test_same_name_twice(void **state)
{
        struct pail_profiles *profiles = load(state,
                                              "[default]\nregion = r1\noutput = o\n[profile default]\nregion = r2\n"
                                              "[profile 'x']\nregion = r3\n[profile x]\nregion = r4\n",
                                              NULL);

        assert_names(profiles, "default|x|");
        assert_string_equal(pail_profiles_get(profiles, "default", NULL, "region"), "r2");
        assert_null(pail_profiles_get(profiles, "default", NULL, "output"));
        assert_string_equal(pail_profiles_get(profiles, "x", NULL, "region"), "r4");
        pail_profiles_free(profiles);
}

static void test_merge(void **state)
{
        struct pail_profiles *profiles = load(state,
                                              "[profile a]\nregion = config\nboth = config\nonly = config\n"
                                              "s3 =\n  x = config\n  y = config\nscalar = v\nblock =\n  x = 1\n",
                                              "[a]\nboth = credentials\ns3 =\n  x = credentials\n"
                                              "scalar =\n  x = 2\nblock = v\n");

        assert_string_equal(pail_profiles_get(profiles, "a", NULL, "region"), "config");
        assert_string_equal(pail_profiles_get(profiles, "a", NULL, "both"), "credentials");
        /* A block is replaced as a whole, and by a value too. */
        assert_string_equal(pail_profiles_get(profiles, "a", "s3", "x"), "credentials");
        assert_null(pail_profiles_get(profiles, "a", "s3", "y"));
        assert_null(pail_profiles_get(profiles, "a", NULL, "scalar"));
        assert_string_equal(pail_profiles_get(profiles, "a", "scalar", "x"), "2");
        assert_null(pail_profiles_get(profiles, "a", "block", "x"));

        assert_string_equal(pail_profiles_get_credential(profiles, "a", "both"), "credentials");
        assert_string_equal(pail_profiles_get_config(profiles, "a", "both"), "config");
        assert_null(pail_profiles_get_credential(profiles, "a", "only"));
        assert_null(pail_profiles_get_credential(profiles, "b", "both"));
        assert_null(pail_profiles_get_config(profiles, "b", "both"));
        assert_null(pail_profiles_get(profiles, "b", NULL, "both"));
        pail_profiles_free(profiles);
}

static void test_missing_files(void **state)
{
        char missing[4096], good[4096];
        struct pail_error error = PAIL_ERROR_INIT;
        struct pail_profiles *profiles = NULL;

        snprintf(missing, sizeof(missing), "%s", test_files_path(state, "missing"));
        snprintf(good, sizeof(good), "%s", test_files_write(state, "good", "[a]\nk = v\n"));
        assert_int_equal(pail_profiles_load(missing, false, NULL, false, &profiles, &error), 0);
        assert_names(profiles, "");
        pail_profiles_free(profiles);
        assert_int_equal(pail_profiles_load(missing, false, good, false, &profiles, &error), 0);
        assert_names(profiles, "a|");
        pail_profiles_free(profiles);
        assert_int_equal(error.class, PAIL_ERROR_NONE);

        profiles = NULL;
        assert_int_equal(pail_profiles_load(missing, true, good, false, &profiles, &error), -ENOENT);
        assert_int_equal(error.class, PAIL_ERROR_CONFIG);
        assert_non_null(strstr(error.message, "missing does not exist"));
        assert_int_equal(pail_profiles_load(NULL, false, missing, true, &profiles, &error), -ENOENT);
        assert_null(profiles);
        pail_profiles_free(NULL);
}

static void test_malformed_file(void **state)
{
        const char *bad = test_files_write(state, "bad", "[a]\nk\n");
        struct pail_error error = PAIL_ERROR_INIT;
        struct pail_profiles *profiles = NULL;

        assert_int_equal(pail_profiles_load(bad, false, NULL, false, &profiles, &error), -EINVAL);
        assert_non_null(strstr(error.message, "bad:2: "));
        assert_int_equal(pail_profiles_load(NULL, false, bad, false, &profiles, &error), -EINVAL);
        assert_non_null(strstr(error.message, "bad:2: "));
        assert_null(profiles);
}

struct paths {
        char config[4096], credentials[4096];
};

static int load_once(void *context)
{
        const struct paths *paths = context;
        struct pail_error error = PAIL_ERROR_INIT;
        struct pail_profiles *profiles = NULL;
        int r = pail_profiles_load(paths->config, true, paths->credentials, true, &profiles, &error);

        if (r == 0)
                assert_names(profiles, "a|b|c|");
        pail_profiles_free(profiles);
        return r;
}

static void test_out_of_memory(void **state)
{
        struct paths paths;

        snprintf(paths.config, sizeof(paths.config), "%s",
                 test_files_write(state, "config", "[profile a]\nk = v\n[profile b]\n[services s]\nk = v\n"));
        snprintf(paths.credentials, sizeof(paths.credentials), "%s",
                 test_files_write(state, "credentials", "[a]\nk = v\n[c]\nk = v\n"));
        assert_true(test_alloc_each(load_once, &paths) > 30);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_names, test_files_setup, test_files_teardown),
                cmocka_unit_test_setup_teardown(test_same_name_twice, test_files_setup, test_files_teardown),
                cmocka_unit_test_setup_teardown(test_merge, test_files_setup, test_files_teardown),
                cmocka_unit_test_setup_teardown(test_missing_files, test_files_setup, test_files_teardown),
                cmocka_unit_test_setup_teardown(test_malformed_file, test_files_setup, test_files_teardown),
                cmocka_unit_test_setup_teardown(test_out_of_memory, test_files_setup, test_files_teardown),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
