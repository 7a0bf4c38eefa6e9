/* SPDX-License-Identifier: Apache-2.0 */
/* The worker threads: that somebody always listens, what waits for a thread, and the end. GETATTR of the inode HANGING hangs until it is let go. */
#include "fuse/loop.h"

#include <dirent.h>
#include <pthread.h>

#include "kernel.h"
#include "pail/util/clock.h"
#include "pail/util/mutex.h"

enum { HANGING = 7, OTHER = 8, BACKLOG = 128, IDLE = 8, PATIENCE_MS = 20000 };

static struct kernel kernel;
static struct pail_loop *loop;
static pthread_t runner;
static int run_result;
static struct {
        struct pail_mutex mutex;
        struct pail_cond changed;
        unsigned hanging, forgets, processed, ends;
        unsigned hanging_at_end;
        bool is_let_go;
        bool is_let_go_at_end; /* on_end does it */
} guarded;

static void on_getattr(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *info)
{
        bool is_interrupted = false;
        (void)info;
        pail_mutex_lock(&guarded.mutex);
        if (node == HANGING) {
                guarded.hanging++;
                pail_cond_broadcast(&guarded.changed);
                while (!guarded.is_let_go && !(is_interrupted = fuse_req_interrupted(req)))
                        pail_cond_wait_until(&guarded.changed, &guarded.mutex, pail_clock_monotonic_ms() + 10);
                guarded.hanging--;
                pail_cond_broadcast(&guarded.changed);
        }
        pail_mutex_unlock(&guarded.mutex);
        fuse_reply_err(req, is_interrupted ? EINTR : EACCES);
}

static void on_forget(fuse_req_t req, fuse_ino_t node, uint64_t lookups)
{
        (void)node;
        (void)lookups;
        pail_mutex_lock(&guarded.mutex);
        guarded.forgets++;
        pail_cond_broadcast(&guarded.changed);
        pail_mutex_unlock(&guarded.mutex);
        fuse_reply_none(req);
}

static void on_processed(void *context)
{
        assert_ptr_equal(context, &kernel);
        PAIL_LOCK(&guarded.mutex);
        guarded.processed++;
        pail_cond_broadcast(&guarded.changed);
}

static void let_go(void)
{
        PAIL_LOCK(&guarded.mutex);
        guarded.is_let_go = true;
        pail_cond_broadcast(&guarded.changed);
}

static void let_go_at_end(void)
{
        PAIL_LOCK(&guarded.mutex);
        guarded.is_let_go_at_end = true;
}

static void on_end(void *context)
{
        assert_ptr_equal(context, &guarded);
        PAIL_LOCK(&guarded.mutex);
        guarded.ends++;
        guarded.hanging_at_end = guarded.hanging;
        guarded.is_let_go |= guarded.is_let_go_at_end;
        pail_cond_broadcast(&guarded.changed);
}

static unsigned wait_for(const unsigned *value, unsigned expected)
{
        int64_t until_ms = pail_clock_monotonic_ms() + PATIENCE_MS;
        PAIL_LOCK(&guarded.mutex);
        while (*value < expected && pail_cond_wait_until(&guarded.changed, &guarded.mutex, until_ms) == 0)
                continue;
        return *value;
}

/* The assertion is made without the lock, which would stay held. */
static void await(const unsigned *value, unsigned expected)
{
        assert_int_equal(wait_for(value, expected), expected);
}

static void open_session(void)
{
        static const struct fuse_lowlevel_ops operations = { .getattr = on_getattr, .forget = on_forget };
        kernel_open_with(&kernel, &operations);
        kernel_init(&kernel, 0);
}

static void *run_loop(void *argument)
{
        (void)argument;
        run_result = pail_loop_run(loop, on_end, &guarded);
        return NULL;
}

