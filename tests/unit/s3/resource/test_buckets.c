/* SPDX-License-Identifier: Apache-2.0 */
/* Buckets as a whole: made, deleted, asked for, listed. */
#include "../fixture.h"
#include "pail/s3/buckets.h"
#include "pail/util/cleanup.h"

#define OK ANSWER("200 OK", "", "")
#define GONE ANSWER("404 No", XML, "")
#define LIST(inner) ANSWER("200 OK", XML, "<ListAllMyBucketsResult>" inner "</ListAllMyBucketsResult>")
#define BUCKET(name) "<Bucket><Name>" name "</Name><CreationDate>2009-10-12T17:50:30.000Z</CreationDate></Bucket>"

static struct pail_bucket *bucket_of(struct pail_s3_client *client)
{
        struct pail_bucket *bucket = NULL;
        assert_int_equal(pail_bucket_new(client, "bucket", &bucket), 0);
        return bucket;
}

static void test_create(void **state)
{
        struct fixture *f = *state;
        _cleanup_(pail_bucket_unref_p) struct pail_bucket *bucket = bucket_of(f->client);
        fixture_answers(f, GONE, OK, NULL);
        assert_int_equal(pail_bucket_create(bucket, NULL), 0);
        assert_string_equal(f->requests[0].head.method, "HEAD");
        assert_string_equal(f->requests[1].head.method, "PUT");
        assert_string_equal(f->requests[1].head.target, "/bucket");
        assert_string_equal(f->requests[1].body, ""); /* us-east-1 must not be named */

        fixture_answers(f, OK, NULL);
        assert_int_equal(pail_bucket_create(bucket, NULL), -EEXIST);
        fixture_answers(f, ANSWER("403 No", "", ""), NULL);
        assert_int_equal(pail_bucket_create(bucket, NULL), -EEXIST);
        assert_int_equal(fixture_requests(f), 1);
        fixture_answers(f, ANSWER("400 Bad", "", ""), NULL);
        assert_int_equal(pail_bucket_create(bucket, NULL), -EINVAL);
        fixture_answers(f, GONE, ERROR("409 No", "BucketAlreadyExists"), NULL);
        assert_int_equal(pail_bucket_create(bucket, NULL), -EEXIST);
        fixture_answers(f, GONE, ERROR("409 No", "BucketAlreadyOwnedByYou"), NULL);
        assert_int_equal(pail_bucket_create(bucket, NULL), -EEXIST);
        fixture_answers(f, GONE, ERROR("400 No", "TooManyBuckets"), NULL);
        assert_int_equal(pail_bucket_create(bucket, NULL), -EDQUOT);
}

static void test_create_in_a_region(void **state)
{
        struct fixture *f = *state;
        const struct pail_session_options options = {
                .endpoint_url = pail_session_endpoint_url(f->session),
                .region = "eu-west-1",
                .access_key_id = "id",
                .secret_access_key = "secret",
                .environment = (char *[]){ NULL },
                .config_file = "/dev/null",
                .credentials_file = "/dev/null",
        };
        const struct pail_s3_client_options client_options = { .timeout_ms = 5000 };
        struct pail_session *session;
        struct pail_s3_client *client;
        assert_int_equal(pail_session_new(&options, &session, NULL), 0);
        assert_int_equal(pail_s3_client_new(session, f->engine, &client_options, &client, NULL), 0);
        fixture_answers(f, OK, NULL);
        assert_int_equal(pail_s3_create_bucket(client, "bucket", NULL), 0);
        assert_string_equal(f->requests[0].body,
                            "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
                            "<LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>");
        pail_s3_client_drain(client);
        pail_s3_client_free(client);
        pail_session_free(session);
}

