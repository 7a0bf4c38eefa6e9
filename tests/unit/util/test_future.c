/* SPDX-License-Identifier: Apache-2.0 */
#include "pail/util/future.h"

#include <pthread.h>
#include <stdatomic.h>

#include "pail/util/clock.h"
#include "pail/util/interrupt.h"

#include "../support/alloc.h"
#include "../support/test.h"

enum { THREADS = 4, PATIENCE_MS = 10000 };

struct job {
        atomic_bool go; /* it ends once this is set */
        atomic_bool has_started, has_ended;
        atomic_uint released;
        int result;
        int answer; /* not atomic: a wait that returned the result has to be enough to see it */
        pthread_t released_by;
};

static struct pail_workpool *pool;

static int setup(void **state)
{
        (void)state;
        return pail_workpool_new("test", THREADS, &pool);
}

/* The worker may be the last to let go of a future: the jobs of a test live on its stack, so it waits for that. */
static void unref_and_drain(struct pail_future *future)
{
        pail_future_unref(future);
        pail_workpool_drain(pool);
}

static int teardown(void **state)
{
        (void)state;
        pail_interrupt_install(NULL);
        pail_workpool_free(pool);
        return 0;
}

static int run(void *argument)
{
        struct job *job = argument;
        atomic_store(&job->has_started, true);
        while (!atomic_load(&job->go))
                usleep(1000);
        job->answer = 42;
        atomic_store(&job->has_ended, true);
        return job->result;
}

static void release(void *argument)
{
        struct job *job = argument;
        job->released_by = pthread_self();
        atomic_fetch_add(&job->released, 1);
}

static struct pail_future *start(struct job *job)
{
        struct pail_future *future = NULL;
        assert_int_equal(pail_future_start(pool, run, release, job, &future), 0);
        assert_non_null(future);
        return future;
}

static void expect_soon(atomic_bool *flag)
{
        int64_t until_ms = pail_clock_monotonic_ms() + PATIENCE_MS;
        while (!atomic_load(flag) && pail_clock_monotonic_ms() < until_ms)
                usleep(1000);
        assert_true(atomic_load(flag));
}

static bool is_set(void *context)
{
        return atomic_load((atomic_bool *)context);
}

static void test_result(void **state)
{
        (void)state;
        struct job job = { .go = true, .result = -ENOTEMPTY };
        struct pail_future *future = start(&job);
        assert_int_equal(pail_future_wait(future, INT64_MAX), -ENOTEMPTY);
        assert_int_equal(job.answer, 42);
        assert_int_equal(pail_future_wait(future, INT64_MIN), -ENOTEMPTY); /* again, and long after the deadline */
        assert_int_equal(atomic_load(&job.released), 0); /* the argument stays as long as the reference */
        unref_and_drain(future);
        assert_int_equal(atomic_load(&job.released), 1);
        pail_future_unref(NULL);
}

static void test_without_release(void **state)
{
        (void)state;
        struct job job = { .go = true, .result = 3 };
        struct pail_future *future;
        assert_int_equal(pail_future_start(pool, run, NULL, &job, &future), 0);
        assert_int_equal(pail_future_wait(future, INT64_MAX), 3);
        unref_and_drain(future);
        assert_int_equal(atomic_load(&job.released), 0);
}

static void test_deadline(void **state)
{
        (void)state;
        struct job job = { .result = 7 };
        struct pail_future *future = start(&job);
        int64_t until_ms = pail_clock_monotonic_ms() + 80;
        assert_int_equal(pail_future_wait(future, until_ms), -ETIMEDOUT);
        assert_true(pail_clock_monotonic_ms() >= until_ms);
        assert_int_equal(pail_future_wait(future, 0), -ETIMEDOUT);
        assert_false(atomic_load(&job.has_ended));
        atomic_store(&job.go, true); /* it went on meanwhile */
        assert_int_equal(pail_future_wait(future, INT64_MAX), 7);
        unref_and_drain(future);
}

static void test_interrupt(void **state)
{
        (void)state;
        atomic_bool flag = true;
        const struct pail_interrupt interrupt = { .is_set = is_set, .context = &flag };
        struct job job = { .result = 9 };
        struct pail_future *future = start(&job);
        pail_interrupt_install(&interrupt);
        assert_int_equal(pail_future_wait(future, INT64_MAX), -EINTR);
        assert_int_equal(atomic_load(&job.released), 0);
        atomic_store(&flag, false);
        atomic_store(&job.go, true);
        assert_int_equal(pail_future_wait(future, INT64_MAX), 9); /* nothing of it was lost */
        atomic_store(&flag, true);
        assert_int_equal(pail_future_wait(future, INT64_MAX), 9); /* it ended: there is nothing to interrupt */
        unref_and_drain(future);
        assert_int_equal(atomic_load(&job.released), 1);
}

static void *set_later(void *argument)
{
        usleep(70000);
        atomic_store((atomic_bool *)argument, true);
        return NULL;
}

/* Interrupted in the middle of the wait and left alone: it ends all the same, and its own thread releases. */
static void test_interrupt_and_detach(void **state)
{
        (void)state;
        atomic_bool flag = false;
        const struct pail_interrupt interrupt = { .is_set = is_set, .context = &flag };
        struct job job = { 0 };
        struct pail_future *future = start(&job);
        pthread_t thread;
        pail_interrupt_install(&interrupt);
        assert_int_equal(pthread_create(&thread, NULL, set_later, &flag), 0);
        assert_int_equal(pail_future_wait(future, INT64_MAX), -EINTR);
        pthread_join(thread, NULL);
        pail_future_unref(future);
        assert_int_equal(atomic_load(&job.released), 0);
        assert_false(atomic_load(&job.has_ended));

        atomic_store(&job.go, true);
        pail_workpool_drain(pool);
        assert_true(atomic_load(&job.has_ended));
        assert_int_equal(atomic_load(&job.released), 1);
        assert_false(pthread_equal(job.released_by, pthread_self()));
}

