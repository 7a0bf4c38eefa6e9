/* SPDX-License-Identifier: Apache-2.0 */
#include "pail/util/mutex.h"

#include "pail/util/clock.h"

#include "../support/death.h"
#include "../support/test.h"

struct shared {
        struct pail_mutex mutex;
        struct pail_cond cond;
        unsigned long count;
        bool ready, seen_held;
};

static void shared_init(struct shared *shared)
{
        *shared = (struct shared){ 0 };
        pail_mutex_init(&shared->mutex);
        pail_cond_init(&shared->cond);
}

static void shared_done(struct shared *shared)
{
        pail_cond_done(&shared->cond);
        pail_mutex_done(&shared->mutex);
}

static void *look(void *argument)
{
        struct shared *shared = argument;
        shared->seen_held = pail_mutex_held(&shared->mutex);
        return NULL;
}

static void test_knows_its_owner(void **state)
{
        (void)state;
        struct shared shared;
        shared_init(&shared);
        assert_false(pail_mutex_held(&shared.mutex));
        pail_mutex_lock(&shared.mutex);
        assert_true(pail_mutex_held(&shared.mutex));
        pail_mutex_assert_held(&shared.mutex);
        pthread_t thread;
        assert_int_equal(pthread_create(&thread, NULL, look, &shared), 0);
        pthread_join(thread, NULL);
        assert_false(shared.seen_held);
        pail_mutex_unlock(&shared.mutex);
        assert_false(pail_mutex_held(&shared.mutex));
        shared_done(&shared);
}

static int locked_function(struct shared *shared)
{
        PAIL_LOCK(&shared->mutex);
        pail_mutex_assert_held(&shared->mutex);
        return 7;
}

static void test_scope(void **state)
{
        (void)state;
        struct shared shared;
        shared_init(&shared);
        for (int i = 0; i < 3; i++)
                assert_int_equal(locked_function(&shared), 7);
        assert_false(pail_mutex_held(&shared.mutex));
        shared_done(&shared);
}

static void *add(void *argument)
{
        struct shared *shared = argument;
        for (int i = 0; i < 20000; i++) {
                PAIL_LOCK(&shared->mutex);
                shared->count++;
        }
        return NULL;
}

static void test_excludes(void **state)
{
        (void)state;
        struct shared shared;
        shared_init(&shared);
        pthread_t threads[4];
        for (size_t i = 0; i < TEST_COUNT(threads); i++)
                assert_int_equal(pthread_create(&threads[i], NULL, add, &shared), 0);
        for (size_t i = 0; i < TEST_COUNT(threads); i++)
                pthread_join(threads[i], NULL);
        assert_int_equal(shared.count, 80000);
        shared_done(&shared);
}

static void *wait_until_ready(void *argument)
{
        struct shared *shared = argument;
        PAIL_LOCK(&shared->mutex);
        while (!shared->ready) {
                pail_cond_wait(&shared->cond, &shared->mutex);
                shared->seen_held = pail_mutex_held(&shared->mutex);
        }
        shared->count++;
        return NULL;
}

static void test_broadcast_wakes_all(void **state)
{
        (void)state;
        struct shared shared;
        shared_init(&shared);
        pthread_t threads[4];
        for (size_t i = 0; i < TEST_COUNT(threads); i++)
                assert_int_equal(pthread_create(&threads[i], NULL, wait_until_ready, &shared), 0);
        usleep(20000);
        pail_mutex_lock(&shared.mutex);
        shared.ready = true;
        shared.seen_held = true;
        pail_cond_broadcast(&shared.cond);
        pail_mutex_unlock(&shared.mutex);
        for (size_t i = 0; i < TEST_COUNT(threads); i++)
                pthread_join(threads[i], NULL);
        assert_int_equal(shared.count, 4);
        assert_true(shared.seen_held);
        shared_done(&shared);
}

