/* SPDX-License-Identifier: Apache-2.0 */
/* Uploads some of whose parts are copied, on servers that do not take that as Amazon S3 does. */
#include <errno.h>
#include <semaphore.h>
#include <sys/mman.h>

#include "../fixture.h"
#include "pail/s3/remote.h"
#include "pail/util/cleanup.h"

#define CREATED                                                                                                        \
        ANSWER("200 OK", XML, "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>")
#define STORED ANSWER("200 OK", "ETag: \"e\"\r\n", "")
#define PART_COPIED ANSWER("200 OK", XML, "<CopyPartResult><ETag>\"e\"</ETag></CopyPartResult>")
#define BASE ANSWER("200 OK", "ETag: \"base\"\r\nContent-Length: 12582912\r\n", "")
#define COMPLETED                                                                                                      \
        ANSWER("200 OK", XML, "<CompleteMultipartUploadResult><ETag>\"x-3\"</ETag></CompleteMultipartUploadResult>")
#define ABORTED ANSWER("204 No Content", "", "")
#define REFUSED ERROR("400 Bad Request", "InvalidArgument")

enum { PART = 5 << 20, PARTS = 3 };

struct ending {
        sem_t done;
        int r;
        enum pail_remote_cause cause;
};

static void on_part_done(void *context, int result, const struct pail_remote_error *error)
{
        struct ending *ending = context;
        ending->r = result;
        ending->cause = error ? error->cause : PAIL_REMOTE_UNKNOWN;
        sem_post(&ending->done);
}

/* The second of three parts has changed; the others are copied if that may be. */
static int send_part(struct pail_remote *remote, struct pail_remote_upload *upload, int fd, bool may_copy,
                     struct pail_remote_part *part, enum pail_remote_cause *ret_cause)
{
        struct ending ending = { 0 };
        struct pail_remote_call *call = NULL;
        uint64_t offset = (part->number - 1) * (uint64_t)PART;
        struct pail_remote_part_source source = { .priority = PAIL_REMOTE_WAITED };
        if (may_copy && part->number != 2) {
                source.copy_key = "k";
                source.copy_etag = "base";
                source.copy_offset = offset;
        } else {
                source.bytes = (struct pail_remote_bytes){ .fd = fd, .offset = offset, .size_bytes = part->size_bytes };
        }
        sem_init(&ending.done, 0, 0);
        assert_int_equal(remote->ops->send_part(upload, &source, part, on_part_done, &ending, &call, NULL), 0);
        while (sem_wait(&ending.done) < 0)
                ;
        remote->ops->unref_call(call);
        sem_destroy(&ending.done);
        *ret_cause = ending.cause;
        return ending.r;
}

/* One upload from its beginning to its end. */
static int try_upload(struct pail_remote *remote, const char *if_match, bool may_copy,
                      enum pail_remote_cause *ret_cause)
{
        _cleanup_close_ int fd = memfd_create("upload", MFD_CLOEXEC);
        assert_int_equal(ftruncate(fd, PARTS * (off_t)PART), 0);
        const struct pail_remote_metadata metadata = { 0 };
        const struct pail_remote_content content = { .metadata = &metadata };
        const struct pail_remote_condition condition = { .if_match = if_match };
        struct pail_remote_part parts[PARTS];
        struct pail_remote_upload *upload = NULL;
        struct pail_remote_stored stored = { 0 };
        struct pail_remote_error error = { 0 };
        int r = remote->ops->begin_upload(remote, "k", &content, may_copy, &upload, &error);
        assert_int_equal(r, 0);
        for (unsigned i = 0; r == 0 && i < PARTS; i++) {
                parts[i] = (struct pail_remote_part){ .number = i + 1, .size_bytes = PART };
                r = send_part(remote, upload, fd, may_copy, &parts[i], ret_cause);
        }
        if (r == 0) {
                r = remote->ops->complete_upload(upload, parts, PARTS, &condition, &stored, &error);
                *ret_cause = error.cause;
        }
        remote->ops->end_upload(upload, false);
        pail_remote_stored_done(&stored);
        return r;
}

