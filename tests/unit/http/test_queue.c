/* SPDX-License-Identifier: Apache-2.0 */

#include "../support/test.h"
#include "http/queue.h"

enum { COUNT = 8 };

struct fixture {
        struct pail_http_queue queue;
        struct pail_http_request requests[COUNT];
};

static int set_up(void **state)
{
        struct fixture *f = calloc(1, sizeof(*f));
        assert_non_null(f);
        pail_http_queue_init(&f->queue);
        *state = f;
        return 0;
}

static int tear_down(void **state)
{
        free(*state);
        return 0;
}

static struct pail_http_request *add(struct fixture *f, int index, enum pail_http_priority priority,
                                     int64_t not_before_ms, int64_t deadline_ms)
{
        struct pail_http_request *request = &f->requests[index];
        request->priority = priority;
        request->not_before_ms = not_before_ms;
        request->deadline_ms = deadline_ms;
        pail_http_queue_add(&f->queue, request, 1000);
        return request;
}

static void test_priorities(void **state)
{
        struct fixture *f = *state;
        struct pail_http_request *b1 = add(f, 0, PAIL_HTTP_PRIORITY_BACKGROUND, 0, 0);
        struct pail_http_request *w1 = add(f, 1, PAIL_HTTP_PRIORITY_WAITED, 0, 0);
        struct pail_http_request *w2 = add(f, 2, PAIL_HTTP_PRIORITY_WAITED, 0, 0);
        struct pail_http_request *r1 = add(f, 3, PAIL_HTTP_PRIORITY_READER, 0, 0);
        assert_int_equal(f->queue.count, 4);
        assert_int_equal(pail_http_queue_next_ms(&f->queue), INT64_MAX);
        assert_ptr_equal(pail_http_queue_pop(&f->queue, true), r1);
        assert_ptr_equal(pail_http_queue_pop(&f->queue, true), w1);
        assert_ptr_equal(pail_http_queue_pop(&f->queue, true), w2);
        assert_null(pail_http_queue_pop(&f->queue, false));
        assert_ptr_equal(pail_http_queue_pop(&f->queue, true), b1);
        assert_null(pail_http_queue_pop(&f->queue, true));
        assert_int_equal(f->queue.count, 0);
}

static void test_reprioritize(void **state)
{
        struct fixture *f = *state;
        struct pail_http_request *a = add(f, 0, PAIL_HTTP_PRIORITY_BACKGROUND, 0, 0);
        struct pail_http_request *b = add(f, 1, PAIL_HTTP_PRIORITY_BACKGROUND, 0, 0);
        struct pail_http_request *late = add(f, 2, PAIL_HTTP_PRIORITY_BACKGROUND, 2000, 0);
        pail_http_queue_reprioritize(&f->queue, b, PAIL_HTTP_PRIORITY_READER);
        pail_http_queue_reprioritize(&f->queue, late, PAIL_HTTP_PRIORITY_WAITED);
        assert_ptr_equal(pail_http_queue_pop(&f->queue, true), b);
        pail_http_queue_mature(&f->queue, 2000);
        assert_ptr_equal(pail_http_queue_pop(&f->queue, true), late);
        assert_ptr_equal(pail_http_queue_pop(&f->queue, true), a);
}

static void test_delayed(void **state)
{
        struct fixture *f = *state;
        struct pail_http_request *c = add(f, 0, PAIL_HTTP_PRIORITY_WAITED, 3000, 0);
        struct pail_http_request *a = add(f, 1, PAIL_HTTP_PRIORITY_WAITED, 1500, 0);
        struct pail_http_request *b = add(f, 2, PAIL_HTTP_PRIORITY_WAITED, 2000, 0);
        struct pail_http_request *b2 = add(f, 3, PAIL_HTTP_PRIORITY_WAITED, 2000, 0);
        struct pail_http_request *now = add(f, 4, PAIL_HTTP_PRIORITY_WAITED, 1000, 0);
        assert_int_equal(pail_http_queue_next_ms(&f->queue), 1500);
        assert_ptr_equal(pail_http_queue_pop(&f->queue, true), now);
        assert_null(pail_http_queue_pop(&f->queue, true));
        pail_http_queue_mature(&f->queue, 1999);
        assert_ptr_equal(pail_http_queue_pop(&f->queue, true), a);
        assert_null(pail_http_queue_pop(&f->queue, true));
        pail_http_queue_mature(&f->queue, 2000);
        assert_ptr_equal(pail_http_queue_pop(&f->queue, true), b);
        assert_ptr_equal(pail_http_queue_pop(&f->queue, true), b2);
        assert_int_equal(pail_http_queue_next_ms(&f->queue), 3000);
        assert_ptr_equal(pail_http_queue_pop_any(&f->queue), c);
        assert_int_equal(pail_http_queue_next_ms(&f->queue), INT64_MAX);
}

static void test_deadlines(void **state)
{
        struct fixture *f = *state;
        struct pail_http_request *a = add(f, 0, PAIL_HTTP_PRIORITY_WAITED, 0, 1500);
        struct pail_http_request *b = add(f, 1, PAIL_HTTP_PRIORITY_BACKGROUND, 5000, 1700);
        struct pail_http_request *c = add(f, 2, PAIL_HTTP_PRIORITY_READER, 0, 4000);
        add(f, 3, PAIL_HTTP_PRIORITY_READER, 0, 0);
        assert_int_equal(pail_http_queue_next_ms(&f->queue), 1500);
        assert_null(pail_http_queue_pop_late(&f->queue, 1499));
        assert_ptr_equal(pail_http_queue_pop_late(&f->queue, 1600), a);
        assert_null(pail_http_queue_pop_late(&f->queue, 1600));
        assert_int_equal(pail_http_queue_next_ms(&f->queue), 1700);
        assert_ptr_equal(pail_http_queue_pop_late(&f->queue, 1800), b);
        assert_null(pail_http_queue_pop_late(&f->queue, 1800));
        pail_http_queue_remove(&f->queue, c);
        assert_null(pail_http_queue_pop_late(&f->queue, 9000));
        assert_int_equal(pail_http_queue_next_ms(&f->queue), INT64_MAX);
        assert_int_equal(f->queue.count, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_priorities),
                TEST(test_reprioritize),
                TEST(test_delayed),
                TEST(test_deadlines),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