static void start_loop(unsigned max_threads)
{
        assert_int_equal(pail_loop_new(kernel.context.session, max_threads, on_processed, &kernel, &loop), 0);
        assert_int_equal(pthread_create(&runner, NULL, run_loop, NULL), 0);
}

/* The result of run. */
static int join_loop(void)
{
        pthread_join(runner, NULL);
        pail_loop_free(loop);
        loop = NULL;
        return run_result;
}

static int stop_loop(void)
{
        let_go();
        pail_loop_stop(loop);
        return join_loop();
}

static int setup(void **state)
{
        (void)state;
        memset(&guarded, 0, sizeof(guarded));
        pail_mutex_init(&guarded.mutex);
        pail_cond_init(&guarded.changed);
        open_session();
        return 0;
}

static int teardown(void **state)
{
        (void)state;
        if (loop)
                stop_loop();
        kernel_stop(&kernel);
        pail_cond_done(&guarded.changed);
        pail_mutex_done(&guarded.mutex);
        return 0;
}

static uint64_t send_getattr(uint64_t node)
{
        const struct fuse_getattr_in in = { 0 };
        kernel_send(&kernel, FUSE_GETATTR, node, &in, sizeof(in), NULL, 0);
        return kernel.unique;
}

static void send_forget(void)
{
        const struct fuse_forget_in in = { .nlookup = 1 };
        kernel_send(&kernel, FUSE_FORGET, OTHER, &in, sizeof(in), NULL, 0);
}

static void send_interrupt(uint64_t unique)
{
        const struct fuse_interrupt_in in = { .unique = unique };
        kernel_send(&kernel, FUSE_INTERRUPT, 0, &in, sizeof(in), NULL, 0);
}

/* Replies to all requests from first on, each once, in whatever order. */
static void await_replies(uint64_t first, unsigned count)
{
        uint64_t sum = 0, expected = 0;
        for (unsigned i = 0; i < count; i++) {
                kernel_await(&kernel);
                assert_int_equal(kernel.reply.header.error, -EACCES);
                sum += kernel.reply.header.unique;
                expected += first + 2 * (uint64_t)i;
        }
        assert_int_equal(sum, expected);
        assert_false(kernel_receive(&kernel));
}

static void test_serving(void **state)
{
        (void)state;
        start_loop(4);
        for (unsigned i = 0; i < 100; i++) {
                uint64_t unique = send_getattr(OTHER);
                await_replies(unique, 1);
        }
        await(&guarded.processed, 100);
        assert_int_equal(stop_loop(), 0);
        assert_int_equal(guarded.ends, 1);
}

/* Every thread but the reader is taken: what cannot block is served, an INTERRUPT arrives, the rest waits for a thread. */
static void test_hanging_requests(void **state)
{
        (void)state;
        start_loop(3);
        uint64_t first = send_getattr(HANGING);
        send_getattr(HANGING);
        await(&guarded.hanging, 2);
        send_getattr(HANGING);
        for (unsigned i = 0; i < 20; i++)
                send_forget();
        await(&guarded.forgets, 20);
        await(&guarded.hanging, 2);

        send_interrupt(first);
        kernel_await(&kernel);
        assert_int_equal(kernel.reply.header.unique, first);
        assert_int_equal(kernel.reply.header.error, -EINTR);
        await(&guarded.hanging, 2); /* the third has its thread now */
        assert_false(kernel_receive(&kernel));
        let_go();
        for (unsigned i = 0; i < 2; i++) {
                kernel_await(&kernel);
                assert_int_equal(kernel.reply.header.error, -EACCES);
        }
        assert_false(kernel_receive(&kernel));
        assert_int_equal(stop_loop(), 0);
}