/* The answer to the first attempt was lost: the second one meets its work. */
static void test_in_doubt(void **state)
{
        struct fixture *f = *state;
        fixture_answers(f, ANSWER_CLOSE, ERROR("409 No", "BucketAlreadyOwnedByYou"), NULL);
        assert_int_equal(pail_s3_create_bucket(f->client, "bucket", NULL), 0);
        fixture_answers(f, ANSWER_CLOSE, ERROR("404 No", "NoSuchBucket"), NULL);
        assert_int_equal(pail_s3_delete_bucket(f->client, "bucket", NULL), 0);
        fixture_answers(f, ANSWER_CLOSE, ERROR("409 No", "BucketAlreadyExists"), NULL);
        assert_int_equal(pail_s3_create_bucket(f->client, "bucket", NULL), -EEXIST);
}

static void test_delete(void **state)
{
        struct fixture *f = *state;
        _cleanup_(pail_bucket_unref_p) struct pail_bucket *bucket = bucket_of(f->client);
        fixture_answers(f, ANSWER("204 No", "", ""), NULL);
        assert_int_equal(pail_bucket_delete(bucket, NULL), 0);
        assert_string_equal(f->requests[0].head.method, "DELETE");
        assert_string_equal(f->requests[0].head.target, "/bucket");
        fixture_answers(f, ERROR("409 No", "BucketNotEmpty"), NULL);
        assert_int_equal(pail_bucket_delete(bucket, NULL), -ENOTEMPTY);
        fixture_answers(f, ERROR("404 No", "NoSuchBucket"), NULL);
        assert_int_equal(pail_bucket_delete(bucket, NULL), -ENOENT);
}

/* The region of a bucket that had the name before says nothing of the new one. */
static void test_region_is_forgotten(void **state)
{
        struct fixture *f = *state;
        fixture_answers(f, ANSWER("301 Moved", XML "x-amz-bucket-region: eu-west-1\r\n", ""), OK, NULL);
        assert_int_equal(pail_s3_head_bucket(f->client, "bucket", NULL), 0);
        assert_non_null(strstr(f->requests[1].head.head, "/eu-west-1/s3/"));
        fixture_answers(f, OK, NULL);
        assert_int_equal(pail_s3_create_bucket(f->client, "bucket", NULL), 0);
        assert_non_null(strstr(f->requests[0].head.head, "/us-east-1/s3/"));
}

static void test_list(void **state)
{
        struct fixture *f = *state;
        struct pail_s3_buckets buckets = { 0 };
        fixture_answers(f,
                        LIST("<Owner><ID>x</ID></Owner><Buckets>" BUCKET("a")
                                     BUCKET("b") "</Buckets><ContinuationToken>to&amp;ken</ContinuationToken>"),
                        LIST("<Buckets>" BUCKET("c") "</Buckets>"), NULL);
        assert_int_equal(pail_buckets_all(f->client, &buckets, NULL), 0);
        assert_string_equal(f->requests[0].head.target, "/");
        assert_string_equal(f->requests[1].head.target, "/?continuation-token=to%26ken");
        assert_int_equal(buckets.count, 3);
        assert_string_equal(buckets.items[2].name, "c");
        assert_int_equal(buckets.items[1].creation_date.tv_sec, 1255369830);
        pail_s3_buckets_done(&buckets);

        fixture_answers(f, LIST("<Buckets/>"), NULL);
        assert_int_equal(pail_buckets_all(f->client, &buckets, NULL), 0);
        assert_int_equal(buckets.count, 0);
        pail_s3_buckets_done(&buckets);
        fixture_answers(f, LIST("<Buckets>" BUCKET("a") "</Buckets><ContinuationToken>t</ContinuationToken>"), NULL);
        assert_int_equal(pail_buckets_all(f->client, &buckets, NULL), -EPROTO);
        fixture_answers(f, ERROR("403 No", "AccessDenied"), NULL);
        assert_int_equal(pail_buckets_all(f->client, &buckets, NULL), -EACCES);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_create), TEST(test_create_in_a_region),  TEST(test_in_doubt),
                TEST(test_delete), TEST(test_region_is_forgotten), TEST(test_list),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
