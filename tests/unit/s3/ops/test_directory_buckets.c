/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is done with directory buckets alone: they are listed at an endpoint of their own, and their objects renamed. The session
 * is one with AWS; its endpoints are asked for as they are, and the requests go to the script.
 */
#include "../fixture.h"
#include "pail/aws/endpoint.h"
#include "pail/aws/session.h"
#include "pail/s3/buckets.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"
#include "s3/call/client.h"

#define BUCKET "b--usw2-az1--x-s3"
#define ALL(inner)                                                                                                     \
        ANSWER("200 OK", XML, "<ListAllMyBucketsResult><Buckets>" inner "</Buckets></ListAllMyBucketsResult>")
#define DIRECTORIES(inner, rest)                                                                                       \
        ANSWER("200 OK", XML,                                                                                          \
               "<ListAllMyDirectoryBucketsResult><Buckets>" inner "</Buckets>" rest                                    \
               "</ListAllMyDirectoryBucketsResult>")
#define ONE(name) "<Bucket><Name>" name "</Name><CreationDate>2009-10-12T17:50:30.000Z</CreationDate></Bucket>"
#define SESSION                                                                                                        \
        ANSWER("200 OK", XML,                                                                                          \
               "<CreateSessionResult><Credentials><SessionToken>t</SessionToken><SecretAccessKey>s</SecretAccessKey>"  \
               "<AccessKeyId>EXPRESS</AccessKeyId></Credentials></CreateSessionResult>")
#define HEAD ANSWER("200 OK", "ETag: \"e\"\r\nContent-Length: 3\r\n", "")
#define DONE ANSWER("200 OK", "", "")
#define DELETED ANSWER("204 No", "", "")
#define COPIED ANSWER("200 OK", XML, "<CopyObjectResult><ETag>\"e\"</ETag></CopyObjectResult>")

/* Where requests would have gone, in their order. */
static struct {
        char hosts[ANSWERS_MAX][128];
        unsigned count;
        char to[64];
} aws;

int __real_pail_endpoint_resolve(const struct pail_endpoint_settings *settings, const char *bucket, const char *region,
                                 struct pail_endpoint *ret_endpoint, struct pail_error *ret_error);
int __real_pail_endpoint_resolve_control(const struct pail_endpoint_settings *settings, const char *bucket,
                                         const char *region, struct pail_endpoint *ret_endpoint,
                                         struct pail_error *ret_error);
int __wrap_pail_endpoint_resolve(const struct pail_endpoint_settings *settings, const char *bucket, const char *region,
                                 struct pail_endpoint *ret_endpoint, struct pail_error *ret_error);
int __wrap_pail_endpoint_resolve_control(const struct pail_endpoint_settings *settings, const char *bucket,
                                         const char *region, struct pail_endpoint *ret_endpoint,
                                         struct pail_error *ret_error);

static int divert(int r, struct pail_endpoint *endpoint)
{
        if (r < 0 || !aws.to[0])
                return r;
        assert_true(aws.count < ANSWERS_MAX);
        snprintf(aws.hosts[aws.count++], sizeof(aws.hosts[0]), "%s", endpoint->host);
        endpoint->is_https = false;
        return pail_str_replace(&endpoint->host, aws.to);
}

int __wrap_pail_endpoint_resolve(const struct pail_endpoint_settings *settings, const char *bucket, const char *region,
                                 struct pail_endpoint *ret_endpoint, struct pail_error *ret_error)
{
        return divert(__real_pail_endpoint_resolve(settings, bucket, region, ret_endpoint, ret_error), ret_endpoint);
}

int __wrap_pail_endpoint_resolve_control(const struct pail_endpoint_settings *settings, const char *bucket,
                                         const char *region, struct pail_endpoint *ret_endpoint,
                                         struct pail_error *ret_error)
{
        return divert(__real_pail_endpoint_resolve_control(settings, bucket, region, ret_endpoint, ret_error),
                      ret_endpoint);
}

static unsigned warnings;
static char last_warning[1024];

static void on_warning(void *context, const char *message)
{
        (void)context;
        warnings++;
        snprintf(last_warning, sizeof(last_warning), "%s", message);
}

