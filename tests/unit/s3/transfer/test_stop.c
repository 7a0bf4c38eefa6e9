/* SPDX-License-Identifier: Apache-2.0 */
/* Transfers that are to end early. */
#include <errno.h>
#include <pthread.h>
#include <sys/mman.h>

#include "../fixture.h"
#include "pail/util/cleanup.h"

#define CREATED                                                                                                        \
        ANSWER("200 OK", XML, "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>")
#define SOURCE ANSWER("200 OK", "ETag: \"e\"\r\nContent-Length: 12582912\r\n", "")
#define LARGE_SOURCE ANSWER("200 OK", "ETag: \"e\"\r\nContent-Length: 2147483648\r\n", "") /* of 16 parts */
#define PART_COPIED ANSWER("200 OK", XML, "<CopyPartResult><ETag>\"e\"</ETag></CopyPartResult>")
#define COPIED ANSWER("200 OK", XML, "<CopyObjectResult><ETag>\"e\"</ETag></CopyObjectResult>")
#define ABORTED ANSWER("204 No Content", "", "")

/* Ends a copy once the server has got so many requests. */
struct stop {
        struct fixture *f;
        unsigned after_requests;
};

static bool is_stopped(void *context)
{
        const struct stop *stop = context;
        return fixture_requests(stop->f) >= stop->after_requests;
}

static int copy(struct fixture *f, unsigned after_requests, uint64_t threshold_bytes, struct pail_error *error)
{
        struct stop stop = { f, after_requests };
        const struct pail_object_copy_options options = {
                .threshold_bytes = threshold_bytes, .acl_is_default = true, .is_stopped = is_stopped, .context = &stop
        };
        struct pail_bucket *bucket = NULL;
        struct pail_object *source = NULL, *destination = NULL;
        char etag[PAIL_S3_ETAG_SIZE];
        *error = PAIL_ERROR_INIT;
        assert_int_equal(pail_bucket_new(f->client, "b", &bucket), 0);
        assert_int_equal(pail_object_new(bucket, "from", &source), 0);
        assert_int_equal(pail_object_new(bucket, "to", &destination), 0);
        int r = pail_object_copy(source, destination, &options, etag, error);
        pail_object_free(source);
        pail_object_free(destination);
        pail_bucket_unref(bucket);
        return r;
}

static void assert_stopped(struct fixture *f, int r, const struct pail_error *error, unsigned requests)
{
        assert_int_equal(r, -EINTR);
        assert_int_equal(error->class, PAIL_ERROR_CANCELLED);
        assert_int_equal(fixture_requests(f), requests);
}

static void test_copy_before_it_begins(void **state)
{
        struct fixture *f = *state;
        struct pail_error error;
        fixture_answers(f, SOURCE, COPIED, NULL);
        assert_stopped(f, copy(f, 1, 0, &error), &error, 1);
        fixture_answers(f, SOURCE, CREATED, PART_COPIED, NULL);
        assert_stopped(f, copy(f, 1, 1, &error), &error, 1);
}

static void test_copy_before_a_part(void **state)
{
        struct fixture *f = *state;
        struct pail_error error;
        fixture_answers(f, SOURCE, CREATED, ABORTED, NULL);
        assert_stopped(f, copy(f, 2, 1, &error), &error, 3);
        assert_string_equal(f->requests[2].head.method, "DELETE");
}

static void test_copy_while_a_part_is_under_way(void **state)
{
        struct fixture *f = *state;
        struct pail_error error;
        fixture_answers(f, SOURCE, CREATED, ANSWER_SILENCE, ABORTED, NULL);
        assert_stopped(f, copy(f, 3, 1, &error), &error, 5); /* what was cancelled may have been kept after one abort */
        assert_string_equal(f->requests[3].head.method, "DELETE");
        assert_string_equal(f->requests[4].head.method, "DELETE");
}

/* As many as go side by side: the next one waits for one of them. */
static void test_copy_while_all_slots_are_taken(void **state)
{
        struct fixture *f = *state;
        struct pail_error error;
        fixture_answers(f, LARGE_SOURCE, CREATED, ANSWER_SILENCE, ANSWER_SILENCE, ANSWER_SILENCE, ANSWER_SILENCE,
                        ANSWER_SILENCE, ANSWER_SILENCE, ANSWER_SILENCE, ANSWER_SILENCE, ABORTED, NULL);
        assert_stopped(f, copy(f, 10, 1, &error), &error, 12);
        assert_string_equal(f->requests[10].head.method, "DELETE");
        assert_string_equal(f->requests[11].head.method, "DELETE");
}

static void test_copy_before_its_end(void **state)
{
        struct fixture *f = *state;
        struct pail_error error;
        fixture_answers(f, SOURCE, CREATED, PART_COPIED, SOURCE, ABORTED, NULL);
        assert_stopped(f, copy(f, 4, 1, &error), &error, 5);
        assert_string_equal(f->requests[4].head.method, "DELETE");
}

static void test_copy_in_one_request_is_waited_for(void **state)
{
        struct fixture *f = *state;
        struct pail_error error;
        fixture_answers(f, SOURCE, COPIED, NULL);
        assert_int_equal(copy(f, 2, 0, &error), 0);
        assert_int_equal(fixture_requests(f), 2);
}

struct stopping {
        struct fixture *f;
        struct pail_upload *upload;
};

static void *stop_when_asked(void *context)
{
        struct stopping *stopping = context;
        gate_wait(&stopping->f->arrived, 1);
        pail_upload_stop(stopping->upload);
        return NULL;
}

static void test_upload_in_one_request(void **state)
{
        struct fixture *f = *state;
        _cleanup_close_ int fd = memfd_create("upload", MFD_CLOEXEC);
        assert_int_equal(ftruncate(fd, 1000), 0);
        struct pail_bucket *bucket = NULL;
        struct stopping stopping = { .f = f };
        assert_int_equal(pail_bucket_new(f->client, "b", &bucket), 0);
        const struct pail_upload_options options = {
                .bucket = bucket, .key = "k", .fd = fd, .part_size_bytes = 5 << 20
        };
        assert_int_equal(pail_upload_new(&options, &stopping.upload), 0);
        fixture_answers(f, ANSWER_SILENCE, NULL);
        pthread_t thread;
        assert_int_equal(pthread_create(&thread, NULL, stop_when_asked, &stopping), 0);
        char etag[PAIL_S3_ETAG_SIZE];
        struct pail_error error = PAIL_ERROR_INIT;
        int r = pail_upload_finish(stopping.upload, 1000, NULL, etag, &error);
        pthread_join(thread, NULL);
        assert_stopped(f, r, &error, 1);
        pail_upload_free(stopping.upload);
        pail_bucket_unref(bucket);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_copy_before_it_begins),
                TEST(test_copy_before_a_part),
                TEST(test_copy_while_a_part_is_under_way),
                TEST(test_copy_while_all_slots_are_taken),
                TEST(test_copy_before_its_end),
                TEST(test_copy_in_one_request_is_waited_for),
                TEST(test_upload_in_one_request),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