/* As the file system does it: what is lost is begun anew, once. */
static int send_file(struct pail_remote *remote, const char *if_match)
{
        enum pail_remote_cause cause = PAIL_REMOTE_UNKNOWN;
        int r = try_upload(remote, if_match, remote->ops->features(remote).copies_parts, &cause);
        if (r < 0 && cause == PAIL_REMOTE_ABSENT)
                r = try_upload(remote, if_match, remote->ops->features(remote).copies_parts, &cause);
        return r;
}

static const char *sent(struct fixture *f, unsigned request, const char *name)
{
        return seen_header(&f->requests[request].head, name);
}

static struct pail_remote *make_remote(struct fixture *f, enum pail_s3_checksum checksum)
{
        _cleanup_(pail_bucket_unref_p) struct pail_bucket *bucket = NULL;
        struct pail_remote *remote = NULL;
        fixture_client(f, &(struct pail_s3_client_options){ .timeout_ms = 20000, .checksum = checksum });
        assert_int_equal(pail_bucket_new(f->client, "b", &bucket), 0);
        assert_int_equal(pail_s3_remote_new(bucket, &(struct pail_s3_remote_options){ 0 }, &remote), 0);
        return remote;
}

/* Create, copy, data, copy, the look at the base, complete: from the request on that is given. */
static void assert_without_checksums(struct fixture *f, unsigned first, const char *md5)
{
        assert_null(sent(f, first, "x-amz-checksum-algorithm"));
        assert_non_null(sent(f, first + 1, "x-amz-copy-source"));
        assert_null(sent(f, first + 2, "x-amz-checksum-crc32c"));
        assert_null(sent(f, first + 2, "x-amz-checksum-crc64nvme"));
        if (md5)
                assert_string_equal(sent(f, first + 2, "Content-MD5"), md5);
        else
                assert_null(sent(f, first + 2, "Content-MD5"));
        assert_non_null(sent(f, first + 3, "x-amz-copy-source"));
        assert_string_equal(f->requests[first + 4].head.method, "HEAD");
        assert_null(strstr(f->requests[first + 5].body, "Checksum"));
}

static void test_a_server_that_copies_into_what_has_no_checksums(void **state)
{
        static const struct {
                enum pail_s3_checksum checksum;
                const char *algorithm, *md5;
        } cases[] = {
                { PAIL_S3_CHECKSUM_AUTO, "CRC32C", NULL },
                { PAIL_S3_CHECKSUM_CRC32C, "CRC32C", "XzY+DlipXwbL6bvGYsXftg==" }, /* asked for: so in another way */
                { PAIL_S3_CHECKSUM_CRC64NVME, "CRC64NVME", "XzY+DlipXwbL6bvGYsXftg==" },
        };
        struct fixture *f = *state;
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                struct pail_remote *remote = make_remote(f, cases[i].checksum);
                fixture_answers(f, CREATED, REFUSED, ABORTED, CREATED, PART_COPIED, STORED, PART_COPIED, BASE,
                                COMPLETED, NULL);
                assert_int_equal(send_file(remote, NULL), 0);
                assert_int_equal(fixture_requests(f), 9);
                assert_string_equal(sent(f, 0, "x-amz-checksum-algorithm"), cases[i].algorithm);
                assert_string_equal(f->requests[2].head.method, "DELETE");
                assert_without_checksums(f, 3, cases[i].md5);
                /* Remembered. */
                fixture_answers(f, CREATED, PART_COPIED, STORED, PART_COPIED, BASE, COMPLETED, NULL);
                assert_int_equal(send_file(remote, NULL), 0);
                assert_int_equal(fixture_requests(f), 6);
                assert_without_checksums(f, 0, cases[i].md5);
                remote->ops->unref(remote);
        }
}