/* A client of a session with AWS, in place of the fixture's. */
static int set_up(void **state)
{
        fixture_set_up(state);
        struct fixture *f = *state;
        const struct pail_session_options options = { .region = "us-west-2",
                                                      .access_key_id = "AKID",
                                                      .secret_access_key = "secret",
                                                      .environment = (char *[]){ NULL },
                                                      .config_file = "/dev/null",
                                                      .credentials_file = "/dev/null" };
        struct pail_session *session = NULL;
        assert_int_equal(pail_session_new(&options, &session, NULL), 0);
        pail_s3_client_drain(f->client);
        pail_s3_client_free(f->client);
        pail_session_free(f->session);
        f->client = NULL;
        f->session = session;
        fixture_client(f, &(struct pail_s3_client_options){ .timeout_ms = 20000, .warn = on_warning });
        snprintf(aws.to, sizeof(aws.to), "127.0.0.1:%u", server_port(f->server));
        aws.count = warnings = 0;
        return 0;
}

static int tear_down(void **state)
{
        aws.to[0] = '\0';
        return fixture_tear_down(state);
}

static void assert_buckets(struct fixture *f, const char *const *names, size_t count)
{
        _cleanup_(pail_s3_buckets_done) struct pail_s3_buckets buckets = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        aws.count = 0;
        if (pail_buckets_all(f->client, &buckets, &error) < 0)
                fail_msg("%s", error.message);
        assert_int_equal(buckets.count, count);
        for (size_t i = 0; i < count; i++)
                assert_string_equal(buckets.items[i].name, names[i]);
}

static void test_operation(void **state)
{
        struct fixture *f = *state;
        struct pail_s3_page page = { 0 };
        const struct pail_s3_list_input input = { .continuation_token = "a&b", .max_keys = 5 };
        fixture_answers(f, DIRECTORIES(ONE(BUCKET), "<ContinuationToken>more</ContinuationToken>"), NULL);
        assert_int_equal(pail_s3_list_directory_buckets(f->client, &input, &page, NULL), 0);
        assert_string_equal(f->requests[0].head.target, "/?continuation-token=a%26b&max-directory-buckets=5");
        assert_string_equal(aws.hosts[0], "s3express-control.us-west-2.amazonaws.com");
        const char *authorization = seen_header(&f->requests[0].head, "Authorization");
        assert_non_null(strstr(authorization, "Credential=AKID/"));
        assert_non_null(strstr(authorization, "/us-west-2/s3express/aws4_request"));
        assert_int_equal(page.count, 1);
        assert_string_equal(page.entries[0].key, BUCKET);
        assert_int_equal(page.entries[0].last_modified.tv_sec, 1255369830);
        assert_true(page.is_truncated);
        assert_string_equal(page.next_token, "more");
        pail_s3_page_done(&page);
}

static void test_all_buckets(void **state)
{
        static const char *const names[] = { "a", "z", BUCKET, "c--usw2-az1--x-s3" };
        struct fixture *f = *state;
        fixture_answers(f, ALL(ONE("a") ONE("z")), DIRECTORIES(ONE(BUCKET), "<ContinuationToken>t</ContinuationToken>"),
                        DIRECTORIES(ONE("c--usw2-az1--x-s3"), ""), NULL);
        assert_buckets(f, names, 4);
        assert_string_equal(aws.hosts[0], "s3.us-west-2.amazonaws.com");
        assert_string_equal(aws.hosts[1], "s3express-control.us-west-2.amazonaws.com");
        assert_non_null(strstr(f->requests[2].head.target, "continuation-token=t"));
}