static void test_deadlines(void **state)
{
        (void)state;
        struct shared shared;
        shared_init(&shared);
        pail_mutex_lock(&shared.mutex);
        int64_t start_ms = pail_clock_monotonic_ms(), until_ms = start_ms + 60;
        assert_int_equal(pail_cond_wait_until(&shared.cond, &shared.mutex, start_ms), -ETIMEDOUT);
        assert_int_equal(pail_cond_wait_until(&shared.cond, &shared.mutex, INT64_MIN), -ETIMEDOUT);
        int r = 0;
        while (r == 0)
                r = pail_cond_wait_until(&shared.cond, &shared.mutex, until_ms);
        assert_int_equal(r, -ETIMEDOUT);
        assert_true(pail_mutex_held(&shared.mutex));
        assert_true(pail_clock_monotonic_ms() >= until_ms);
        assert_true(pail_clock_monotonic_ms() < until_ms + 5000);
        pail_mutex_unlock(&shared.mutex);
        shared_done(&shared);
}

static void *signal_once(void *argument)
{
        struct shared *shared = argument;
        usleep(20000);
        PAIL_LOCK(&shared->mutex);
        shared->ready = true;
        pail_cond_signal(&shared->cond);
        return NULL;
}

/* A deadline that never comes; the clock stands an hour ahead, which waits must not add to theirs. */
static void test_woken_before_the_deadline(void **state)
{
        (void)state;
        struct shared shared;
        shared_init(&shared);
        pail_clock_test_advance(3600 * 1000);
        pthread_t thread;
        assert_int_equal(pthread_create(&thread, NULL, signal_once, &shared), 0);
        pail_mutex_lock(&shared.mutex);
        while (!shared.ready)
                assert_int_equal(pail_cond_wait_until(&shared.cond, &shared.mutex, INT64_MAX), 0);
        int64_t until_ms = pail_clock_monotonic_ms() + 30;
        while (pail_cond_wait_until(&shared.cond, &shared.mutex, until_ms) == 0)
                ;
        assert_true(pail_clock_monotonic_ms() < until_ms + 5000);
        pail_mutex_unlock(&shared.mutex);
        pthread_join(thread, NULL);
        shared_done(&shared);
}

static void assert_without(void *context)
{
        pail_mutex_assert_held(&((struct shared *)context)->mutex);
}

static void unlock_without(void *context)
{
        pail_mutex_unlock(&((struct shared *)context)->mutex);
}

static void lock_twice(void *context)
{
        struct shared *shared = context;
        pail_mutex_lock(&shared->mutex);
        pail_mutex_lock(&shared->mutex);
}

static void wait_without(void *context)
{
        struct shared *shared = context;
        pail_cond_wait(&shared->cond, &shared->mutex);
}

static void done_while_held(void *context)
{
        struct shared *shared = context;
        pail_mutex_lock(&shared->mutex);
        pail_mutex_done(&shared->mutex);
}

static void test_misuse_aborts(void **state)
{
        (void)state;
        static const struct {
                void (*body)(void *context);
                const char *word;
        } cases[] = {
                { assert_without, "test_mutex.c:" }, { unlock_without, "does not hold it" },
                { lock_twice, "holds it already" },  { wait_without, "not held" },
                { done_while_held, "pail: bug:" },
        };
        struct shared shared;
        shared_init(&shared);
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                char output[8192];
                test_death(cases[i].body, &shared, output, sizeof(output));
                assert_non_null(strstr(output, cases[i].word));
        }
        shared_done(&shared);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_misuse_aborts), /* first: a child of a program with threads is no good child */
                cmocka_unit_test(test_knows_its_owner), cmocka_unit_test(test_scope),
                cmocka_unit_test(test_excludes),        cmocka_unit_test(test_broadcast_wakes_all),
                cmocka_unit_test(test_deadlines),       cmocka_unit_test(test_woken_before_the_deadline),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
