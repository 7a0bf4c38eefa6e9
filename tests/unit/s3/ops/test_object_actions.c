/* SPDX-License-Identifier: Apache-2.0 */
/* Restore, tags, signed URLs and copies of versions, as requests and over a server that says what the script says. */
#include <fcntl.h>

#include "../fixture.h"
#include "pail/util/clock.h"
#include "pail/util/str.h"

#define EMPTY(status) ANSWER(status, "", "")
#define COPIED(etag) ANSWER("200 OK", XML, "<CopyObjectResult><ETag>" etag "</ETag></CopyObjectResult>")

static struct pail_object *new_object(struct fixture *f, const char *key, const char *version_id)
{
        struct pail_bucket *bucket = NULL;
        struct pail_object *object = NULL;
        assert_int_equal(pail_bucket_new(f->client, "b", &bucket), 0);
        assert_int_equal(pail_object_new_version(bucket, key, version_id, &object), 0);
        pail_bucket_unref(bucket);
        return object;
}

static const char *target(struct fixture *f, unsigned request)
{
        return f->requests[request].head.target;
}

static const char *sent(struct fixture *f, unsigned request, const char *name)
{
        return seen_header(&f->requests[request].head, name);
}

/* Restore */

static int restore(struct fixture *f, enum pail_s3_restore_state *state, struct pail_error *error)
{
        struct pail_object *object = new_object(f, "a/b", NULL);
        *error = PAIL_ERROR_INIT;
        int r = pail_object_restore(object, 3, "Bulk", state, error);
        pail_object_free(object);
        return r;
}

static void test_restore(void **context)
{
        struct fixture *f = *context;
        enum pail_s3_restore_state state = PAIL_S3_RESTORE_DONE;
        struct pail_error error;
        fixture_answers(f, EMPTY("202 Accepted"), NULL);
        assert_int_equal(restore(f, &state, &error), 0);
        assert_int_equal(state, PAIL_S3_RESTORE_STARTED);
        assert_string_equal(f->requests[0].head.method, "POST");
        assert_string_equal(target(f, 0), "/b/a/b?restore");
        assert_string_equal(f->requests[0].body,
                            "<RestoreRequest xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Days>3</Days>"
                            "<GlacierJobParameters><Tier>Bulk</Tier></GlacierJobParameters></RestoreRequest>");
        assert_non_null(sent(f, 0, "Content-MD5"));
        fixture_answers(f, EMPTY("200 OK"), NULL);
        assert_int_equal(restore(f, &state, &error), 0);
        assert_int_equal(state, PAIL_S3_RESTORE_DONE);
        fixture_answers(f, ERROR("409 Conflict", "RestoreAlreadyInProgress"), NULL);
        assert_int_equal(restore(f, &state, &error), 0);
        assert_int_equal(state, PAIL_S3_RESTORE_UNDER_WAY);
}

static void test_restore_of_a_version_for_ever(void **context)
{
        struct fixture *f = *context;
        struct pail_object *object = new_object(f, "k", "v+1");
        enum pail_s3_restore_state state;
        fixture_answers(f, EMPTY("202 Accepted"), NULL);
        assert_int_equal(pail_object_restore(object, 0, NULL, &state, NULL), 0);
        assert_string_equal(target(f, 0), "/b/k?restore&versionId=v%2B1");
        assert_null(strstr(f->requests[0].body, "Days"));
        assert_null(strstr(f->requests[0].body, "Tier"));
        pail_object_free(object);
}

static void test_restore_in_doubt(void **context)
{
        struct fixture *f = *context;
        enum pail_s3_restore_state state;
        struct pail_error error;
        fixture_answers(f, ANSWER_CLOSE, ERROR("409 Conflict", "RestoreAlreadyInProgress"), NULL);
        assert_int_equal(restore(f, &state, &error), 0);
        assert_int_equal(state, PAIL_S3_RESTORE_UNDER_WAY);
        assert_int_equal(fixture_requests(f), 2);
}

static void test_restore_refused(void **context)
{
        struct fixture *f = *context;
        enum pail_s3_restore_state state;
        struct pail_error error;
        fixture_answers(f, ERROR("503 Busy", "GlacierExpeditedRetrievalNotAvailable"), NULL);
        assert_int_equal(restore(f, &state, &error), -EAGAIN);
        assert_int_equal(fixture_requests(f), 1); /* no other attempt */
        fixture_answers(f, ERROR("403 Forbidden", "InvalidObjectState"), NULL);
        assert_int_equal(restore(f, &state, &error), -EACCES);
        assert_non_null(strstr(error.message, "not archived"));
}