/* Whoever has none must not notice that there are others; and is not asked for them again and again. */
static void test_what_cannot_be_listed_is_left_out(void **state)
{
        static const struct {
                const char *answer;
                bool is_told;
        } cases[] = {
                { ERROR("403 No", "AccessDenied"), false },
                { ERROR("404 No", "NoSuchBucket"), true },
                { ANSWER("200 OK", "Content-Type: text/html\r\n", "<html>"), true },
                { ERROR("500 No", "InternalError"), true },
        };
        static const char *const names[] = { "a" };
        struct fixture *f = *state;
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                fixture_client(f, &(struct pail_s3_client_options){
                                          .timeout_ms = 20000, .max_attempts = 1, .warn = on_warning });
                warnings = 0;
                fixture_answers(f, ALL(ONE("a")), cases[i].answer, ALL(ONE("a")), NULL);
                assert_buckets(f, names, 1);
                assert_buckets(f, names, 1);
                assert_int_equal(fixture_requests(f), 3);
                assert_int_equal(warnings, cases[i].is_told);
                if (cases[i].is_told)
                        assert_non_null(strstr(last_warning, "directory buckets are not shown"));
                /* After some minutes, once more. */
                f->client->directory_buckets_from_ms = 0;
                fixture_answers(f, ALL(ONE("a")), cases[i].answer, NULL);
                assert_buckets(f, names, 1);
                assert_int_equal(fixture_requests(f), 2);
                assert_int_equal(warnings, cases[i].is_told);
        }
        /* But without the others there is no list. */
        struct pail_s3_buckets buckets = { 0 };
        fixture_answers(f, ERROR("403 No", "AccessDenied"), NULL);
        assert_int_equal(pail_buckets_all(f->client, &buckets, NULL), -EACCES);
        assert_int_equal(fixture_requests(f), 1);
}

static struct pail_object *new_object(struct fixture *f, const char *bucket_name, const char *key)
{
        struct pail_bucket *bucket = NULL;
        struct pail_object *object = NULL;
        assert_int_equal(pail_bucket_new(f->client, bucket_name, &bucket), 0);
        assert_int_equal(pail_object_new(bucket, key, &object), 0);
        pail_bucket_unref(bucket);
        return object;
}

static int rename_in(struct fixture *f, const char *if_match, const struct pail_s3_conditions *conditions)
{
        struct pail_object *source = new_object(f, BUCKET, "old name/\xc3\xbc"),
                           *destination = new_object(f, BUCKET, "new");
        int r = pail_object_rename(source, destination, if_match, conditions, NULL);
        pail_object_free(source);
        pail_object_free(destination);
        return r;
}

static const char *sent(struct fixture *f, unsigned request, const char *name)
{
        const char *value = seen_header(&f->requests[request].head, name);
        return value ? value : "";
}

static void test_rename(void **state)
{
        struct fixture *f = *state;
        fixture_answers(f, SESSION, ERROR("503 Slow", "SlowDown"), DONE, DONE, DONE, NULL);
        assert_int_equal(rename_in(f, "e", NULL), 0);
        assert_string_equal(f->requests[2].head.method, "PUT");
        assert_string_equal(f->requests[2].head.target, "/new?renameObject");
        assert_string_equal(aws.hosts[2], BUCKET ".s3express-usw2-az1.us-west-2.amazonaws.com");
        assert_string_equal(sent(f, 2, "x-amz-rename-source"), "old%20name/%C3%BC");
        assert_string_equal(sent(f, 2, "x-amz-rename-source-if-match"), "e");
        assert_non_null(strstr(sent(f, 2, "Authorization"), "Credential=EXPRESS/"));
        /* The same rename has the same token, another one another. */
        _cleanup_free_ char *token = strdup(sent(f, 1, "x-amz-client-token"));
        assert_int_equal(strlen(token), 36);
        assert_string_equal(sent(f, 2, "x-amz-client-token"), token);
        assert_int_equal(rename_in(f, NULL, &(struct pail_s3_conditions){ .if_none_match = true }), 0);
        assert_string_not_equal(sent(f, 3, "x-amz-client-token"), token);
        assert_string_equal(sent(f, 3, "x-amz-rename-source-if-match"), "");
        assert_string_equal(sent(f, 3, "If-None-Match"), "*");
        assert_int_equal(rename_in(f, NULL, &(struct pail_s3_conditions){ .if_match = "x" }), 0);
        assert_string_equal(sent(f, 4, "If-Match"), "x");
        fixture_answers(f, ERROR("412 No", "PreconditionFailed"), NULL);
        assert_int_equal(rename_in(f, "e", NULL), -ESTALE);
        fixture_answers(f, ERROR("501 No", "NotImplemented"), NULL);
        assert_int_equal(rename_in(f, "e", NULL), -EOPNOTSUPP);
        struct pail_object *source = new_object(f, BUCKET, "old"), *elsewhere = new_object(f, "ordinary", "new");
        assert_int_equal(pail_object_rename(source, elsewhere, NULL, NULL, NULL), -EINVAL);
        pail_object_free(source);
        pail_object_free(elsewhere);
}

