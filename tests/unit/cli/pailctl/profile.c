/* SPDX-License-Identifier: Apache-2.0 */
#include "profile.h"

#include "pail/util/buf.h"
#include "pail/util/file.h"
#include "pail/util/str.h"

char profile_directory[4096];

int profile_setup(void **state)
{
        (void)state;
        const char *base = getenv("TMPDIR");
        snprintf(profile_directory, sizeof(profile_directory), "%s/pail-test-profile.XXXXXX",
                 base && *base ? base : "/tmp");
        return mkdtemp(profile_directory) && setenv("HOME", profile_directory, 1) == 0 ? 0 : -1;
}

int profile_teardown(void **state)
{
        (void)state;
        char command[5000];
        snprintf(command, sizeof(command), "rm -rf '%s'", profile_directory);
        return system(command) == 0 ? 0 : -1;
}

void profile_begin(struct pail_configure *configure, const char *profile)
{
        *configure = (struct pail_configure){ 0 };
        assert_int_equal(pail_str_dup(profile, &configure->profile), 0);
        assert_int_equal(pail_str_printf(&configure->config_file, "%s/.aws/config", profile_directory), 0);
        assert_int_equal(pail_str_printf(&configure->credentials_file, "%s/.aws/credentials", profile_directory), 0);
}

void profile_set(struct pail_configure *configure, int setting, const char *value)
{
        assert_int_equal(pail_str_replace(&configure->values[setting], value), 0);
}

void assert_file(const char *path, const char *text)
{
        _cleanup_buf_ struct pail_buf buf = PAIL_BUF_INIT(10000);
        assert_int_equal(pail_file_read(path, &buf), 0);
        assert_string_equal(buf.data, text);
}
