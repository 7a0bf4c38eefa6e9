/* SPDX-License-Identifier: Apache-2.0 */
#include "pail/util/thread.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include "../support/alloc.h"
#include "../support/test.h"

struct look {
        struct pail_thread *thread, *self;
        char name[32];
        bool blocks_signals, dumps_stack, was_self;
        const void *slot_at_first, *slot;
};

/* The kernel's flags of the mapping of an address: "dd" is MADV_DONTDUMP (proc(5), smaps). */
static bool is_dumped(const void *address)
{
        char line[512];
        bool here = false, dumped = true;
        FILE *file = fopen("/proc/self/smaps", "re");
        while (file && fgets(line, sizeof(line), file)) {
                unsigned long from, to;
                if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
                        here = (uintptr_t)address >= from && (uintptr_t)address < to;
                else if (here && strncmp(line, "VmFlags:", 8) == 0 && strstr(line, " dd"))
                        dumped = false;
        }
        if (file)
                fclose(file);
        return dumped;
}

static void look_around(void *argument)
{
        struct look *look = argument;
        sigset_t set;
        pthread_sigmask(SIG_SETMASK, NULL, &set);
        look->blocks_signals = sigismember(&set, SIGTERM) && sigismember(&set, SIGPIPE) && sigismember(&set, SIGUSR1);
        pthread_getname_np(pthread_self(), look->name, sizeof(look->name));
        look->dumps_stack = is_dumped(&set);
        look->self = pail_thread_self();
        look->was_self = pail_thread_is_self(look->self);
        look->slot_at_first = pail_thread_get(PAIL_THREAD_INTERRUPT);
        pail_thread_set(PAIL_THREAD_INTERRUPT, look);
        look->slot = pail_thread_get(PAIL_THREAD_INTERRUPT);
}

static void test_a_thread(void **state)
{
        (void)state;
        struct look look = { 0 };
        int mine;
        sigset_t before, after;
        pthread_sigmask(SIG_SETMASK, NULL, &before);
        pail_thread_set(PAIL_THREAD_INTERRUPT, &mine);
        assert_int_equal(pail_thread_start("a-name-that-is-too-long", look_around, &look, &look.thread), 0);
        assert_false(pail_thread_is_self(look.thread));
        assert_null(pail_thread_self());
        assert_false(pail_thread_is_self(NULL));
        struct pail_thread *thread = look.thread;
        pail_thread_join(look.thread);
        assert_string_equal(look.name, "a-name-that-is-");
        assert_true(look.blocks_signals);
        assert_false(look.dumps_stack);
        assert_ptr_equal(look.self, thread);
        assert_true(look.was_self);
        assert_null(look.slot_at_first);
        assert_ptr_equal(look.slot, &look);
        assert_ptr_equal(pail_thread_get(PAIL_THREAD_INTERRUPT), &mine);
        pail_thread_set(PAIL_THREAD_INTERRUPT, NULL);
        pthread_sigmask(SIG_SETMASK, NULL, &after);
        assert_int_equal(sigismember(&before, SIGTERM), sigismember(&after, SIGTERM));
        pail_thread_join(NULL);
}

/* The linker redirects pthread_create() here. */
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument);
static atomic_bool no_threads;

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument)
{
        return atomic_load(&no_threads) ? EAGAIN : __real_pthread_create(thread, attributes, start, argument);
}

static void test_failures(void **state)
{
        (void)state;
        struct look look = { 0 };
        atomic_store(&no_threads, true);
        assert_int_equal(pail_thread_start("x", look_around, &look, &look.thread), -EAGAIN);
        atomic_store(&no_threads, false);
        test_alloc_fail_at(1);
        assert_int_equal(pail_thread_start("x", look_around, &look, &look.thread), -ENOMEM);
        test_alloc_fail_at(0);
        assert_null(look.thread);
        assert_null(look.self);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_a_thread), cmocka_unit_test(test_failures) };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