static void assert_restore_header(struct fixture *f, const char *answer, bool archived, bool restoring, time_t until)
{
        struct pail_s3_object_metadata metadata = { 0 };
        fixture_answers(f, answer, NULL);
        assert_int_equal(pail_s3_head_object(f->client, "b", "k", &metadata, NULL), 0);
        assert_int_equal(metadata.archived, archived);
        assert_int_equal(metadata.is_restoring, restoring);
        assert_int_equal(metadata.restored_until, until);
        pail_s3_object_metadata_done(&metadata);
}

#define GLACIER "ETag: \"e\"\r\nContent-Length: 5\r\nx-amz-storage-class: GLACIER\r\n"

static void test_restore_is_told_by_head(void **context)
{
        struct fixture *f = *context;
        assert_restore_header(f, ANSWER("200 OK", GLACIER, ""), true, false, 0);
        assert_restore_header(f, ANSWER("200 OK", GLACIER "x-amz-restore: ongoing-request=\"true\"\r\n", ""), true,
                              true, 0);
        assert_restore_header(f,
                              ANSWER("200 OK",
                                     GLACIER "x-amz-restore: ongoing-request=\"false\", expiry-date=\"Fri, 21 Dec 2012 "
                                             "00:00:00 GMT\"\r\n",
                                     ""),
                              false, false, 1356048000);
        assert_restore_header(
                f,
                ANSWER("200 OK",
                       GLACIER "x-amz-restore: ongoing-request=\"false\", expiry-date=\"soon and for so long that no "
                               "buffer should be trusted to hold it all\"\r\n",
                       ""),
                false, false, 0);
}

/* Tags */

static void test_tags(void **context)
{
        struct fixture *f = *context;
        struct pail_object *object = new_object(f, "k", NULL), *version = new_object(f, "k", "v");
        fixture_answers(f, EMPTY("200 OK"), NULL);
        assert_int_equal(pail_object_put_tagging(object, "a=1&b%20=%26", NULL), 0);
        assert_string_equal(f->requests[0].head.method, "PUT");
        assert_string_equal(target(f, 0), "/b/k?tagging");
        assert_non_null(strstr(f->requests[0].body, "<Tag><Key>b </Key><Value>&amp;</Value></Tag>"));
        fixture_answers(f, EMPTY("204 No Content"), NULL);
        assert_int_equal(pail_object_put_tagging(object, "", NULL), 0);
        assert_string_equal(f->requests[0].head.method, "DELETE");
        assert_string_equal(target(f, 0), "/b/k?tagging");
        fixture_answers(f, ERROR("404 No", "NoSuchKey"), NULL);
        assert_int_equal(pail_object_delete_tagging(object, NULL), -ENOENT);
        fixture_answers(
                f, ANSWER("200 OK", XML, "<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet></Tagging>"),
                NULL);
        char *tagging = NULL;
        assert_int_equal(pail_object_tagging(version, &tagging, NULL), 0);
        assert_string_equal(tagging, "a=1");
        assert_string_equal(target(f, 0), "/b/k?tagging&versionId=v");
        assert_int_equal(pail_object_put_tagging(version, "a=1", NULL), -EINVAL);
        assert_int_equal(pail_object_delete_tagging(version, NULL), -EINVAL);
        free(tagging);
        pail_object_free(object);
        pail_object_free(version);
}

/* Signed URLs */

static void test_presign(void **context)
{
        struct fixture *f = *context;
        struct pail_object *object = new_object(f, "a b/\xc3\xa4?", NULL), *version = new_object(f, "k", "v/1");
        struct pail_s3_presigned presigned = { 0 };
        int64_t now = pail_clock_now().tv_sec;
        assert_int_equal(pail_object_presign(object, false, 60, &presigned, NULL), 0);
        assert_non_null(
                strstr(presigned.url, "/b/a%20b/%C3%A4%3F?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKID"));
        assert_non_null(strstr(presigned.url, "&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature="));
        assert_true(presigned.ends_at >= now + 60 && presigned.ends_at < now + 120);
        assert_false(presigned.ends_with_credentials);
        pail_s3_presigned_done(&presigned);
        assert_int_equal(pail_object_presign(version, false, 60, &presigned, NULL), 0);
        assert_non_null(strstr(presigned.url, "/b/k?versionId=v%2F1&X-Amz-Algorithm="));
        pail_s3_presigned_done(&presigned);
        assert_int_equal(pail_object_presign(version, true, 60, &presigned, NULL), -EINVAL);
        assert_int_equal(pail_object_presign(object, true, 604801, &presigned, NULL), -EINVAL);
        assert_int_equal(fixture_requests(f), 0);
        pail_object_free(object);
        pail_object_free(version);
}