/* The answer was lost; a server that knows no tokens finds no source the second time. */
static void test_rename_in_doubt(void **state)
{
        static const struct {
                const char *head;
                int result;
        } cases[] = {
                { HEAD, 0 },
                { ANSWER("200 OK", "ETag: \"other\"\r\nContent-Length: 3\r\n", ""), -ENOENT },
                { ANSWER("404 No", "", ""), -ENOENT },
        };
        struct fixture *f = *state;
        fixture_answers(f, SESSION, DONE, NULL);
        assert_int_equal(rename_in(f, "e", NULL), 0);
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                fixture_answers(f, ANSWER_CLOSE, ERROR("404 No", "NoSuchKey"), cases[i].head, NULL);
                assert_int_equal(rename_in(f, "e", NULL), cases[i].result);
                assert_int_equal(fixture_requests(f), 3);
        }
        fixture_answers(f, ERROR("404 No", "NoSuchKey"), NULL);
        assert_int_equal(rename_in(f, "e", NULL), -ENOENT);
        assert_int_equal(fixture_requests(f), 1);
}

static int move_in(struct fixture *f, const char *bucket, const char *from, const char *to,
                   const struct pail_object_copy_options *options)
{
        struct pail_object *source = new_object(f, bucket, from), *destination = new_object(f, bucket, to);
        const struct pail_s3_object_metadata metadata = { .etag = "e", .size_bytes = 3 };
        char etag[PAIL_S3_ETAG_SIZE] = "";
        assert_int_equal(pail_object_assume(source, &metadata), 0);
        int r = pail_object_move(source, destination, options, etag, NULL);
        if (r == 0)
                assert_string_equal(etag, "e");
        pail_object_free(source);
        pail_object_free(destination);
        return r;
}

static void test_move(void **state)
{
        static const struct pail_object_copy_options plain = { .acl_is_default = true };
        struct fixture *f = *state;
        fixture_answers(f, SESSION, DONE, NULL);
        assert_int_equal(move_in(f, BUCKET, "a", "b", &plain), 0);
        assert_int_equal(fixture_requests(f), 2); /* one for the session, one for the rename */
        fixture_answers(f, ERROR("412 No", "PreconditionFailed"), NULL);
        assert_int_equal(move_in(f, BUCKET, "a", "b", &plain), -ESTALE);
        assert_int_equal(fixture_requests(f), 1);

        /* An ordinary bucket, a marker of a directory, new metadata: a copy, and then the old one goes. */
        struct pail_http_headers metadata = { 0 };
        const struct pail_object_copy_options changed = { .acl_is_default = true, .metadata = &metadata };
        for (int i = 0; i < 3; i++) {
                fixture_answers(f, COPIED, DELETED, NULL);
                const char *bucket = i == 0 ? "ordinary" : BUCKET;
                assert_int_equal(move_in(f, bucket, i == 1 ? "a/" : "a", "b", i == 2 ? &changed : &plain), 0);
                assert_int_equal(fixture_requests(f), 2);
                assert_non_null(seen_header(&f->requests[0].head, "x-amz-copy-source"));
                assert_string_equal(f->requests[1].head.method, "DELETE");
        }
        fixture_answers(f, ERROR("403 No", "AccessDenied"), NULL);
        assert_int_equal(move_in(f, "ordinary", "a", "b", &plain), -EACCES);
        assert_int_equal(fixture_requests(f), 1); /* nothing is deleted without a copy */
}

/* Found out once. */
static void test_move_where_there_is_no_rename(void **state)
{
        static const struct pail_object_copy_options plain = { .acl_is_default = true };
        struct fixture *f = *state;
        fixture_answers(f, SESSION, ERROR("501 No", "NotImplemented"), COPIED, DELETED, NULL);
        /* The source is asked for again: what was known of it was of the rename. */
        assert_int_equal(move_in(f, BUCKET, "a", "b", &plain), 0);
        assert_int_equal(fixture_requests(f), 4);
        fixture_answers(f, COPIED, DELETED, NULL);
        assert_int_equal(move_in(f, BUCKET, "a", "b", &plain), 0);
        assert_int_equal(fixture_requests(f), 2);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_operation),
                TEST(test_all_buckets),
                TEST(test_what_cannot_be_listed_is_left_out),
                TEST(test_rename),
                TEST(test_rename_in_doubt),
                TEST(test_move),
                TEST(test_move_where_there_is_no_rename),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
