/* SPDX-License-Identifier: Apache-2.0 */
#include "pail/util/workpool.h"

#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include "pail/util/cleanup.h"
#include "pail/util/interrupt.h"

#include "../support/alloc.h"
#include "../support/test.h"

PAIL_DEFINE_CLEANUP(struct pail_workpool, pail_workpool_free);
#define _cleanup_pool_ _cleanup_(pail_workpool_free_p)

static struct pail_workpool *pool_new(unsigned max_threads)
{
        struct pail_workpool *pool = NULL;
        assert_int_equal(pail_workpool_new("test", max_threads, &pool), 0);
        return pool;
}

/* A job that ends when it is told to, and counts. */
struct job {
        atomic_bool go;
        atomic_uint started, ended, released;
        int result;
};

static int run(void *argument)
{
        struct job *job = argument;
        atomic_fetch_add(&job->started, 1);
        while (!atomic_load(&job->go))
                usleep(1000);
        atomic_fetch_add(&job->ended, 1);
        return job->result;
}

static void run_void(void *argument)
{
        run(argument);
}

static void release(void *argument)
{
        struct job *job = argument;
        assert_int_equal(atomic_load(&job->ended), atomic_load(&job->started));
        atomic_fetch_add(&job->released, 1);
}

static bool always(void *context)
{
        (void)context;
        return true;
}

static const struct pail_interrupt interrupted = { .is_set = always };

static bool once_started(void *context)
{
        struct job *job = context;
        return atomic_load(&job->started) > 0;
}

static unsigned count_threads(void)
{
        DIR *dir = opendir("/proc/self/task");
        assert_non_null(dir);
        unsigned count = 0;
        for (const struct dirent *entry; (entry = readdir(dir));)
                count += entry->d_name[0] != '.';
        closedir(dir);
        return count;
}

static void test_free_without_work(void **state)
{
        (void)state;
        pail_workpool_free(NULL);
        pail_workpool_free(pool_new(4));
        struct pail_workpool *pool = pool_new(4);
        pail_workpool_drain(pool);
        pail_workpool_free(pool);
}

enum { MANY = 2000 };

struct order {
        atomic_uint next;
        atomic_bool failed;
        struct numbered {
                struct order *order;
                unsigned number;
        } jobs[MANY];
};

static void check_order(void *argument)
{
        const struct numbered *numbered = argument;
        if (atomic_fetch_add(&numbered->order->next, 1) != numbered->number)
                atomic_store(&numbered->order->failed, true);
}

static void test_order_of_arrival(void **state)
{
        (void)state;
        static struct order order;
        _cleanup_pool_ struct pail_workpool *pool = pool_new(1);
        for (unsigned i = 0; i < MANY; i++) {
                order.jobs[i] = (struct numbered){ .order = &order, .number = i };
                assert_int_equal(pail_workpool_submit(pool, check_order, &order.jobs[i]), 0);
        }
        pail_workpool_drain(pool);
        assert_int_equal(atomic_load(&order.next), MANY);
        assert_false(atomic_load(&order.failed));
}

static void test_free_runs_what_is_queued(void **state)
{
        (void)state;
        struct job job = { .go = true };
        struct pail_workpool *pool = pool_new(2);
        for (int i = 0; i < 500; i++)
                assert_int_equal(pail_workpool_submit(pool, run_void, &job), 0);
        pail_workpool_free(pool);
        assert_int_equal(atomic_load(&job.ended), 500);
}

struct chain {
        struct pail_workpool *pool;
        atomic_int left;
};

static void submit_next(void *argument)
{
        struct chain *chain = argument;
        if (atomic_fetch_sub(&chain->left, 1) > 1)
                assert_int_equal(pail_workpool_submit(chain->pool, submit_next, chain), 0);
}