/* The backlog is bounded: behind it the last reader serves, and nothing is lost. */
static void test_full_backlog(void **state)
{
        (void)state;
        start_loop(2);
        uint64_t first = send_getattr(HANGING);
        await(&guarded.hanging, 1);
        for (unsigned i = 0; i < BACKLOG; i++)
                send_getattr(HANGING);
        send_forget(); /* behind all of them */
        await(&guarded.forgets, 1);
        await(&guarded.hanging, 1);
        uint64_t last = send_getattr(HANGING);
        await(&guarded.hanging, 2);
        let_go();
        bool is_seen[BACKLOG + 3] = { false }; /* the FORGET stays unanswered */
        for (unsigned i = 0; i < BACKLOG + 2; i++) {
                kernel_await(&kernel);
                uint64_t index = (kernel.reply.header.unique - first) / 2;
                assert_true(index < TEST_COUNT(is_seen) && !is_seen[index]);
                is_seen[index] = true;
        }
        assert_true(is_seen[(last - first) / 2]);
        assert_false(kernel_receive(&kernel));
        assert_int_equal(stop_loop(), 0);
}

/* What is on the backlog when the loop ends is freed, unanswered: the kernel answers it. */
static void test_end_with_backlog(void **state)
{
        (void)state;
        start_loop(2);
        send_getattr(HANGING);
        await(&guarded.hanging, 1);
        for (unsigned i = 0; i < 10; i++)
                send_getattr(HANGING);
        send_forget();
        await(&guarded.forgets, 1);
        let_go_at_end();
        pail_loop_stop(loop);
        assert_int_equal(join_loop(), 0);
        kernel_await(&kernel); /* the one that was worked on */
}

/* on_end comes while requests are still worked on, so that it can let them go; run returns when they are done. */
static void test_order_of_the_end(void **state)
{
        (void)state;
        start_loop(4);
        uint64_t first = send_getattr(HANGING);
        send_getattr(HANGING);
        await(&guarded.hanging, 2);
        let_go_at_end();
        pail_loop_stop(loop);
        assert_int_equal(join_loop(), 0);
        assert_int_equal(guarded.ends, 1);
        assert_int_equal(guarded.hanging_at_end, 2);
        assert_int_equal(guarded.hanging, 0);
        await_replies(first, 2);
}

/* A socket ends with a short read, an error; the true device with ENODEV, which libfuse makes the end. */
static void test_broken_connection(void **state)
{
        (void)state;
        start_loop(4);
        await_replies(send_getattr(OTHER), 1);
        kernel_hang_up(&kernel);
        assert_int_equal(join_loop(), -EIO);
        assert_int_equal(guarded.ends, 1);
}

static unsigned count_threads(void)
{
        unsigned count = 0;
        DIR *tasks = opendir("/proc/self/task");
        assert_non_null(tasks);
        for (const struct dirent *entry; (entry = readdir(tasks));)
                count += entry->d_name[0] != '.';
        closedir(tasks);
        return count;
}

/* Threads come when all are taken, up to the limit, and most go when they have nothing to do. */
static void test_number_of_threads(void **state)
{
        (void)state;
        enum { MANY = 40 };
        unsigned before = count_threads();
        start_loop(64);
        uint64_t first = send_getattr(HANGING);
        for (unsigned i = 1; i < MANY; i++)
                send_getattr(HANGING);
        await(&guarded.hanging, MANY);
        assert_true(count_threads() >= before + MANY);
        let_go();
        await_replies(first, MANY);
        int64_t until_ms = pail_clock_monotonic_ms() + PATIENCE_MS;
        while (count_threads() > before + 1 + IDLE && pail_clock_monotonic_ms() < until_ms)
                usleep(1000);
        assert_in_range(count_threads(), before + 2, before + 1 + IDLE);
        await_replies(send_getattr(OTHER), 1);
        assert_int_equal(stop_loop(), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        const struct CMUnitTest tests[] = {
                TEST(test_serving),           TEST(test_hanging_requests), TEST(test_full_backlog),
                TEST(test_end_with_backlog),  TEST(test_order_of_the_end), TEST(test_broken_connection),
                TEST(test_number_of_threads),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
