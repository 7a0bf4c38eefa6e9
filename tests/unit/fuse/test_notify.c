/* SPDX-License-Identifier: Apache-2.0 */
/* Notifications as they arrive at the kernel: a header without the number of a request, whose error says what it is. */
#include "fuse/notify.h"

#include <poll.h>
#include <pthread.h>

#include "fake_mount.h"
#include "kernel.h"

static struct kernel kernel;
static struct pail_notifier *notifier;

static int setup(void **state)
{
        (void)state;
        kernel_start(&kernel);
        return pail_notifier_new(kernel.context.session, &notifier);
}

static int teardown(void **state)
{
        (void)state;
        kernel_hang_up(&kernel);
        pail_notifier_free(notifier);
        kernel_stop(&kernel);
        return 0;
}

static void await_node(uint64_t node_id)
{
        kernel_await(&kernel);
        assert_int_equal(kernel.reply.header.unique, 0);
        assert_int_equal(kernel.reply.header.error, FUSE_NOTIFY_INVAL_INODE);
        const struct fuse_notify_inval_inode_out *told = (const void *)kernel.reply.data;
        assert_int_equal(kernel.size, sizeof(*told));
        assert_int_equal(told->ino, node_id);
        assert_int_equal(told->off, 0); /* attributes, and all pages */
        assert_int_equal(told->len, 0);
}

static void await_entry(uint64_t parent_id, const char *name)
{
        kernel_await(&kernel);
        assert_int_equal(kernel.reply.header.unique, 0);
        assert_int_equal(kernel.reply.header.error, FUSE_NOTIFY_INVAL_ENTRY);
        const struct fuse_notify_inval_entry_out *told = (const void *)kernel.reply.data;
        assert_int_equal(kernel.size, sizeof(*told) + strlen(name) + 1);
        assert_int_equal(told->parent, parent_id);
        assert_int_equal(told->namelen, strlen(name));
        assert_string_equal(kernel.reply.data + sizeof(*told), name);
}

static void test_both_kinds(void **state)
{
        (void)state;
        char name[] = "a name";
        pail_notifier_node(notifier, UINT64_C(3) << 44);
        pail_notifier_entry(notifier, 7, name);
        name[0] = 'X'; /* it was copied */
        pail_notifier_entry(notifier, 8, "");
        await_node(UINT64_C(3) << 44);
        await_entry(7, "a name");
        await_entry(8, "");
}

static void test_order(void **state)
{
        (void)state;
        char name[16];
        for (uint64_t i = 1; i <= 200; i++) {
                snprintf(name, sizeof(name), "n%u", (unsigned)i);
                pail_notifier_node(notifier, i);
                pail_notifier_entry(notifier, i, name);
        }
        for (uint64_t i = 1; i <= 200; i++) {
                snprintf(name, sizeof(name), "n%u", (unsigned)i);
                await_node(i);
                await_entry(i, name);
        }
}

/* So many that the kernel's end takes no more, and the thread stands in the middle of one. */
enum { MANY = 20000 };

static _Atomic bool has_ended;

static void queue_many(void)
{
        for (uint64_t i = 1; i <= MANY; i++)
                pail_notifier_node(notifier, i); /* nobody waits here */
}

static void *end_notifier(void *argument)
{
        (void)argument;
        pail_notifier_free(notifier);
        atomic_store(&has_ended, true);
        return NULL;
}

static unsigned read_the_rest(void)
{
        unsigned count = 0;
        struct pollfd poll_fd = { .fd = kernel.fd, .events = POLLIN };
        while (poll(&poll_fd, 1, 200) == 1 && kernel_receive(&kernel))
                count++;
        return count;
}

/* The end sends what it is sending, and drops the rest. */
static void test_end(void **state)
{
        (void)state;
        pthread_t thread;
        queue_many();
        assert_int_equal(pthread_create(&thread, NULL, end_notifier, NULL), 0);
        usleep(100 * 1000);
        assert_false(atomic_load(&has_ended)); /* the one under way is waited for */
        assert_in_range(read_the_rest(), 1, MANY - 1);
        pthread_join(thread, NULL);
        notifier = NULL;
}

static void test_end_of_the_connection(void **state)
{
        (void)state;
        queue_many();
        kernel_hang_up(&kernel); /* each of them fails, the one under way too */
        pail_notifier_free(notifier);
        notifier = NULL;
}

static void test_end_without_any(void **state)
{
        (void)state;
        pail_notifier_free(notifier);
        notifier = NULL;
        assert_false(kernel_receive(&kernel));
        pail_notifier_free(NULL);
}

enum { SENDERS = 8, EACH = 100 };

static void *send_some(void *argument)
{
        uint64_t first = *(const uint64_t *)argument;
        for (uint64_t i = 0; i < EACH; i++)
                pail_notifier_node(notifier, first + i);
        return NULL;
}

/* Each arrives once, those of one thread in its order. */
static void test_many_threads(void **state)
{
        (void)state;
        pthread_t threads[SENDERS];
        uint64_t first[SENDERS];
        unsigned next[SENDERS] = { 0 };
        for (unsigned i = 0; i < SENDERS; i++) {
                first[i] = i * 1000;
                assert_int_equal(pthread_create(&threads[i], NULL, send_some, &first[i]), 0);
        }
        for (unsigned i = 0; i < SENDERS * EACH; i++) {
                kernel_await(&kernel);
                uint64_t id = ((const struct fuse_notify_inval_inode_out *)(const void *)kernel.reply.data)->ino;
                assert_true(id / 1000 < SENDERS);
                assert_int_equal(id % 1000, next[id / 1000]++);
        }
        for (unsigned i = 0; i < SENDERS; i++)
                pthread_join(threads[i], NULL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        const struct CMUnitTest tests[] = {
                TEST(test_both_kinds),      TEST(test_order),        TEST(test_end), TEST(test_end_of_the_connection),
                TEST(test_end_without_any), TEST(test_many_threads),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
