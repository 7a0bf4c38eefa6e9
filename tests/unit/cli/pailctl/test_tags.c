/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/pailctl/command.h"

#include "pail/util/cleanup.h"
#include "run.h"

#define TAG(key, value) "<Tag><Key>" key "</Key><Value>" value "</Value></Tag>"
#define TAGS(inner) ANSWER("200 OK", XML, "<Tagging><TagSet>" inner "</TagSet></Tagging>")
#define DONE ANSWER("200 OK", "", "")

static void test_show(void **state)
{
        struct fixture *f = *state;
        fixture_answers(f, TAGS(TAG("b", "two words &amp; more") TAG("a", "") TAG("c\t", "1")), NULL);
        _cleanup_(run_done) struct run run = run_at(f, pail_ctl_tags, "s3://bucket/a/key", "");
        assert_int_equal(run.status, EXIT_SUCCESS);
        assert_text(run.err, "");
        assert_text(run.out, "a=\nb=two words & more\nc?=1\n");
        assert_int_equal(fixture_requests(f), 1);
        assert_string_equal(f->requests[0].head.method, "GET");
        assert_string_equal(f->requests[0].head.target, "/bucket/a/key?tagging");
}

static void test_show_json(void **state)
{
        struct fixture *f = *state;
        fixture_answers(f, TAGS(TAG("b", "2") TAG("a", "&lt;1&gt;")), NULL);
        _cleanup_(run_done) struct run run = run_at(f, pail_ctl_tags, "s3://bucket/key --json", "");
        assert_int_equal(run.status, EXIT_SUCCESS);
        assert_text(run.out,
                    "{\n  \"uri\": \"s3://bucket/key\",\n  \"tags\": {\n    \"a\": \"<1>\",\n    \"b\": \"2\"\n"
                    "  }\n}\n");
}

/* What is not named is kept; a value may hold a '='. */
static void test_change(void **state)
{
        struct fixture *f = *state;
        fixture_answers(f, TAGS(TAG("keep", "1") TAG("old", "2") TAG("change", "3")), DONE, NULL);
        _cleanup_(run_done) struct run run = run_at(f, pail_ctl_tags, "s3://bucket/key change=x=y new=&< --remove old",
                                                    "");
        assert_int_equal(run.status, EXIT_SUCCESS);
        assert_text(run.out, "");
        assert_int_equal(fixture_requests(f), 2);
        assert_string_equal(f->requests[1].head.method, "PUT");
        const char *body = f->requests[1].body;
        assert_has(body, TAG("keep", "1"));
        assert_has(body, TAG("change", "x=y"));
        assert_has(body, TAG("new", "&amp;&lt;"));
        assert_null(strstr(body, "old"));
}

static void test_remove_the_last(void **state)
{
        struct fixture *f = *state;
        fixture_answers(f, TAGS(TAG("a", "1")), ANSWER("204 No Content", "", ""), NULL);
        _cleanup_(run_done) struct run run = run_at(f, pail_ctl_tags, "s3://bucket/key --remove a --json", "");
        assert_int_equal(run.status, EXIT_SUCCESS);
        assert_string_equal(f->requests[1].head.method, "DELETE");
        assert_has(run.out, "\"tags\": {}");
}

static void test_remove_what_is_not_there(void **state)
{
        struct fixture *f = *state;
        fixture_answers(f, TAGS(TAG("a", "1")), NULL);
        _cleanup_(run_done) struct run run = run_at(f, pail_ctl_tags, "s3://bucket/key b=2 --remove gone", "");
        assert_int_equal(run.status, EXIT_FAILURE);
        assert_text(run.err, "pailctl: there is no tag 'gone' on s3://bucket/key; nothing was changed\n");
        assert_int_equal(fixture_requests(f), 1);
}

static void test_denied(void **state)
{
        struct fixture *f = *state;
        fixture_answers(f, ERROR("403 Forbidden", "AccessDenied"), NULL);
        _cleanup_(run_done) struct run run = run_at(f, pail_ctl_tags, "s3://bucket/key", "");
        assert_int_equal(run.status, EXIT_FAILURE);
        assert_has(run.err, "s3:GetObjectTagging");
        assert_has(run.err, "****************MPLE"); /* never the whole key id */
        assert_null(strstr(run.err, "AKIDEXAMPLE"));
}

static void test_usage(void **state)
{
        static const struct {
                const char *words, *said;
        } cases[] = {
                { "", "tags: the object, s3://BUCKET/KEY, is missing" },
                { "s3://bucket/key word", "tags: word is no tag: write KEY=VALUE" },
                { "s3://bucket/key =value", "tags: =value is no tag: write KEY=VALUE" },
                { "s3://bucket", "names no object: write s3://BUCKET/KEY" },
                { "bucket:/key", "is no URI of an object" },
        };
        (void)state;
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                _cleanup_(run_done) struct run run = run_command(pail_ctl_tags, cases[i].words);
                assert_int_equal(run.status, PAIL_CTL_EXIT_USAGE);
                assert_has(run.err, cases[i].said);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_show, fixture_set_up, fixture_tear_down),
                cmocka_unit_test_setup_teardown(test_show_json, fixture_set_up, fixture_tear_down),
                cmocka_unit_test_setup_teardown(test_change, fixture_set_up, fixture_tear_down),
                cmocka_unit_test_setup_teardown(test_remove_the_last, fixture_set_up, fixture_tear_down),
                cmocka_unit_test_setup_teardown(test_remove_what_is_not_there, fixture_set_up, fixture_tear_down),
                cmocka_unit_test_setup_teardown(test_denied, fixture_set_up, fixture_tear_down),
                cmocka_unit_test(test_usage),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
