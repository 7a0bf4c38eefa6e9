/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/pailctl/command.h"

#include "pail/util/cleanup.h"
#include "run.h"

#define COMMON(key, id, latest, date)                                                                                  \
        "<Key>" key "</Key><VersionId>" id "</VersionId><IsLatest>" latest "</IsLatest><LastModified>" date            \
        "</LastModified>"
#define ONE(key, id, latest, date, size)                                                                               \
        "<Version>" COMMON(key, id, latest, date) "<ETag>&quot;e&quot;</ETag><Size>" size                              \
                                                  "</Size><StorageClass>STANDARD</StorageClass></Version>"
#define GONE(key, id, latest, date) "<DeleteMarker>" COMMON(key, id, latest, date) "</DeleteMarker>"
#define LISTED(inner)                                                                                                  \
        ANSWER("200 OK", XML, "<ListVersionsResult><IsTruncated>false</IsTruncated>" inner "</ListVersionsResult>")

#define SOME                                                                                                           \
        LISTED(GONE("key", "v4", "true", "2026-01-04T00:00:00Z") GONE("key", "v3", "false", "2026-01-03T00:00:00Z")    \
                       ONE("key", "v2", "false", "2026-01-02T00:00:00Z", "12345")                                      \
                               GONE("key", "v1", "false", "2026-01-01T12:00:00Z")                                      \
                                       ONE("key2", "w1", "true", "2026-01-01T00:00:00Z", "1"))

static void test_table(void **state)
{
        struct fixture *f = *state;
        fixture_answers(f, SOME, NULL);
        _cleanup_(run_done) struct run run = run_at(f, pail_ctl_versions, "s3://bucket/key", "");
        assert_int_equal(run.status, EXIT_SUCCESS);
        assert_text(run.out, "DATE                            SIZE KIND           VERSION\n"
                             "2026-01-04T00:00:00Z               - delete-marker  v4\n"
                             "2026-01-03T00:00:00Z               - delete-marker  v3\n"
                             "2026-01-02T00:00:00Z           12345 old            v2\n"
                             "2026-01-01T12:00:00Z               - delete-marker  v1\n");
        assert_has(f->requests[0].head.target, "versions");
        assert_has(f->requests[0].head.target, "prefix=key");
}

static void test_json(void **state)
{
        struct fixture *f = *state;
        fixture_answers(f,
                        LISTED(ONE("key", "v2", "true", "2026-01-02T00:00:00Z", "5")
                                       GONE("key", "v1", "false", "2026-01-01T00:00:00Z")),
                        NULL);
        _cleanup_(run_done) struct run run = run_at(f, pail_ctl_versions, "s3://bucket/key --json", "");
        assert_int_equal(run.status, EXIT_SUCCESS);
        assert_text(run.out, "{\n"
                             "  \"uri\": \"s3://bucket/key\",\n"
                             "  \"versions\": [\n"
                             "    {\n"
                             "      \"version_id\": \"v2\",\n"
                             "      \"is_latest\": true,\n"
                             "      \"is_delete_marker\": false,\n"
                             "      \"last_modified\": \"2026-01-02T00:00:00Z\",\n"
                             "      \"size\": 5,\n"
                             "      \"etag\": \"e\",\n"
                             "      \"storage_class\": \"STANDARD\"\n"
                             "    },\n"
                             "    {\n"
                             "      \"version_id\": \"v1\",\n"
                             "      \"is_latest\": false,\n"
                             "      \"is_delete_marker\": true,\n"
                             "      \"last_modified\": \"2026-01-01T00:00:00Z\",\n"
                             "      \"size\": null,\n"
                             "      \"etag\": null,\n"
                             "      \"storage_class\": null\n"
                             "    }\n"
                             "  ]\n"
                             "}\n");
}

static void assert_restore_fails(struct fixture *f, const char *answer, const char *words, const char *said)
{
        fixture_answers(f, answer, NULL);
        _cleanup_(run_done) struct run run = run_at(f, pail_ctl_versions, words, "");
        assert_int_equal(run.status, EXIT_FAILURE);
        assert_text(run.out, "");
        assert_text(run.err, said);
        assert_int_equal(fixture_requests(f), 1); /* nothing was copied */
}

static void test_restore_refused(void **state)
{
        struct fixture *f = *state;
        assert_restore_fails(f, SOME, "s3://bucket/key --restore v4",
                             "pailctl: version 'v4' of s3://bucket/key is a delete marker, which says that the object "
                             "was deleted; \"--restore v2\" brings back what was there before\n");
        assert_restore_fails(f, SOME, "s3://bucket/key --restore v1",
                             "pailctl: version 'v1' of s3://bucket/key is a delete marker, and no version from before "
                             "it is left\n");
        assert_restore_fails(f, SOME, "s3://bucket/key --restore w1", /* of another key */
                             "pailctl: there is no version 'w1' of s3://bucket/key; \"pailctl versions\" lists them\n");
        assert_restore_fails(f, LISTED(ONE("key2", "w1", "true", "2026-01-01T00:00:00Z", "1")), "s3://bucket/key",
                             "pailctl: there is no object s3://bucket/key, and no version of one\n");
}

static void test_restore_current(void **state)
{
        struct fixture *f = *state;
        fixture_answers(f, LISTED(ONE("key", "v2", "true", "2026-01-02T00:00:00Z", "5")), NULL);
        _cleanup_(run_done) struct run run = run_at(f, pail_ctl_versions, "s3://bucket/key --restore v2", "");
        assert_int_equal(run.status, EXIT_SUCCESS);
        assert_text(run.out, "version v2 is the current one of s3://bucket/key already\n");
        assert_int_equal(fixture_requests(f), 1);
}

static void test_usage(void **state)
{
        (void)state;
        _cleanup_(run_done) struct run run = run_command(pail_ctl_versions, "s3://bucket/key more");
        assert_int_equal(run.status, PAIL_CTL_EXIT_USAGE);
        assert_has(run.err, "versions: more is one argument too many");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_table, fixture_set_up, fixture_tear_down),
                cmocka_unit_test_setup_teardown(test_json, fixture_set_up, fixture_tear_down),
                cmocka_unit_test_setup_teardown(test_restore_refused, fixture_set_up, fixture_tear_down),
                cmocka_unit_test_setup_teardown(test_restore_current, fixture_set_up, fixture_tear_down),
                cmocka_unit_test(test_usage),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
