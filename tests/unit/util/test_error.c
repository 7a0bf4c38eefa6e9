/* SPDX-License-Identifier: Apache-2.0 */
#include "pail/util/error.h"

#include "pail/util/str.h"

#include "../support/test.h"

static void test_set_clears_the_rest(void **state)
{
        (void)state;
        struct pail_error error = PAIL_ERROR_INIT;
        error.http_status = 503;
        error.sent = true;
        error.retry_after_ms = 7;
        error.error_number = EIO;
        pail_str_copy(error.code, sizeof(error.code), "SlowDown");
        pail_error_set(&error, PAIL_ERROR_CONFIG, "line %d", 3);
        assert_int_equal(error.class, PAIL_ERROR_CONFIG);
        assert_string_equal(error.message, "line 3");
        assert_int_equal(error.http_status, 0);
        assert_int_equal(error.error_number, 0);
        assert_false(error.sent);
        assert_true(error.retry_after_ms == -1);
        assert_string_equal(error.code, "");
}

static void test_null_is_fine(void **state)
{
        (void)state;
        pail_error_set(NULL, PAIL_ERROR_CONFIG, "x");
        pail_error_prefix(NULL, "x");
        assert_int_equal(pail_error_set_errno(NULL, ENOENT, "x"), -ENOENT);
}

static void test_errno(void **state)
{
        (void)state;
        struct pail_error error = PAIL_ERROR_INIT;
        assert_int_equal(pail_error_set_errno(&error, ENOENT, "open %s", "f"), -ENOENT);
        assert_int_equal(error.class, PAIL_ERROR_SYSTEM);
        assert_int_equal(error.error_number, ENOENT);
        assert_string_equal(error.message, "open f: No such file or directory");
        pail_error_set_errno(&error, 4095, "odd");
        assert_true(pail_str_starts_with(error.message, "odd: "));
}

static void test_arguments_from_itself(void **state)
{
        (void)state;
        struct pail_error error = PAIL_ERROR_INIT;
        pail_error_set(&error, PAIL_ERROR_CONFIG, "inner");
        pail_error_set(&error, PAIL_ERROR_CREDENTIALS, "outer (%s)", error.message);
        assert_string_equal(error.message, "outer (inner)");
        pail_error_prefix(&error, "%s", error.message);
        assert_string_equal(error.message, "outer (inner): outer (inner)");
        assert_int_equal(error.class, PAIL_ERROR_CREDENTIALS);
}

static void test_cut_at_a_character(void **state)
{
        (void)state;
        struct pail_error error = PAIL_ERROR_INIT;
        char text[2001];
        for (size_t i = 0; i < 2000; i += 2)
                memcpy(text + i, "\xc3\xa4", 2);
        text[2000] = 0;
        pail_error_set(&error, PAIL_ERROR_CONFIG, "%s", text);
        assert_int_equal(strlen(error.message), sizeof(error.message) - 2);
        assert_true(pail_str_is_utf8(error.message));

        pail_error_prefix(&error, "ab");
        assert_true(pail_str_starts_with(error.message, "ab: \xc3\xa4"));
        assert_true(pail_str_is_utf8(error.message));

        pail_error_set_errno(&error, ENOENT, "%s", text); /* the reason is not what is lost */
        assert_true(pail_str_ends_with(error.message, "\xc3\xa4: No such file or directory"));
        assert_true(pail_str_is_utf8(error.message));
        pail_error_prefix(&error, "%s", text);
        assert_true(pail_str_is_utf8(error.message));
}

static void test_control_characters(void **state)
{
        (void)state;
        struct pail_error error = PAIL_ERROR_INIT;
        pail_error_set(&error, PAIL_ERROR_SERVICE, "no\nsuch\x1b[2Jkey\r");
        assert_string_equal(error.message, "no?such?[2Jkey?");
        pail_error_prefix(&error, "a\tb");
        assert_string_equal(error.message, "a?b: no?such?[2Jkey?");
}

static void test_class_names(void **state)
{
        (void)state;
        assert_string_equal(pail_error_class_name(PAIL_ERROR_NONE), "none");
        assert_string_equal(pail_error_class_name(PAIL_ERROR_SYSTEM), "system");
        assert_string_equal(pail_error_class_name((enum pail_error_class)99), "unknown");
        for (int i = PAIL_ERROR_NONE; i <= PAIL_ERROR_SYSTEM; i++) {
                assert_non_null(pail_error_class_name((enum pail_error_class)i));
                for (int j = PAIL_ERROR_NONE; j < i; j++)
                        assert_string_not_equal(pail_error_class_name((enum pail_error_class)i),
                                                pail_error_class_name((enum pail_error_class)j));
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_set_clears_the_rest),
                cmocka_unit_test(test_null_is_fine),
                cmocka_unit_test(test_errno),
                cmocka_unit_test(test_arguments_from_itself),
                cmocka_unit_test(test_cut_at_a_character),
                cmocka_unit_test(test_control_characters),
                cmocka_unit_test(test_class_names),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