/* Jobs that queue jobs: drain and free see the end of the chain. */
static void test_jobs_from_jobs(void **state)
{
        (void)state;
        struct chain chain = { .pool = pool_new(3), .left = 200 };
        assert_int_equal(pail_workpool_submit(chain.pool, submit_next, &chain), 0);
        pail_workpool_drain(chain.pool);
        assert_int_equal(atomic_load(&chain.left), 0);
        atomic_store(&chain.left, 200);
        assert_int_equal(pail_workpool_submit(chain.pool, submit_next, &chain), 0);
        pail_workpool_free(chain.pool);
        assert_int_equal(atomic_load(&chain.left), 0);
}

static void wait_for(const atomic_uint *value, unsigned at_least)
{
        for (int i = 0; i < 10000 && atomic_load(value) < at_least; i++)
                usleep(1000);
        assert_true(atomic_load(value) >= at_least);
}

static void test_parallel_up_to_the_limit(void **state)
{
        (void)state;
        struct job job = { 0 };
        _cleanup_pool_ struct pail_workpool *pool = pool_new(3);
        for (int i = 0; i < 10; i++)
                assert_int_equal(pail_workpool_submit(pool, run_void, &job), 0);
        wait_for(&job.started, 3);
        usleep(20000);
        assert_int_equal(atomic_load(&job.started), 3);
        atomic_store(&job.go, true);
        pail_workpool_drain(pool);
        assert_int_equal(atomic_load(&job.ended), 10);
}

static void test_run_returns_the_result(void **state)
{
        (void)state;
        _cleanup_pool_ struct pail_workpool *pool = pool_new(2);
        for (int i = -3; i < 4; i++) {
                struct job job = { .go = true, .result = i };
                assert_int_equal(pail_workpool_run(pool, run, release, &job), i);
                assert_int_equal(atomic_load(&job.ended), 1);
                assert_int_equal(atomic_load(&job.released), 1);
        }
        struct job job = { .go = true, .result = -EINTR }; /* as a result, not as an interrupt */
        assert_int_equal(pail_workpool_run(pool, run, NULL, &job), -EINTR);
        assert_int_equal(atomic_load(&job.ended), 1);
}

static void test_interrupt_detaches(void **state)
{
        (void)state;
        struct job job = { 0 };
        _cleanup_pool_ struct pail_workpool *pool = pool_new(2);
        const struct pail_interrupt interrupt = { .is_set = once_started, .context = &job };
        pail_interrupt_install(&interrupt);
        assert_int_equal(pail_workpool_run(pool, run, release, &job), -EINTR);
        pail_interrupt_install(NULL);
        assert_int_equal(atomic_load(&job.started), 1);
        assert_int_equal(atomic_load(&job.released), 0); /* it still runs */
        atomic_store(&job.go, true);
        pail_workpool_drain(pool);
        assert_int_equal(atomic_load(&job.ended), 1);
        assert_int_equal(atomic_load(&job.released), 1);
}

/* Interrupted before a thread was free for it: it runs all the same. */
static void test_interrupt_of_a_queued_job(void **state)
{
        (void)state;
        struct job blocker = { 0 }, job = { .go = true };
        _cleanup_pool_ struct pail_workpool *pool = pool_new(1);
        assert_int_equal(pail_workpool_submit(pool, run_void, &blocker), 0);
        pail_interrupt_install(&interrupted);
        assert_int_equal(pail_workpool_run(pool, run, release, &job), -EINTR);
        pail_interrupt_install(NULL);
        assert_int_equal(atomic_load(&job.started), 0);
        atomic_store(&blocker.go, true);
        pail_workpool_drain(pool);
        assert_int_equal(atomic_load(&job.ended), 1);
        assert_int_equal(atomic_load(&job.released), 1);
}

