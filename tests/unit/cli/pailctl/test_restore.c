/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/pailctl/command.h"

#include "pail/util/cleanup.h"
#include "run.h"

#define HEAD(headers) ANSWER("200 OK", "ETag: \"e\"\r\nContent-Length: 1\r\n" headers, "")
#define GLACIER "x-amz-storage-class: GLACIER\r\n"
#define ONGOING "x-amz-restore: ongoing-request=\"true\"\r\n"
#define READABLE "x-amz-restore: ongoing-request=\"false\", expiry-date=\"Fri, 02 Jan 2026 00:00:00 GMT\"\r\n"
#define ACCEPTED ANSWER("202 Accepted", "", "")

static struct run restore_of(struct fixture *f, const char *words)
{
        char all[200];
        snprintf(all, sizeof(all), "s3://bucket/key%s", words);
        return run_at(f, pail_ctl_restore, all, "");
}

/* What is no archive, or is on its way, is told and not asked for again. */
static void test_states(void **state)
{
        static const struct {
                const char *answer, *said, *state;
        } cases[] = {
                { HEAD(""), "s3://bucket/key is not archived (storage class STANDARD): it can be read as it is\n",
                  "not-archived" },
                { HEAD(GLACIER ONGOING),
                  "s3://bucket/key is being restored, which takes minutes to days; --wait waits for it\n",
                  "restoring" },
                { HEAD(GLACIER READABLE), "s3://bucket/key can be read until 2026-01-02T00:00:00Z\n", "readable" },
        };
        struct fixture *f = *state;
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                fixture_answers(f, cases[i].answer, NULL);
                _cleanup_(run_done) struct run text = restore_of(f, ""), json = restore_of(f, " --json");
                assert_int_equal(text.status, EXIT_SUCCESS);
                assert_text(text.out, cases[i].said);
                char member[80];
                snprintf(member, sizeof(member), "\"state\": \"%s\"", cases[i].state);
                assert_has(json.out, member);
                assert_int_equal(fixture_requests(f), 2);
        }
}

static void test_asked_for(void **state)
{
        struct fixture *f = *state;
        fixture_answers(f, HEAD(GLACIER), ACCEPTED, HEAD(GLACIER ONGOING), NULL);
        _cleanup_(run_done) struct run run = restore_of(f, " --tier bulk --days 3");
        assert_int_equal(run.status, EXIT_SUCCESS);
        assert_has(run.out, "is being restored");
        assert_string_equal(f->requests[1].head.method, "POST");
        assert_has(f->requests[1].body, "<Days>3</Days>");
        assert_has(f->requests[1].body, "<Tier>Bulk</Tier>"); /* as S3 spells it */
}

static void test_default_days(void **state)
{
        struct fixture *f = *state;
        fixture_answers(f, HEAD(GLACIER), ACCEPTED, HEAD(GLACIER ONGOING), NULL);
        _cleanup_(run_done) struct run run = restore_of(f, "");
        assert_int_equal(run.status, EXIT_SUCCESS);
        assert_has(f->requests[1].body, "<Days>7</Days>");
        assert_null(strstr(f->requests[1].body, "Tier"));
}

/* --days of a copy that is there puts its end off. */
static void test_put_off(void **state)
{
        struct fixture *f = *state;
        fixture_answers(f, HEAD(GLACIER READABLE), ANSWER("200 OK", "", ""), HEAD(GLACIER READABLE), NULL);
        _cleanup_(run_done) struct run run = restore_of(f, " --days 30 --json");
        assert_int_equal(run.status, EXIT_SUCCESS);
        assert_has(f->requests[1].body, "<Days>30</Days>");
        assert_has(run.out, "\"readable_until\": \"2026-01-02T00:00:00Z\"");
        assert_has(run.out, "\"storage_class\": \"GLACIER\"");
}

static void test_wait(void **state)
{
        struct fixture *f = *state;
        fixture_answers(f, HEAD(GLACIER), ACCEPTED, HEAD(GLACIER ONGOING), HEAD(GLACIER READABLE), NULL);
        _cleanup_(run_done) struct run run = restore_of(f, " --wait");
        assert_int_equal(run.status, EXIT_SUCCESS);
        assert_has(run.out, "is being restored");
        assert_has(run.out, "can be read until 2026-01-02T00:00:00Z\n");
        assert_int_equal(fixture_requests(f), 4);
}

static void test_tiering_has_no_days(void **state)
{
        struct fixture *f = *state;
        fixture_answers(f, HEAD("x-amz-storage-class: INTELLIGENT_TIERING\r\nx-amz-archive-status: ARCHIVE_ACCESS\r\n"),
                        NULL);
        _cleanup_(run_done) struct run run = restore_of(f, " --days 3");
        assert_int_equal(run.status, EXIT_FAILURE);
        assert_has(run.err, "has no meaning for the class INTELLIGENT_TIERING");
        assert_int_equal(fixture_requests(f), 1);
}

static void test_absent(void **state)
{
        struct fixture *f = *state;
        fixture_answers(f, ANSWER("404 Not Found", "", ""), ANSWER("200 OK", "", ""), NULL);
        _cleanup_(run_done) struct run run = restore_of(f, "");
        assert_int_equal(run.status, EXIT_FAILURE);
        assert_text(run.err, "pailctl: there is no object s3://bucket/key\n");
}

static void test_usage(void **state)
{
        static const struct {
                const char *words, *said;
        } cases[] = {
                { "s3://bucket/key --days 0", "restore: --days is a number of days, from 1 on" },
                { "s3://bucket/key --days 36501", "--days is a number" },
                { "s3://bucket/key --days week", "--days is a number" },
                { "s3://bucket/key --tier cheap", "restore: --tier is Standard, Bulk or Expedited" },
        };
        (void)state;
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                _cleanup_(run_done) struct run run = run_command(pail_ctl_restore, cases[i].words);
                assert_int_equal(run.status, PAIL_CTL_EXIT_USAGE);
                assert_has(run.err, cases[i].said);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_states, fixture_set_up, fixture_tear_down),
                cmocka_unit_test_setup_teardown(test_asked_for, fixture_set_up, fixture_tear_down),
                cmocka_unit_test_setup_teardown(test_default_days, fixture_set_up, fixture_tear_down),
                cmocka_unit_test_setup_teardown(test_put_off, fixture_set_up, fixture_tear_down),
                cmocka_unit_test_setup_teardown(test_wait, fixture_set_up, fixture_tear_down),
                cmocka_unit_test_setup_teardown(test_tiering_has_no_days, fixture_set_up, fixture_tear_down),
                cmocka_unit_test_setup_teardown(test_absent, fixture_set_up, fixture_tear_down),
                cmocka_unit_test(test_usage),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
