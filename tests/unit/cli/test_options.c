/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/generic_options.h"
#include "cli/option_check.h"
#include "cli/option_suggest.h"
#include "cli/option_table.h"
#include "pail/util/str.h"

static struct pail_options options;
static struct pail_error error;

static int set_up(void **state)
{
        (void)state;
        error = PAIL_ERROR_INIT;
        return pail_options_init(&options, &error);
}

static int tear_down(void **state)
{
        (void)state;
        pail_options_done(&options);
        return 0;
}

static void assert_parses(const char *list)
{
        if (pail_options_parse(&options, list, &error) < 0)
                fail_msg("%s: %s", list, error.message);
}

/* Refused, with a message that has all of these words. */
static void assert_refused(const char *list, const char *first, const char *second)
{
        error = PAIL_ERROR_INIT;
        assert_int_equal(pail_options_parse(&options, list, &error), -EINVAL);
        assert_int_equal(error.class, PAIL_ERROR_CONFIG);
        if (!strstr(error.message, first) || !strstr(error.message, second))
                fail_msg("%s: \"%s\" lacks \"%s\" or \"%s\"", list, error.message, first, second);
}

static bool has_fuse_option(const char *text)
{
        for (size_t i = 0; i < options.fuse_option_count; i++)
                if (pail_str_equal(options.fuse_options[i], text))
                        return true;
        return false;
}

static void test_defaults(void **state)
{
        (void)state;
        assert_null(options.profile);
        assert_int_equal(options.uid, -1);
        assert_int_equal(options.file_mode, 0644);
        assert_int_equal(options.dir_mode, 0755);
        assert_int_equal(options.ttl_ms, 1000);
        assert_int_equal(options.timeout_ms, 300000);
        assert_int_equal(options.max_connections, 64);
        assert_int_equal(options.part_size_bytes, 8 << 20);
        assert_int_equal(options.copy_threshold_bytes, UINT64_C(5) << 30);
        assert_int_equal(options.memory_limit_bytes, 0);
        assert_false(options.read_only);
        assert_int_equal(options.fuse_option_count, 0);
}

static void test_each_type(void **state)
{
        (void)state;
        assert_parses(
                "profile=work,ttl=500ms,timeout=2m,max_connections=8,part_size=16M,memory_limit=256M,umask=027,uid=1000,"
                "gid=root,addressing_style=path,log_level=debug,no_sign_request,no_verify_ssl=no,endpoint_url=http://h:1/b");
        assert_string_equal(options.profile, "work");
        assert_int_equal(options.ttl_ms, 500);
        assert_int_equal(options.timeout_ms, 120000);
        assert_int_equal(options.max_connections, 8);
        assert_int_equal(options.part_size_bytes, 16 << 20);
        assert_int_equal(options.memory_limit_bytes, 256 << 20);
        assert_int_equal(options.umask, 027);
        assert_int_equal(options.uid, 1000);
        assert_int_equal(options.gid, 0);
        assert_int_equal(options.addressing_style, 1);
        assert_int_equal(options.log_level, 3);
        assert_true(options.is_log_level_given);
        assert_true(options.no_sign_request);
        assert_false(options.no_verify_ssl);
        assert_string_equal(options.endpoint_url, "http://h:1/b");
}

static void test_last_one_wins(void **state)
{
        (void)state;
        assert_parses("region=a,region=b,ro,rw,ttl=1,ttl=0,no_list,no_list=no");
        assert_string_equal(options.region, "b");
        assert_false(options.read_only);
        assert_int_equal(options.ttl_ms, 0);
        assert_false(options.no_list);
        assert_parses("rw,ro");
        assert_true(options.read_only);
        assert_parses("allow_root,allow_other");
        assert_true(options.allow_other);
        assert_false(options.allow_root);
        assert_parses("allow_root");
        assert_true(options.allow_root);
        assert_false(options.allow_other);
}

static void test_commas(void **state)
{
        (void)state;
        assert_parses(",,region=a\\,b\\\\c,,profile=x=y,");
        assert_string_equal(options.region, "a,b\\c");
        assert_string_equal(options.profile, "x=y");
}

static void test_paths_become_absolute(void **state)
{
        (void)state;
        char expected[4096], here[2048];
        assert_non_null(getcwd(here, sizeof(here)));
        snprintf(expected, sizeof(expected), "%s/x/cache", pail_str_equal(here, "/") ? "" : here);
        assert_parses("cache_dir=x/cache,state_dir=/var/lib/pail");
        assert_string_equal(options.cache_dir, expected);
        assert_string_equal(options.state_dir, "/var/lib/pail");
        setenv("HOME", "/home/me", 1);
        assert_parses("cache_dir=~/c");
        assert_string_equal(options.cache_dir, "/home/me/c");
}

