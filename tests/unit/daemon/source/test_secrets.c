/* SPDX-License-Identifier: Apache-2.0 */
/* What is kept of the environment when its secrets are taken out of it. */
#include "pail/daemon/secrets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* NULL: not there. */
static const char *find(char *const *environment, const char *name)
{
        size_t length = strlen(name);
        for (; *environment; environment++)
                if (strncmp(*environment, name, length) == 0 && (*environment)[length] == '=')
                        return *environment + length + 1;
        return NULL;
}

static void set(const char *name, const char *value)
{
        assert_int_equal(setenv(name, value, 1), 0);
}

static void test_secrets_are_kept(void **state)
{
        (void)state;
        char **kept = NULL;
        set("AWS_ACCESS_KEY_ID", "AKID");
        set("AWS_SECRET_ACCESS_KEY", "the secret");
        set("AWS_CONTAINER_AUTHORIZATION_TOKEN", "the token");
        assert_int_equal(pail_secrets_keep_environment(&kept), 0);
        pail_secrets_hide();
        assert_null(getenv("AWS_SECRET_ACCESS_KEY"));
        assert_null(getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN"));
        assert_string_equal(find(kept, "AWS_ACCESS_KEY_ID"), "AKID");
        assert_string_equal(find(kept, "AWS_SECRET_ACCESS_KEY"), "the secret");
        assert_string_equal(find(kept, "AWS_CONTAINER_AUTHORIZATION_TOKEN"), "the token");
        pail_secrets_free_environment(kept);
}

static void test_names_of_files(void **state)
{
        (void)state;
        char **kept = NULL, here[PATH_MAX], expected[PATH_MAX + 16];
        assert_non_null(getcwd(here, sizeof(here)));
        set("AWS_CONFIG_FILE", "conf/aws");
        set("AWS_SHARED_CREDENTIALS_FILE", "/absolute");
        set("AWS_CA_BUNDLE", "~/bundle");
        set("AWS_WEB_IDENTITY_TOKEN_FILE", "$HOME/token");
        set("AWS_LOGIN_CACHE_DIRECTORY", "");
        set("AWS_PROFILE", "conf/aws");
        assert_int_equal(pail_secrets_keep_environment(&kept), 0);
        assert_true(snprintf(expected, sizeof(expected), "%s/conf/aws", here) > 0);
        assert_string_equal(find(kept, "AWS_CONFIG_FILE"), expected);
        assert_string_equal(find(kept, "AWS_SHARED_CREDENTIALS_FILE"), "/absolute");
        assert_string_equal(find(kept, "AWS_CA_BUNDLE"), "~/bundle");
        assert_string_equal(find(kept, "AWS_WEB_IDENTITY_TOKEN_FILE"), "$HOME/token");
        assert_string_equal(find(kept, "AWS_LOGIN_CACHE_DIRECTORY"), "");
        assert_string_equal(find(kept, "AWS_PROFILE"), "conf/aws");
        pail_secrets_free_environment(kept);
        pail_secrets_free_environment(NULL);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_secrets_are_kept),
                cmocka_unit_test(test_names_of_files),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