/* A source that has no checksum to give: the end is refused. */
static void test_a_server_that_refuses_the_end(void **state)
{
        static const char *const refusals[] = { ERROR("400 Bad Request", "InvalidRequest"),
                                                ERROR("400 Bad Request", "InvalidPart") };
        struct fixture *f = *state;
        for (size_t i = 0; i < TEST_COUNT(refusals); i++) {
                struct pail_remote *remote = make_remote(f, PAIL_S3_CHECKSUM_AUTO);
                fixture_answers(f, CREATED, PART_COPIED, STORED, PART_COPIED, BASE, refusals[i], ABORTED, CREATED,
                                PART_COPIED, STORED, PART_COPIED, BASE, COMPLETED, NULL);
                assert_int_equal(send_file(remote, NULL), 0);
                assert_int_equal(fixture_requests(f), 13);
                assert_without_checksums(f, 7, NULL);
                remote->ops->unref(remote);
        }
}

/* That was not it: the cause is told, after one more try, and nothing is learned. */
static void test_another_cause(void **state)
{
        struct fixture *f = *state;
        struct pail_remote *remote = make_remote(f, PAIL_S3_CHECKSUM_AUTO);
        fixture_answers(f, CREATED, REFUSED, ABORTED, CREATED, REFUSED, ABORTED, NULL);
        assert_int_equal(send_file(remote, NULL), -EINVAL);
        assert_int_equal(fixture_requests(f), 6);
        fixture_answers(f, CREATED, PART_COPIED, STORED, PART_COPIED, BASE, COMPLETED, NULL);
        assert_int_equal(send_file(remote, NULL), 0);
        assert_string_equal(sent(f, 0, "x-amz-checksum-algorithm"), "CRC32C");
        assert_non_null(sent(f, 2, "x-amz-checksum-crc32c"));
        remote->ops->unref(remote);
}

static void test_a_server_that_does_not_copy_parts(void **state)
{
        struct fixture *f = *state;
        struct pail_remote *remote = make_remote(f, PAIL_S3_CHECKSUM_AUTO);
        assert_true(remote->ops->features(remote).copies_parts);
        fixture_answers(f, CREATED, ERROR("501 Not Implemented", "NotImplemented"), ABORTED, CREATED, STORED, STORED,
                        STORED, COMPLETED, NULL);
        assert_int_equal(send_file(remote, NULL), 0);
        assert_int_equal(fixture_requests(f), 8);
        assert_string_equal(sent(f, 3, "x-amz-checksum-algorithm"), "CRC32C");
        for (unsigned i = 4; i < 7; i++) {
                assert_null(sent(f, i, "x-amz-copy-source"));
                assert_non_null(sent(f, i, "x-amz-checksum-crc32c"));
        }
        assert_false(remote->ops->features(remote).copies_parts);
        remote->ops->unref(remote);
}

static void test_an_end_under_conditions(void **state)
{
        struct fixture *f = *state;
        struct pail_remote *remote = make_remote(f, PAIL_S3_CHECKSUM_NONE);
        fixture_answers(f, CREATED, PART_COPIED, STORED, PART_COPIED, BASE, REFUSED, BASE, COMPLETED, NULL);
        assert_int_equal(send_file(remote, "base"), 0);
        assert_int_equal(fixture_requests(f), 8);
        assert_string_equal(sent(f, 5, "If-Match"), "base");
        assert_null(sent(f, 7, "If-Match"));
        /* Known to be without: one look, by who writes. */
        fixture_answers(f, CREATED, PART_COPIED, STORED, PART_COPIED, BASE, COMPLETED, NULL);
        assert_int_equal(send_file(remote, "base"), 0);
        assert_int_equal(fixture_requests(f), 6);
        assert_null(sent(f, 5, "If-Match"));
        remote->ops->unref(remote);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_a_server_that_copies_into_what_has_no_checksums),
                TEST(test_a_server_that_refuses_the_end),
                TEST(test_another_cause),
                TEST(test_a_server_that_does_not_copy_parts),
                TEST(test_an_end_under_conditions),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