static void test_what_is_expected_is_said(void **state)
{
        (void)state;
        assert_refused("ttl=soon", "ttl=soon", "time");
        assert_refused("timeout=-1", "timeout", "time");
        assert_refused("timeout=10ms", "timeout", "from 1 s");
        assert_refused("part_size=1K", "part_size", "from 5M to 5G");
        assert_refused("part_size=big", "part_size=big", "size such as");
        assert_refused("memory_limit=1M", "memory_limit", "from 64M");
        assert_refused("max_connections=0", "max_connections=0", "from 1 to 1024");
        assert_refused("umask=9", "umask", "octal");
        assert_refused("umask=01000", "umask", "up to 777");
        assert_refused("addressing_style=vhost", "addressing_style=vhost", "auto path virtual");
        assert_refused("addressing_style=pat", "addressing_style", "auto path virtual");
        assert_refused("uid=no such user", "uid", "user of this machine");
        assert_refused("gid=-1", "gid", "group of this machine");
        assert_refused("no_list=perhaps", "no_list", "yes or no");
        assert_refused("region", "region", "needs a value");
        assert_refused("region=", "region=NAME", "needs a value");
        assert_refused("ttl=0,profile=", "profile", "needs a value");
        assert_parses("memory_limit=0,spool_limit=0");
}

static void test_nearest_names(void **state)
{
        (void)state;
        assert_refused("profil=test", "profil", "'profile'");
        assert_refused("memorylimit=1G", "memorylimit", "'memory_limit'");
        assert_refused("allow_others", "allow_others", "'allow_other'");
        assert_refused("nosiud", "nosiud", "'nosuid'");
        assert_refused("colour=red", "colour", "pail -h");
        assert_null(pail_option_suggest("completely_else"));
        assert_null(pail_option_suggest(""));
}

static void test_generic_options(void **state)
{
        (void)state;
        assert_parses("nosuid,noexec,auto_unmount,fsname=x,subtype=y,max_read=65536,default_permissions,nonempty");
        assert_true(has_fuse_option("nosuid"));
        assert_true(has_fuse_option("auto_unmount"));
        assert_true(has_fuse_option("fsname=x"));
        assert_true(has_fuse_option("max_read=65536"));
        assert_true(options.nonempty);
        assert_int_equal(options.fuse_option_count, 6);
        assert_refused("max_read=few", "max_read", "number of bytes");
        assert_refused("fsname=", "fsname", "needs a value");
        assert_refused("nosuid=1", "nosuid", "takes no value");
        assert_refused("remount", "remount", "not supported");
        assert_refused("nosymfollow", "nosymfollow", "unknown");
}

/* What stands in fstab and what mount(8) hands on. */
static void test_options_of_mount(void **state)
{
        (void)state;
        assert_parses("rw,_netdev,user,user=joe,users,nofail,noauto,defaults,comment=a b,x-systemd.automount,"
                      "x-systemd.idle-timeout=1min,X-mount.mkdir,x-gvfs-hide,relatime,lazytime,group,owner,uhelper=x");
        assert_int_equal(options.fuse_option_count, 0);
        assert_parses("suid,dev,exec,nosuid,nodev,noexec,async,sync,dirsync,atime,noatime");
        assert_int_equal(options.fuse_option_count, 11);
        assert_string_equal(options.fuse_options[10], "noatime");
        assert_null(options.fuse_options[11]);
}

static void test_sloppy(void **state)
{
        (void)state;
        options.sloppy = true;
        assert_parses("colour=red,ttl=3");
        assert_int_equal(options.ttl_ms, 3000);
        assert_refused("ttl=soon", "ttl", "time");
}

/* The table itself: defaults parse (set_up), names are unique and no generic option's. */
static void test_table(void **state)
{
        (void)state;
        const char *generic;
        for (const struct pail_option *option = pail_option_table; option->name; option++) {
                assert_ptr_equal(pail_option_find(option->name), option);
                assert_true(option->type == PAIL_OPTION_FLAG || option->argument);
                assert_true(option->default_value || option->default_words);
                assert_non_null(option->help);
                assert_true(strlen(option->help) <= 72);
                for (size_t i = 0; (generic = pail_generic_option_name(i)); i++)
                        assert_string_not_equal(option->name, generic);
        }
        assert_null(pail_option_find("nonesuch"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_defaults, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_each_type, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_last_one_wins, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_commas, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_paths_become_absolute, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_what_is_expected_is_said, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_nearest_names, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_generic_options, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_options_of_mount, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_sloppy, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_table, set_up, tear_down),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