/* The pool's end waits for what was detached, and for what is still queued. */
static void test_detached_before_they_run(void **state)
{
        (void)state;
        struct job jobs[THREADS * 3] = { 0 };
        for (size_t i = 0; i < TEST_COUNT(jobs); i++)
                pail_future_unref(start(&jobs[i]));
        expect_soon(&jobs[0].has_started);
        for (size_t i = 0; i < TEST_COUNT(jobs); i++) {
                assert_int_equal(atomic_load(&jobs[i].released), 0);
                atomic_store(&jobs[i].go, true);
        }
        pail_workpool_free(pool);
        for (size_t i = 0; i < TEST_COUNT(jobs); i++) {
                assert_true(atomic_load(&jobs[i].has_ended));
                assert_int_equal(atomic_load(&jobs[i].released), 1);
        }
        assert_int_equal(setup(NULL), 0); /* for the teardown */
}

struct waiter {
        pthread_t thread;
        struct pail_future *future;
        int result;
};

static void *wait_for_it(void *argument)
{
        struct waiter *waiter = argument;
        waiter->result = pail_future_wait(waiter->future, INT64_MAX);
        return NULL;
}

static void test_several_waiters(void **state)
{
        (void)state;
        struct job job = { .result = 11 };
        struct waiter waiters[5];
        struct pail_future *future = start(&job);
        for (size_t i = 0; i < TEST_COUNT(waiters); i++) {
                waiters[i] = (struct waiter){ .future = future };
                assert_int_equal(pthread_create(&waiters[i].thread, NULL, wait_for_it, &waiters[i]), 0);
        }
        usleep(20000);
        atomic_store(&job.go, true);
        for (size_t i = 0; i < TEST_COUNT(waiters); i++) {
                pthread_join(waiters[i].thread, NULL);
                assert_int_equal(waiters[i].result, 11);
        }
        unref_and_drain(future);
}

/* Given up at all moments of a job's life: released once each, by one side or the other. */
static void test_race_of_both_ends(void **state)
{
        (void)state;
        enum { ROUNDS = 2000 };
        static struct job jobs[ROUNDS];
        memset(jobs, 0, sizeof(jobs));
        for (size_t i = 0; i < ROUNDS; i++) {
                struct job *job = &jobs[i];
                job->result = (int)i;
                atomic_store(&job->go, true);
                struct pail_future *future = start(job);
                if (i % 3 == 1)
                        usleep(i % 50);
                if (i % 3 == 2) {
                        assert_int_equal(pail_future_wait(future, INT64_MAX), i);
                        assert_int_equal(job->answer, 42);
                }
                pail_future_unref(future);
        }
        pail_workpool_drain(pool);
        for (size_t i = 0; i < ROUNDS; i++)
                assert_int_equal(atomic_load(&jobs[i].released), 1);
}

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*body)(void *), void *argument);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*body)(void *), void *argument);

static atomic_bool no_threads;

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*body)(void *), void *argument)
{
        return atomic_load(&no_threads) ? EAGAIN : __real_pthread_create(thread, attributes, body, argument);
}

static void test_no_thread_can_be_started(void **state)
{
        (void)state;
        struct job job = { .go = true };
        struct pail_future *future = NULL;
        atomic_store(&no_threads, true);
        int r = pail_future_start(pool, run, release, &job, &future);
        int without_release = pail_future_start(pool, run, NULL, &job, &future);
        atomic_store(&no_threads, false);
        assert_int_equal(r, -EAGAIN);
        assert_int_equal(without_release, -EAGAIN);
        assert_null(future);
        assert_int_equal(atomic_load(&job.released), 1);
        assert_false(atomic_load(&job.has_started));
}

static int start_and_wait(void *context)
{
        struct job *job = context;
        struct pail_future *future = NULL;
        unsigned released = atomic_load(&job->released);
        int r = pail_future_start(pool, run, release, job, &future);
        if (r < 0)
                assert_null(future);
        else
                r = pail_future_wait(future, INT64_MAX);
        pail_future_unref(future);
        pail_workpool_drain(pool);
        assert_int_equal(atomic_load(&job->released), released + 1);
        return r;
}

static void test_out_of_memory(void **state)
{
        (void)state;
        struct job job = { .go = true };
        struct pail_future *future = NULL;
        assert_true(test_alloc_each(start_and_wait, &job) >= 2);
        test_alloc_fail_at(1);
        assert_int_equal(pail_future_start(pool, run, NULL, &job, &future), -ENOMEM);
        test_alloc_fail_at(0);
        assert_null(future);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_result, setup, teardown),
                cmocka_unit_test_setup_teardown(test_without_release, setup, teardown),
                cmocka_unit_test_setup_teardown(test_deadline, setup, teardown),
                cmocka_unit_test_setup_teardown(test_interrupt, setup, teardown),
                cmocka_unit_test_setup_teardown(test_interrupt_and_detach, setup, teardown),
                cmocka_unit_test_setup_teardown(test_detached_before_they_run, setup, teardown),
                cmocka_unit_test_setup_teardown(test_several_waiters, setup, teardown),
                cmocka_unit_test_setup_teardown(test_race_of_both_ends, setup, teardown),
                cmocka_unit_test_setup_teardown(test_no_thread_can_be_started, setup, teardown),
                cmocka_unit_test_setup_teardown(test_out_of_memory, setup, teardown),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
