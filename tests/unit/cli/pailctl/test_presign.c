/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/pailctl/command.h"

#include "pail/util/cleanup.h"
#include "pail/util/str.h"
#include "run.h"

#define THERE ANSWER("200 OK", "", "")

static void assert_expires(struct fixture *f, const char *words, const char *expected)
{
        char all[200], parameter[80];
        snprintf(all, sizeof(all), "s3://bucket/a/key%s", words);
        snprintf(parameter, sizeof(parameter), "X-Amz-Expires=%s&", expected);
        fixture_answers(f, THERE, NULL);
        _cleanup_(run_done) struct run run = run_at(f, pail_ctl_presign, all, "");
        assert_int_equal(run.status, EXIT_SUCCESS);
        assert_text(run.err, "");
        assert_has(run.out, parameter);
}

static void test_times(void **state)
{
        struct fixture *f = *state;
        assert_expires(f, "", "3600");
        assert_expires(f, " --expires 90", "90");
        assert_expires(f, " --expires 90s", "90");
        assert_expires(f, " --expires 15m", "900");
        assert_expires(f, " --expires 1h", "3600");
        assert_expires(f, " --expires 7d", "604800");
        assert_expires(f, " --expires 1d", "86400");
}

static void test_url(void **state)
{
        struct fixture *f = *state;
        char begin[80];
        fixture_answers(f, THERE, NULL);
        _cleanup_(run_done) struct run run = run_at(f, pail_ctl_presign, "s3://bucket/a/key --version-id v1", "");
        snprintf(begin, sizeof(begin), "http://127.0.0.1:%u/bucket/a/key?", server_port(f->server));
        assert_true(pail_str_starts_with(run.out, begin));
        assert_has(run.out, "versionId=v1");
        assert_has(run.out, "X-Amz-Credential=AKIDEXAMPLE%2F");
        assert_has(run.out, "&X-Amz-Signature=");
        assert_true(strchr(run.out, '\n') == run.out + strlen(run.out) - 1); /* one line, and nothing but the URL */
}

static void test_json(void **state)
{
        struct fixture *f = *state;
        fixture_answers(f, THERE, NULL);
        _cleanup_(run_done) struct run run = run_at(f, pail_ctl_presign, "s3://bucket/key --put --json", "");
        assert_int_equal(run.status, EXIT_SUCCESS);
        assert_has(run.out, "\"method\": \"PUT\"");
        assert_has(run.out, "\"url\": \"http://127.0.0.1:");
        assert_has(run.out, "\"expires_with_credentials\": false");
}

/* A server that does not answer leaves the URL for the region that is configured; an absent bucket has none. */
static void test_buckets(void **state)
{
        struct fixture *f = *state;
        fixture_answers(f, ANSWER("403 Forbidden", "", ""), NULL);
        _cleanup_(run_done) struct run denied = run_at(f, pail_ctl_presign, "s3://bucket/key", "");
        assert_int_equal(denied.status, EXIT_SUCCESS);
        assert_has(denied.out, "%2Fus-east-1%2Fs3%2F");
        fixture_answers(f, ANSWER("404 Not Found", "", ""), NULL);
        _cleanup_(run_done) struct run absent = run_at(f, pail_ctl_presign, "s3://bucket/key", "");
        assert_int_equal(absent.status, EXIT_FAILURE);
        assert_text(absent.out, "");
}

static void test_anonymous(void **state)
{
        struct fixture *f = *state;
        fixture_answers(f, THERE, NULL);
        _cleanup_(run_done) struct run run = run_at(f, pail_ctl_presign, "s3://bucket/key", ",no_sign_request");
        assert_int_equal(run.status, EXIT_FAILURE);
        assert_has(run.err, "have no keys to sign a URL with");
        assert_int_equal(fixture_requests(f), 0);
}

static void test_usage(void **state)
{
        static const struct {
                const char *words, *said;
        } cases[] = {
                { "--expires soon", "presign: --expires is a time: 90s, 15m, 1h or 7d" },
                { "--expires d", "--expires is a time" },
                { "--expires 1w", "--expires is a time" },
                { "--expires -1d", "--expires is a time" },
                { "--expires 106751991167301d", "--expires is a time" }, /* more seconds than there are numbers */
                { "--expires 999ms", "--expires is from one second to 7 days" },
                { "--expires 0d", "--expires is from one second to 7 days" },
                { "--expires 8d", "--expires is from one second to 7 days" },
                { "--expires 604801", "--expires is from one second to 7 days" },
                { "--put --version-id v1", "presign: --version-id names what cannot be written" },
        };
        (void)state;
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                char words[200];
                snprintf(words, sizeof(words), "s3://bucket/key %s", cases[i].words);
                _cleanup_(run_done) struct run run = run_command(pail_ctl_presign, words);
                if (run.status != PAIL_CTL_EXIT_USAGE)
                        fail_msg("%s: %d", words, run.status);
                assert_has(run.err, cases[i].said);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_times, fixture_set_up, fixture_tear_down),
                cmocka_unit_test_setup_teardown(test_url, fixture_set_up, fixture_tear_down),
                cmocka_unit_test_setup_teardown(test_json, fixture_set_up, fixture_tear_down),
                cmocka_unit_test_setup_teardown(test_buckets, fixture_set_up, fixture_tear_down),
                cmocka_unit_test_setup_teardown(test_anonymous, fixture_set_up, fixture_tear_down),
                cmocka_unit_test(test_usage),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
