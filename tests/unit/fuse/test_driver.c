/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a driver whose device is a socket: options, mounting, the order of what it tells, the end. */
#include "pail/fuse/driver.h"

#include <pthread.h>
#include <stdatomic.h>

#include "fake_mount.h"
#include "kernel.h"
#include "pail/util/cleanup.h"

static struct kernel kernel;
static struct pail_driver *driver;
static char mountpoint[32];
static pthread_t runner;
static int run_result;
static _Atomic unsigned readies, ends;

static struct pail_driver_options options_of(const char *const *fuse_options)
{
        return (struct pail_driver_options){
                .mountpoint = mountpoint, .source = "a,source", .fuse_options = fuse_options, .max_threads = 4
        };
}

static int setup(void **state)
{
        (void)state;
        fake = (struct fake){ 0 };
        readies = ends = 0;
        driver = NULL;
        kernel_open_device(&kernel, mountpoint, sizeof(mountpoint));
        return 0;
}

static int teardown(void **state)
{
        (void)state;
        pail_driver_free(driver);
        kernel_stop(&kernel);
        return 0;
}

static int new_driver(const char *const *fuse_options)
{
        const struct pail_driver_options options = options_of(fuse_options);
        return pail_driver_new(&options, &driver);
}

static void on_ready(void *context)
{
        assert_ptr_equal(context, &kernel);
        atomic_fetch_add(&readies, 1);
}

static void on_end(void *context)
{
        assert_ptr_equal(context, &fake);
        atomic_fetch_add(&ends, 1);
}

static void *run_driver(void *argument)
{
        (void)argument;
        run_result = pail_driver_run(driver, on_ready, &kernel);
        return NULL;
}

static void mount_and_run(void)
{
        char *message = (char *)1;
        assert_int_equal(pail_driver_mount(driver, &message), 0);
        assert_null(message);
        pail_driver_set_mount(driver, fake_mount());
        pail_driver_set_on_end(driver, on_end, &fake);
        assert_int_equal(pthread_create(&runner, NULL, run_driver, NULL), 0);
}

static int stop_and_join(void)
{
        pail_driver_stop(driver);
        pthread_join(runner, NULL);
        return run_result;
}

/* The loop serves, on threads of its own. */
static int ask(uint32_t opcode, const void *head, size_t head_size, const char *name)
{
        kernel_send(&kernel, opcode, 1, head, head_size, name, name ? strlen(name) + 1 : 0);
        kernel_await(&kernel);
        assert_int_equal(kernel.reply.header.unique, kernel.unique);
        return kernel.reply.header.error;
}

static void begin_session(void)
{
        const struct fuse_init_in in = { .major = FUSE_KERNEL_VERSION, .minor = KERNEL_MINOR };
        assert_int_equal(ask(FUSE_INIT, &in, offsetof(struct fuse_init_in, flags) + 4, NULL), 0);
}

static void await_ready(void)
{
        for (unsigned i = 0; i < 20000 && atomic_load(&readies) == 0; i++)
                usleep(1000);
        assert_int_equal(atomic_load(&readies), 1);
}

static void test_life(void **state)
{
        (void)state;
        assert_int_equal(new_driver(NULL), 0);
        mount_and_run();
        usleep(50 * 1000);
        assert_int_equal(atomic_load(&readies), 0); /* the kernel has not asked yet */
        begin_session();
        await_ready();
        fake.r = -EACCES;
        for (unsigned i = 0; i < 5; i++)
                assert_int_equal(ask(FUSE_LOOKUP, NULL, 0, "f"), -EACCES);
        assert_int_equal(atomic_load(&readies), 1);

        pail_driver_invalidate_node(driver, 9);
        kernel_await(&kernel);
        assert_int_equal(kernel.reply.header.error, FUSE_NOTIFY_INVAL_INODE);
        pail_driver_invalidate_entry(driver, 9, "gone");
        kernel_await(&kernel);
        assert_int_equal(kernel.reply.header.error, FUSE_NOTIFY_INVAL_ENTRY);

        assert_int_equal(atomic_load(&ends), 0);
        assert_int_equal(stop_and_join(), 0);
        assert_int_equal(atomic_load(&ends), 1);
        pail_driver_unmount(driver);
        pail_driver_unmount(driver); /* once is enough */
}

/* A stop that comes before run, from a signal at the wrong moment, is not lost. */
static void test_early_stop(void **state)
{
        (void)state;
        assert_int_equal(new_driver(NULL), 0);
        pail_driver_stop(driver);
        mount_and_run();
        pthread_join(runner, NULL);
        assert_int_equal(run_result, 0);
        assert_int_equal(atomic_load(&readies), 0);
        assert_int_equal(atomic_load(&ends), 1);
}

static void test_options(void **state)
{
        (void)state;
        assert_int_equal(new_driver((const char *const[]){ "allow_other", "nosuid", "max_read=65536", NULL }), 0);
        pail_driver_free(pail_steal(&driver));
        assert_int_equal(new_driver((const char *const[]){ "no_such_option", NULL }), -EINVAL);
        assert_null(driver);
        assert_true(new_driver((const char *const[]){ "max_read=much", NULL }) < 0);
        assert_null(driver);
        pail_driver_free(NULL);
}

/* What libfuse prints is the message. */
static void test_mount_that_fails(void **state)
{
        (void)state;
        snprintf(mountpoint, sizeof(mountpoint), "/dev/fd/99999");
        assert_int_equal(new_driver(NULL), 0);
        char *message = NULL;
        assert_int_equal(pail_driver_mount(driver, &message), -EIO);
        assert_non_null(message);
        assert_non_null(strstr(message, "/dev/fd/99999"));
        assert_null(strchr(message, '\n'));
        free(message);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        const struct CMUnitTest tests[] = {
                TEST(test_life),
                TEST(test_early_stop),
                TEST(test_options),
                TEST(test_mount_that_fails),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
