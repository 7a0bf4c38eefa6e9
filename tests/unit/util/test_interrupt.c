/* SPDX-License-Identifier: Apache-2.0 */
#include "pail/util/interrupt.h"

#include <stdatomic.h>

#include "pail/util/clock.h"

#include "../support/test.h"

static struct pail_mutex mutex;
static struct pail_cond cond;

struct token {
        struct pail_interrupt interrupt;
        atomic_bool set;
        atomic_uint looks;
        atomic_uint set_at_look; /* 0: never */
};

static bool token_is_set(void *context)
{
        struct token *token = context;
        unsigned look = atomic_fetch_add(&token->looks, 1) + 1;
        unsigned at = atomic_load(&token->set_at_look);
        return atomic_load(&token->set) || (at > 0 && look >= at);
}

static void token_install(struct token *token)
{
        token->interrupt = (struct pail_interrupt){ .is_set = token_is_set, .context = token };
        pail_interrupt_install(&token->interrupt);
}

static int setup(void **state)
{
        (void)state;
        pail_mutex_init(&mutex);
        pail_cond_init(&cond);
        return 0;
}

static int teardown(void **state)
{
        (void)state;
        pail_interrupt_install(NULL);
        pail_cond_done(&cond);
        pail_mutex_done(&mutex);
        return 0;
}

/* The first outcome that is not a wake-up for no reason. */
static int wait_until(int64_t until_ms)
{
        int r = 0;
        PAIL_LOCK(&mutex);
        while (r == 0)
                r = pail_interrupt_wait(&cond, &mutex, until_ms);
        assert_true(pail_mutex_held(&mutex));
        return r;
}

static void test_install_returns_the_one_before(void **state)
{
        (void)state;
        struct token a = { 0 }, b = { 0 };
        assert_null(pail_interrupt_install(&a.interrupt));
        assert_ptr_equal(pail_interrupt_install(&b.interrupt), &a.interrupt);
        assert_ptr_equal(pail_interrupt_install(NULL), &b.interrupt);
        assert_null(pail_interrupt_install(NULL));
}

static void test_is_set(void **state)
{
        (void)state;
        struct token token = { 0 };
        assert_false(pail_interrupt_is_set());
        token_install(&token);
        assert_false(pail_interrupt_is_set());
        atomic_store(&token.set, true);
        assert_true(pail_interrupt_is_set());
}

static void test_set_before_the_wait(void **state)
{
        (void)state;
        struct token token = { .set = true };
        token_install(&token);
        assert_int_equal(wait_until(INT64_MAX), -EINTR);
        assert_int_equal(wait_until(0), -EINTR);
}

static void test_set_during_the_wait(void **state)
{
        (void)state;
        struct token token = { .set_at_look = 4 };
        token_install(&token);
        int64_t start_ms = pail_clock_monotonic_ms();
        assert_int_equal(wait_until(INT64_MAX), -EINTR);
        int64_t took_ms = pail_clock_monotonic_ms() - start_ms;
        assert_in_range(took_ms, 100, 5000); /* three slices of about 50 ms */
}

static void test_deadline_with_and_without_token(void **state)
{
        (void)state;
        struct token token = { 0 };
        for (int i = 0; i < 2; i++) {
                int64_t until_ms = pail_clock_monotonic_ms() + 120;
                assert_int_equal(wait_until(until_ms), -ETIMEDOUT);
                assert_true(pail_clock_monotonic_ms() >= until_ms);
                assert_true(pail_clock_monotonic_ms() < until_ms + 5000);
                token_install(&token);
        }
        assert_in_range(atomic_load(&token.looks), 3, 20);
        assert_int_equal(wait_until(INT64_MIN), -ETIMEDOUT);
}

static bool woken; /* under the mutex */

static void *wake(void *argument)
{
        (void)argument;
        usleep(120000);
        PAIL_LOCK(&mutex);
        woken = true;
        pail_cond_signal(&cond);
        return NULL;
}

static void test_woken(void **state)
{
        (void)state;
        struct token token = { 0 };
        for (int i = 0; i < 2; i++) {
                pthread_t thread;
                woken = false;
                assert_int_equal(pthread_create(&thread, NULL, wake, NULL), 0);
                pail_mutex_lock(&mutex);
                while (!woken)
                        assert_int_equal(pail_interrupt_wait(&cond, &mutex, INT64_MAX), 0);
                pail_mutex_unlock(&mutex);
                pthread_join(thread, NULL);
                token_install(&token);
        }
        assert_true(atomic_load(&token.looks) >= 2);
}

/* Nobody signals: the caller is to look at its condition all the same, which may have come true as the wait for a signal
 * timed out. */
static void test_returns_to_look_at_the_condition(void **state)
{
        (void)state;
        struct token token = { 0 };
        token_install(&token);
        PAIL_LOCK(&mutex);
        assert_int_equal(pail_interrupt_wait(&cond, &mutex, INT64_MAX), 0);
        pail_interrupt_install(NULL);
}

static void *wait_elsewhere(void *argument)
{
        *(int *)argument = wait_until(pail_clock_monotonic_ms() + 100);
        return NULL;
}

/* A token is of its thread alone; set and waited for by two threads at once. */
static void test_tokens_are_per_thread(void **state)
{
        (void)state;
        struct token token = { .set = true };
        token_install(&token);
        pthread_t thread;
        int elsewhere = 0;
        assert_int_equal(pthread_create(&thread, NULL, wait_elsewhere, &elsewhere), 0);
        assert_int_equal(wait_until(INT64_MAX), -EINTR);
        pthread_join(thread, NULL);
        assert_int_equal(elsewhere, -ETIMEDOUT);
}

static void *set_later(void *argument)
{
        struct token *token = argument;
        usleep(70000);
        atomic_store(&token->set, true);
        return NULL;
}

static void test_set_by_another_thread(void **state)
{
        (void)state;
        struct token token = { 0 };
        token_install(&token);
        pthread_t thread;
        assert_int_equal(pthread_create(&thread, NULL, set_later, &token), 0);
        assert_int_equal(wait_until(INT64_MAX), -EINTR);
        pthread_join(thread, NULL);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_install_returns_the_one_before, setup, teardown),
                cmocka_unit_test_setup_teardown(test_is_set, setup, teardown),
                cmocka_unit_test_setup_teardown(test_set_before_the_wait, setup, teardown),
                cmocka_unit_test_setup_teardown(test_set_during_the_wait, setup, teardown),
                cmocka_unit_test_setup_teardown(test_deadline_with_and_without_token, setup, teardown),
                cmocka_unit_test_setup_teardown(test_woken, setup, teardown),
                cmocka_unit_test_setup_teardown(test_returns_to_look_at_the_condition, setup, teardown),
                cmocka_unit_test_setup_teardown(test_tokens_are_per_thread, setup, teardown),
                cmocka_unit_test_setup_teardown(test_set_by_another_thread, setup, teardown),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