static void test_free_waits_for_the_detached(void **state)
{
        (void)state;
        struct job job = { .go = true };
        struct pail_workpool *pool = pool_new(1);
        pail_interrupt_install(&interrupted);
        for (int i = 0; i < 20; i++) {
                int r = pail_workpool_run(pool, run, release, &job);
                assert_true(r == -EINTR || r == 0);
        }
        pail_interrupt_install(NULL);
        pail_workpool_free(pool);
        assert_int_equal(atomic_load(&job.ended), 20);
        assert_int_equal(atomic_load(&job.released), 20);
}

/* Many callers, interrupted at random moments, the job's end among them: each release once, no more, no less. */
struct caller {
        struct pail_workpool *pool;
        unsigned seed;
        atomic_uint ran, released, ok, detached;
};

static bool at_random(void *context)
{
        unsigned *seed = context;
        *seed = *seed * 1103515245u + 12345u;
        return (*seed >> 16) % 3 == 0;
}

static int run_short(void *argument)
{
        struct caller *caller = argument;
        if (atomic_fetch_add(&caller->ran, 1) % 8 == 0)
                usleep(100);
        return 0;
}

static void release_short(void *argument)
{
        atomic_fetch_add(&((struct caller *)argument)->released, 1);
}

static void *call_often(void *argument)
{
        struct caller *caller = argument;
        unsigned seed = caller->seed;
        const struct pail_interrupt interrupt = { .is_set = at_random, .context = &seed };
        pail_interrupt_install(&interrupt);
        for (int i = 0; i < 1000; i++) {
                int r = pail_workpool_run(caller->pool, run_short, release_short, caller);
                atomic_fetch_add(r == 0 ? &caller->ok : &caller->detached, 1);
        }
        return NULL;
}

static void test_release_exactly_once(void **state)
{
        (void)state;
        struct pail_workpool *pool = pool_new(3);
        static struct caller callers[4];
        pthread_t threads[TEST_COUNT(callers)];
        for (unsigned i = 0; i < TEST_COUNT(callers); i++) {
                callers[i] = (struct caller){ .pool = pool, .seed = i };
                assert_int_equal(pthread_create(&threads[i], NULL, call_often, &callers[i]), 0);
        }
        for (unsigned i = 0; i < TEST_COUNT(callers); i++)
                pthread_join(threads[i], NULL);
        pail_workpool_free(pool);
        for (unsigned i = 0; i < TEST_COUNT(callers); i++) {
                assert_int_equal(atomic_load(&callers[i].ran), 1000);
                assert_int_equal(atomic_load(&callers[i].released), 1000);
                assert_true(atomic_load(&callers[i].ok) > 0);
                assert_true(atomic_load(&callers[i].detached) > 0);
                assert_int_equal(atomic_load(&callers[i].ok) + atomic_load(&callers[i].detached), 1000);
        }
}

static void test_idle_threads_end(void **state)
{
        (void)state;
        struct job job = { 0 };
        _cleanup_pool_ struct pail_workpool *pool = pool_new(4);
        usleep(50000); /* a thread that was joined may stand in the list a moment longer */
        unsigned before = count_threads();
        for (int i = 0; i < 4; i++)
                assert_int_equal(pail_workpool_submit(pool, run_void, &job), 0);
        wait_for(&job.started, 4);
        assert_int_equal(count_threads(), before + 4);
        atomic_store(&job.go, true);
        for (int i = 0; i < 100 && count_threads() > before; i++)
                usleep(100000);
        assert_int_equal(count_threads(), before);
        assert_int_equal(pail_workpool_submit(pool, run_void, &job), 0); /* and come back */
        pail_workpool_drain(pool);
        assert_int_equal(atomic_load(&job.ended), 5);
}

struct look {
        char name[32];
        bool blocked;
};

static int look_around(void *argument)
{
        struct look *look = argument;
        sigset_t set;
        pthread_sigmask(SIG_SETMASK, NULL, &set);
        look->blocked = sigismember(&set, SIGTERM) && sigismember(&set, SIGINT);
        return -pthread_getname_np(pthread_self(), look->name, sizeof(look->name));
}