static void test_presign_for_the_region_that_is_known(void **context)
{
        struct fixture *f = *context;
        struct pail_object *object = new_object(f, "k", NULL);
        struct pail_s3_presigned presigned = { 0 };
        fixture_answers(f, ANSWER("301 Moved", "x-amz-bucket-region: eu-west-1\r\n", ""), EMPTY("200 OK"), NULL);
        assert_int_equal(pail_bucket_load(pail_object_bucket(object), NULL), 0);
        assert_int_equal(pail_object_presign(object, false, 60, &presigned, NULL), 0);
        assert_non_null(strstr(presigned.url, "%2Feu-west-1%2Fs3%2Faws4_request&"));
        pail_s3_presigned_done(&presigned);
        pail_object_free(object);
}

static void test_presign_with_options(void **context)
{
        struct fixture *f = *context;
        struct pail_s3_presigned presigned = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        fixture_client(f, &(struct pail_s3_client_options){ .object.requester_pays = true });
        const struct pail_s3_presign_input input = { .bucket = "b", .key = "k", .expires_s = 1 };
        assert_int_equal(pail_s3_presign(f->client, &input, &presigned, NULL), 0);
        assert_non_null(strstr(presigned.url, "/b/k?x-amz-request-payer=requester&X-Amz-Algorithm="));
        pail_s3_presigned_done(&presigned);
        char key_file[] = "/tmp/pail-test-key-XXXXXX";
        _cleanup_close_ int fd = mkostemp(key_file, O_CLOEXEC);
        assert_int_equal(write(fd, "0123456789abcdef0123456789abcdef", 32), 32);
        fixture_client(f, &(struct pail_s3_client_options){ .object.sse_c_key_file = key_file });
        assert_int_equal(pail_s3_presign(f->client, &input, &presigned, &error), -EINVAL);
        assert_non_null(strstr(error.message, "sse_c_key_file"));
        unlink(key_file);
}

/* A session whose keys come with an end, from a program. */
static struct pail_session *new_session(const char *process, bool anonymous)
{
        char config[4200], path[] = "/tmp/pail-test-config-XXXXXX";
        static char no_file[] = "AWS_SHARED_CREDENTIALS_FILE=/dev/null";
        struct pail_session *session = NULL;
        struct pail_error error = PAIL_ERROR_INIT;
        _cleanup_close_ int fd = mkostemp(path, O_CLOEXEC);
        dprintf(fd, "[default]\ncredential_process = %s\n", process);
        snprintf(config, sizeof(config), "AWS_CONFIG_FILE=%s", path);
        char *environment[] = { config, no_file, NULL };
        const struct pail_session_options options = { .endpoint_url = "http://127.0.0.1:1",
                                                      .region = "us-east-1",
                                                      .no_sign_request = anonymous,
                                                      .environment = environment };
        if (pail_session_new(&options, &session, &error) < 0)
                fail_msg("%s", error.message);
        unlink(path);
        return session;
}

static int presign_with(struct fixture *f, struct pail_session *session, struct pail_s3_presigned *presigned,
                        struct pail_error *error)
{
        const struct pail_s3_presign_input input = { .bucket = "b", .key = "k", .expires_s = 604800 };
        struct pail_s3_client *client = NULL;
        assert_int_equal(pail_s3_client_new(session, f->engine, &(struct pail_s3_client_options){ 0 }, &client, NULL),
                         0);
        int r = pail_s3_presign(client, &input, presigned, error);
        pail_s3_client_drain(client);
        pail_s3_client_free(client);
        pail_session_free(session);
        return r;
}

static void test_presign_ends_with_the_credentials(void **context)
{
        struct pail_s3_presigned presigned = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        struct pail_session *session = new_session(
                "echo '{\"Version\": 1, \"AccessKeyId\": \"ASIA\", \"SecretAccessKey\": \"s\", \"SessionToken\": "
                "\"t+\", \"Expiration\": \"2100-01-01T00:00:00Z\"}'",
                false);
        if (presign_with(*context, session, &presigned, &error) < 0)
                fail_msg("%s", error.message);
        assert_false(presigned.ends_with_credentials);
        assert_non_null(strstr(presigned.url, "&X-Amz-Security-Token=t%2B&"));
        pail_s3_presigned_done(&presigned);
        char process[400], stamp[32];
        time_t end = pail_clock_now().tv_sec + 7200;
        struct tm parts;
        strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&end, &parts));
        snprintf(process, sizeof(process),
                 "echo '{\"Version\": 1, \"AccessKeyId\": \"ASIA\", \"SecretAccessKey\": \"s\", \"Expiration\": "
                 "\"%s\"}'",
                 stamp);
        session = new_session(process, false);
        if (presign_with(*context, session, &presigned, &error) < 0)
                fail_msg("%s", error.message);
        assert_true(presigned.ends_with_credentials);
        assert_int_equal(presigned.ends_at, end);
        pail_s3_presigned_done(&presigned);
}

