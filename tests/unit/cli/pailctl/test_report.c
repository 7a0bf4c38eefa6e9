/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/pailctl/report.h"

#include <jansson.h>

#include "run.h"

static void test_lines(void **state)
{
        (void)state;
        struct pail_ctl_report *report = NULL;
        assert_int_equal(pail_ctl_report_new("s3://b", false, &report), 0);
        struct capture capture = capture_begin();
        pail_ctl_report_add(report, PAIL_CTL_OK, "dns", NULL, "%s has an address", "h");
        pail_ctl_report_add(report, PAIL_CTL_FAILED, "clock", "set it right", "%d s behind", 900);
        pail_ctl_report_add(report, PAIL_CTL_SKIPPED, "conditional-put", "", "not tested: --write");
        pail_ctl_report_add(report, PAIL_CTL_WARNING, "tls", "use https", "a\tb\033[1m");
        int r = pail_ctl_report_end(report);
        _cleanup_(run_done) struct run run = capture_end(&capture, r);
        assert_int_equal(run.status, 0);
        assert_text(run.out, "ok       dns              h has an address\n"
                             "failed   clock            900 s behind; set it right\n"
                             "skipped  conditional-put  not tested: --write\n"
                             "warning  tls              a?b?[1m; use https\n");
        assert_text(run.err, "");
        assert_int_equal(pail_ctl_report_failed(report), 1);
        pail_ctl_report_free(report);
}

/* The text of a member; "null" where it is null; "absent". */
static const char *member(const json_t *object, const char *name)
{
        const json_t *value = json_object_get(object, name);
        return !value ? "absent" : json_is_null(value) ? "null" : json_string_value(value);
}

static void assert_check(const json_t *check, const char *name, const char *status, const char *detail,
                         const char *remedy, const char *profile)
{
        assert_string_equal(member(check, "name"), name);
        assert_string_equal(member(check, "status"), status);
        assert_string_equal(member(check, "detail"), detail);
        assert_string_equal(member(check, "remedy"), remedy);
        assert_string_equal(member(check, "profile"), profile);
}

static void test_json(void **state)
{
        (void)state;
        struct pail_ctl_report *report = NULL;
        assert_int_equal(pail_ctl_report_new("s3://b", true, &report), 0);
        struct capture capture = capture_begin();
        pail_ctl_report_add(report, PAIL_CTL_OK, "dns", "", "fine");
        pail_ctl_report_set_profile(report, "work", true);
        pail_ctl_report_add(report, PAIL_CTL_FAILED, "clock", "set it", "behind \xff");
        pail_ctl_report_set_profile(report, NULL, false);
        pail_ctl_report_add(report, PAIL_CTL_FAILED, "profiles", "see above", "none");
        int r = pail_ctl_report_end(report);
        _cleanup_(run_done) struct run run = capture_end(&capture, r);
        assert_int_equal(run.status, 0);
        json_t *root = json_loads(run.out, 0, NULL);
        const json_t *checks = json_object_get(root, "checks");
        assert_non_null(root);
        assert_string_equal(member(root, "source"), "s3://b");
        assert_int_equal(json_integer_value(json_object_get(root, "failed")), 1);
        assert_int_equal(json_array_size(checks), 3);
        assert_check(json_array_get(checks, 0), "dns", "ok", "fine", "null", "absent");
        assert_check(json_array_get(checks, 1), "clock", "warning", "behind ?", "set it", "work"); /* lenient */
        assert_check(json_array_get(checks, 2), "profiles", "failed", "none", "see above", "absent");
        json_decref(root);
        assert_int_equal(pail_ctl_report_failed(report), 1);
        pail_ctl_report_free(report);
}

static void test_without_source(void **state)
{
        (void)state;
        struct pail_ctl_report *report = NULL;
        assert_int_equal(pail_ctl_report_new(NULL, true, &report), 0);
        struct capture capture = capture_begin();
        int r = pail_ctl_report_end(report);
        _cleanup_(run_done) struct run run = capture_end(&capture, r);
        assert_int_equal(run.status, 0);
        assert_has(run.out, "\"source\": null");
        assert_has(run.out, "\"checks\": []");
        pail_ctl_report_free(report);
        pail_ctl_report_free(NULL);
}

/* A detail that is longer than a line may be is cut between two characters. */
static void test_long_detail(void **state)
{
        (void)state;
        struct pail_ctl_report *report = NULL;
        char long_text[8192] = "x";
        for (size_t i = 1; i + 2 < sizeof(long_text); i += 2)
                memcpy(long_text + i, "\xc3\xa4", 3);
        assert_int_equal(pail_ctl_report_new(NULL, false, &report), 0);
        struct capture capture = capture_begin();
        pail_ctl_report_add(report, PAIL_CTL_OK, "x", NULL, "%s", long_text);
        _cleanup_(run_done) struct run run = capture_end(&capture, pail_ctl_report_end(report));
        assert_int_equal(run.status, 0);
        assert_null(strchr(run.out, '?'));
        assert_has(run.out, "\xc3\xa4\n");
        assert_true(strlen(run.out) < 4200 && strlen(run.out) > 4000);
        pail_ctl_report_free(report);
}

static void test_closed_output(void **state)
{
        (void)state;
        struct pail_ctl_report *report = NULL;
        assert_int_equal(pail_ctl_report_new(NULL, false, &report), 0);
        struct capture capture = capture_begin();
        FILE *full = freopen("/dev/full", "w", stdout);
        pail_ctl_report_add(report, PAIL_CTL_OK, "x", NULL, "a");
        int r = pail_ctl_report_end(report);
        clearerr(stdout);
        _cleanup_(run_done) struct run run = capture_end(&capture, r);
        assert_non_null(full);
        assert_int_equal(run.status, -EIO);
        pail_ctl_report_free(report);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_lines),          cmocka_unit_test(test_json),
                cmocka_unit_test(test_without_source), cmocka_unit_test(test_long_detail),
                cmocka_unit_test(test_closed_output),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