static void test_threads_have_a_name_and_no_signals(void **state)
{
        (void)state;
        struct pail_workpool *created = NULL;
        assert_int_equal(pail_workpool_new("a-name-that-is-far-too-long", 1, &created), 0);
        _cleanup_pool_ struct pail_workpool *pool = created;
        struct look look = { 0 };
        assert_int_equal(pail_workpool_run(pool, look_around, NULL, &look), 0);
        assert_string_equal(look.name, "a-name-that-");
        assert_true(look.blocked);
        sigset_t set;
        pthread_sigmask(SIG_SETMASK, NULL, &set);
        assert_false(sigismember(&set, SIGTERM)); /* the submitter's own mask is as it was */
}

static void test_out_of_memory(void **state)
{
        (void)state;
        struct pail_workpool *none = NULL;
        test_alloc_fail_at(1);
        assert_int_equal(pail_workpool_new("test", 1, &none), -ENOMEM);
        assert_null(none);

        _cleanup_pool_ struct pail_workpool *pool = pool_new(1);
        struct job job = { .go = true };
        test_alloc_fail_at(1);
        assert_int_equal(pail_workpool_submit(pool, run_void, &job), -ENOMEM);
        assert_int_equal(atomic_load(&job.started), 0);
        test_alloc_fail_at(1);
        assert_int_equal(pail_workpool_run(pool, run, release, &job), -ENOMEM);
        assert_int_equal(atomic_load(&job.started), 0);
        assert_int_equal(atomic_load(&job.released), 1);
        test_alloc_fail_at(1);
        assert_int_equal(pail_workpool_run(pool, run, NULL, &job), -ENOMEM);
}

/* The linker redirects pthread_create() here. */
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument);

static atomic_bool no_threads;

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument)
{
        return atomic_load(&no_threads) ? EAGAIN : __real_pthread_create(thread, attributes, start, argument);
}

static void test_no_thread_can_be_started(void **state)
{
        (void)state;
        _cleanup_pool_ struct pail_workpool *pool = pool_new(4);
        struct job job = { .go = true, .result = 5 };
        atomic_store(&no_threads, true);
        assert_int_equal(pail_workpool_submit(pool, run_void, &job), -EAGAIN);
        assert_int_equal(pail_workpool_run(pool, run, release, &job), -EAGAIN);
        assert_int_equal(atomic_load(&job.started), 0);
        assert_int_equal(atomic_load(&job.released), 1);
        pail_workpool_drain(pool); /* nothing was left behind in the queue */

        atomic_store(&no_threads, false);
        struct job blocker = { 0 };
        assert_int_equal(pail_workpool_submit(pool, run_void, &blocker), 0);
        wait_for(&blocker.started, 1);
        atomic_store(&no_threads, true); /* one thread there is, busy: the job waits for it */
        assert_int_equal(pail_workpool_submit(pool, run_void, &job), 0);
        atomic_store(&blocker.go, true);
        pail_workpool_drain(pool);
        assert_int_equal(atomic_load(&job.ended), 1);
        atomic_store(&no_threads, false);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_free_without_work),
                cmocka_unit_test(test_order_of_arrival),
                cmocka_unit_test(test_free_runs_what_is_queued),
                cmocka_unit_test(test_jobs_from_jobs),
                cmocka_unit_test(test_parallel_up_to_the_limit),
                cmocka_unit_test(test_run_returns_the_result),
                cmocka_unit_test(test_interrupt_detaches),
                cmocka_unit_test(test_interrupt_of_a_queued_job),
                cmocka_unit_test(test_free_waits_for_the_detached),
                cmocka_unit_test(test_release_exactly_once),
                cmocka_unit_test(test_idle_threads_end),
                cmocka_unit_test(test_threads_have_a_name_and_no_signals),
                cmocka_unit_test(test_out_of_memory),
                cmocka_unit_test(test_no_thread_can_be_started),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