static void test_presign_without_keys(void **context)
{
        struct pail_s3_presigned presigned = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        assert_int_equal(presign_with(*context, new_session("false", true), &presigned, &error), -ENOENT);
        assert_int_equal(error.class, PAIL_ERROR_CREDENTIALS);
}

/* Copies of versions */

static void count(void *context, int64_t delta)
{
        *(int64_t *)context += delta;
}

static void test_copy_of_a_version(void **context)
{
        struct fixture *f = *context;
        struct pail_object *source = new_object(f, "k +", "v&1"), *destination = new_object(f, "k +", NULL);
        int64_t moved = 0;
        const struct pail_object_copy_options options = { .acl_is_default = true,
                                                          .progress = count,
                                                          .context = &moved };
        char etag[PAIL_S3_ETAG_SIZE];
        fixture_answers(
                f, ANSWER("200 OK", "ETag: \"e\"\r\nContent-Length: 5\r\nx-amz-tagging-count: 1\r\n", ""),
                ANSWER("200 OK", XML, "<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet></Tagging>"),
                COPIED("e"), ANSWER("200 OK", "ETag: \"e\"\r\nContent-Length: 5\r\nx-amz-tagging-count: 1\r\n", ""),
                NULL);
        assert_int_equal(pail_object_copy(source, destination, &options, etag, NULL), 0);
        assert_string_equal(target(f, 0), "/b/k%20%2B?versionId=v%261");
        assert_string_equal(target(f, 1), "/b/k%20%2B?tagging&versionId=v%261");
        assert_string_equal(target(f, 2), "/b/k%20%2B");
        assert_string_equal(sent(f, 2, "x-amz-copy-source"), "b/k%20%2B?versionId=v%261");
        assert_int_equal(moved, 5);
        assert_int_equal(pail_object_copy(destination, source, NULL, etag, NULL), -EINVAL);
        pail_object_free(source);
        pail_object_free(destination);
}

static void test_multipart_copy_of_a_version(void **context)
{
        struct fixture *f = *context;
        struct pail_object *source = new_object(f, "k", "v"), *destination = new_object(f, "k2", NULL);
        int64_t moved = 0;
        const struct pail_object_copy_options options = {
                .acl_is_default = true, .threshold_bytes = 4, .progress = count, .context = &moved
        };
        char etag[PAIL_S3_ETAG_SIZE];
        fixture_answers(f, ANSWER("200 OK", "ETag: \"e\"\r\nContent-Length: 5\r\n", ""),
                        ANSWER("200 OK", XML,
                               "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>"),
                        ANSWER("200 OK", XML, "<CopyPartResult><ETag>p</ETag></CopyPartResult>"),
                        ANSWER("200 OK", "ETag: \"e\"\r\nContent-Length: 5\r\n", ""),
                        ANSWER("200 OK", XML,
                               "<CompleteMultipartUploadResult><ETag>n-1</ETag></CompleteMultipartUploadResult>"),
                        ANSWER("200 OK", "ETag: \"n-1\"\r\nContent-Length: 5\r\n", ""), NULL);
        assert_int_equal(pail_object_copy(source, destination, &options, etag, NULL), 0);
        assert_string_equal(sent(f, 2, "x-amz-copy-source"), "b/k?versionId=v");
        assert_string_equal(target(f, 3), "/b/k?versionId=v"); /* the same version is still there */
        assert_int_equal(moved, 5);
        pail_object_free(source);
        pail_object_free(destination);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_restore),
                TEST(test_restore_of_a_version_for_ever),
                TEST(test_restore_in_doubt),
                TEST(test_restore_refused),
                TEST(test_restore_is_told_by_head),
                TEST(test_tags),
                TEST(test_presign),
                TEST(test_presign_for_the_region_that_is_known),
                TEST(test_presign_with_options),
                TEST(test_presign_ends_with_the_credentials),
                TEST(test_presign_without_keys),
                TEST(test_copy_of_a_version),
                TEST(test_multipart_copy_of_a_version),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
