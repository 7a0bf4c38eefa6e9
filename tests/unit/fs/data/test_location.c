/* SPDX-License-Identifier: Apache-2.0 */
/* Objects that we move ourselves while somebody reads them. */
#include "fixture.h"
#include "pail/util/str.h"

static void test_rebase_sends_new_requests_to_the_new_place(void **state)
{
        struct reader reader;

        (void)state;
        assert_int_equal(pail_object_data_rebase(fixture.content, "other", "etag-2"), 0);
        pail_str_copy(fixture.fake.etag, sizeof fixture.fake.etag, "etag-2");
        start_reader(&reader, false, 0, 100, 100, 1);
        assert_string_equal(fixture.fake.calls[0].key, "other");
        assert_string_equal(fixture.fake.calls[0].if_match, "etag-2");
        fake_serve(&fixture.fake, 0);
        assert_int_equal(join(&reader), 0);
}

static void test_rebase_saves_requests_under_way(void **state)
{
        struct reader reader;

        (void)state;
        start_reader(&reader, false, 0, FAKE_MIB, FAKE_MIB, 1);
        assert_int_equal(fake_deliver(&fixture.fake, 0, 200000), 0);
        assert_int_equal(pail_object_data_rebase(fixture.content, "other", "etag-2"), 0);
        fake_refuse(&fixture.fake, 0, -ENOENT, PAIL_REMOTE_ABSENT); /* the old key was deleted */
        assert_int_equal(fixture.fake.count, 2);
        expect_call(1, 200000, FAKE_MIB - 200000, PAIL_REMOTE_READER);
        assert_string_equal(fixture.fake.calls[1].key, "other");
        assert_int_equal(fixture.fake.calls[0].refs, 0);
        assert_int_equal(pail_object_data_rebase(fixture.content, "third", "etag-3"), 0);
        fake_refuse(&fixture.fake, 1, -ESTALE, PAIL_REMOTE_REPLACED);
        pail_str_copy(fixture.fake.etag, sizeof fixture.fake.etag, "etag-3");
        fake_serve(&fixture.fake, 2);
        assert_int_equal(join(&reader), 0);

        start_reader(&reader, false, 2 * FAKE_MIB, 1, 1, 1);
        fake_refuse(&fixture.fake, 3, -ENOENT, PAIL_REMOTE_ABSENT); /* this time nobody moved it */
        assert_int_equal(join(&reader), -ESTALE);
        assert_int_equal(fixture.fake.count, 4);
}

static void test_rebase_that_cannot_ask_again(void **state)
{
        struct reader reader;

        (void)state;
        start_reader(&reader, false, 0, FAKE_MIB, FAKE_MIB, 1);
        assert_int_equal(pail_object_data_rebase(fixture.content, "other", "etag-2"), 0);
        fixture.fake.start_result = -ENETDOWN;
        fake_refuse(&fixture.fake, 0, -ENOENT, PAIL_REMOTE_ABSENT);
        fixture.fake.start_result = 0;
        assert_int_equal(join(&reader), -ENETDOWN);
}

static void test_a_cancelled_request_does_not_move(void **state)
{
        struct reader reader;

        (void)state;
        start_reader(&reader, false, 0, 100, 100, 1);
        atomic_store(&reader.is_interrupted, true);
        assert_int_equal(join(&reader), -EINTR);
        assert_int_equal(pail_object_data_rebase(fixture.content, "other", "etag-2"), 0);
        fake_refuse(&fixture.fake, 0, -ENOENT, PAIL_REMOTE_ABSENT);
        assert_int_equal(fixture.fake.count, 1);
}

static void test_a_move_holds_back_bad_news(void **state)
{
        struct reader reader;

        (void)state;
        start_reader(&reader, false, 0, FAKE_MIB, FAKE_MIB, 1);
        assert_int_equal(fake_deliver(&fixture.fake, 0, 200000), 0);
        pail_object_data_move_begin(fixture.content);
        pail_object_data_move_begin(fixture.content);
        fake_refuse(&fixture.fake, 0, -ESTALE,
                    PAIL_REMOTE_REPLACED); /* the copy is there, we do not know its ETag yet */
        usleep(2000);
        assert_false(reader.has_returned);
        assert_int_equal(pail_object_data_rebase(fixture.content, "other", "etag-2"), 0);
        pail_object_data_move_end(fixture.content);
        assert_int_equal(fixture.fake.count, 1);
        pail_object_data_move_end(fixture.content);
        assert_int_equal(fixture.fake.count, 2);
        assert_string_equal(fixture.fake.calls[1].if_match, "etag-2");
        expect_call(1, 200000, FAKE_MIB - 200000, PAIL_REMOTE_READER);
        pail_str_copy(fixture.fake.etag, sizeof fixture.fake.etag, "etag-2");
        fake_serve(&fixture.fake, 1);
        assert_int_equal(join(&reader), 0);
}

static void test_a_move_that_comes_to_nothing(void **state)
{
        struct reader reader;

        (void)state;
        start_reader(&reader, false, 0, 10, 10, 1);
        pail_object_data_move_begin(fixture.content);
        fake_refuse(&fixture.fake, 0, -ENOENT, PAIL_REMOTE_ABSENT);
        pail_object_data_move_end(fixture.content);
        assert_int_equal(join(&reader), -ESTALE);
        assert_int_equal(fixture.fake.count, 1);
}

static void test_a_reader_held_back_by_a_move_can_be_interrupted(void **state)
{
        struct reader reader;

        (void)state;
        start_reader(&reader, false, 0, 10, 10, 1);
        pail_object_data_move_begin(fixture.content);
        fake_refuse(&fixture.fake, 0, -ENOENT, PAIL_REMOTE_ABSENT);
        atomic_store(&reader.is_interrupted, true);
        assert_int_equal(join(&reader), -EINTR);
        assert_int_equal(pail_object_data_rebase(fixture.content, "other", "etag-2"), 0);
        pail_object_data_move_end(fixture.content);
        assert_int_equal(fixture.fake.count, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
        const struct CMUnitTest tests[] = {
                TEST(test_rebase_sends_new_requests_to_the_new_place),
                TEST(test_rebase_saves_requests_under_way),
                TEST(test_rebase_that_cannot_ask_again),
                TEST(test_a_cancelled_request_does_not_move),
                TEST(test_a_move_holds_back_bad_news),
                TEST(test_a_move_that_comes_to_nothing),
                TEST(test_a_reader_held_back_by_a_move_can_be_interrupted),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
