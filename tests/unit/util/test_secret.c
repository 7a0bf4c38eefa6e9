/* SPDX-License-Identifier: Apache-2.0 */
/* The allocator is tested by its own functions, since builds with a sanitizer do not use it. */
#include "pail/util/secret.h"

#include <pthread.h>

#include "../support/death.h"
#include "../support/test.h"
#include "pail/util/buf.h"
#include "util/secret_arena.h"

static bool is_zero(const char *data, size_t size)
{
        for (size_t i = 0; i < size; i++)
                if (data[i])
                        return false;
        return true;
}

static void test_sizes(void **state)
{
        (void)state;
        for (size_t size = 0; size <= 6 << 20; size = size < 300 ? size + 1 : size + size / 3) {
                char *data = pail_secret_arena_calloc(size);
                assert_non_null(data);
                assert_int_equal((uintptr_t)data % 16, 0);
                assert_true(pail_secret_arena_owns(data));
                assert_true(is_zero(data, size));
                memset(data, 0xa5, size);
                pail_secret_arena_free(data);
                /* The same block, and nothing in it. */
                char *again = size < 200 * 1024 ? pail_secret_arena_malloc(size) : pail_secret_arena_calloc(size);
                assert_ptr_equal(again, data);
                assert_true(is_zero(again, size));
                pail_secret_arena_free(again);
        }
        errno = 0;
        assert_null(pail_secret_arena_malloc((size_t)1 << 31));
        assert_int_equal(errno, ENOMEM);
        assert_null(pail_secret_arena_malloc(SIZE_MAX));
        assert_false(pail_secret_arena_owns(NULL));
        assert_false(pail_secret_arena_owns(&state));
}

/* Many large ones at a time: what is given back to the system comes as zeros again. */
static void test_large(void **state)
{
        enum { COUNT = 20, SIZE = 700 * 1000 };
        char *data[COUNT];

        (void)state;
        for (unsigned round = 0; round < 3; round++) {
                for (unsigned i = 0; i < COUNT; i++) {
                        data[i] = pail_secret_arena_calloc(SIZE);
                        assert_non_null(data[i]);
                        assert_true(is_zero(data[i], SIZE));
                        memset(data[i], 1, SIZE);
                }
                for (unsigned i = 0; i < COUNT; i++)
                        pail_secret_arena_free(data[i]);
        }
}

static void test_grow(void **state)
{
        char *data = pail_secret_arena_malloc(3), *first = data;

        (void)state;
        assert_non_null(data);
        memcpy(data, "abc", 3);
        for (size_t size = 4; size < 200 * 1000; size = size * 3 / 2) {
                data = pail_secret_arena_realloc(data, size);
                assert_non_null(data);
                assert_memory_equal(data, "abc", 3);
                assert_true(is_zero(data + 3, size - 3));
        }
        assert_ptr_not_equal(data, first);
        assert_true(is_zero(first, 3)); /* idle now, but for the list before it */

        /* Shrinking wipes what is cut off, and growing shows none of it. */
        memset(data, 'y', 1000);
        data = pail_secret_arena_realloc(data, 10);
        assert_true(is_zero(data + 10, 990));
        data = pail_secret_arena_realloc(data, 1000);
        assert_true(is_zero(data + 10, 990));
        assert_memory_equal(data, "yyyyyyyyyy", 10);

        assert_null(pail_secret_arena_realloc(data, SIZE_MAX));
        assert_memory_equal(data, "yyyyyyyyyy", 10);
        pail_secret_arena_free(data);
}

/* Whether the mapping that holds an address has the flag "dd". */
static bool is_left_out(const void *address)
{
        FILE *maps = fopen("/proc/self/smaps", "re");
        char line[512];
        bool inside = false, left_out = false;

        assert_non_null(maps);
        while (fgets(line, sizeof(line), maps)) {
                unsigned long from, to;
                if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
                        inside = (uintptr_t)address >= from && (uintptr_t)address < to;
                else if (inside && strncmp(line, "VmFlags:", 8) == 0)
                        left_out = strstr(line, " dd") != NULL;
        }
        fclose(maps);
        return left_out;
}

static void test_left_out_of_dumps(void **state)
{
        void *small = pail_secret_arena_malloc(10), *large = pail_secret_arena_malloc(3 << 20), *plain = malloc(10);

        (void)state;
        assert_true(is_left_out(small));
        assert_true(is_left_out(large));
        assert_false(is_left_out(plain));
        pail_secret_arena_free(small);
        pail_secret_arena_free(large);
        free(plain);
}

static void *cover(void *argument)
{
        int local;
        bool *covered = argument;

        covered[0] = is_left_out(&local);
        pail_secret_cover_stack();
        covered[1] = is_left_out(&local);
        return NULL;
}

static void test_stack_left_out(void **state)
{
        pthread_attr_t attributes;
        pthread_t thread;
        bool covered[2];

        (void)state;
        /* A size of its own, so that no stack of an ended thread is taken. */
        assert_int_equal(pthread_attr_init(&attributes), 0);
        assert_int_equal(pthread_attr_setstacksize(&attributes, 12 << 20), 0);
        assert_int_equal(pthread_create(&thread, &attributes, cover, covered), 0);
        pthread_join(thread, NULL);
        pthread_attr_destroy(&attributes);
        assert_false(covered[0]);
        assert_true(covered[1]);
}

static void free_twice(void *context)
{
        (void)context;
        void *data = pail_secret_arena_malloc(10);
        pail_secret_arena_free(data);
        pail_secret_arena_free(data);
}

static void free_foreign(void *context)
{
        pail_secret_arena_free(context);
}

static void test_misuse(void **state)
{
        char output[512], *plain = malloc(64);

        (void)state;
        test_death(free_twice, NULL, output, sizeof(output));
        assert_non_null(strstr(output, "released twice"));
        test_death(free_foreign, plain, output, sizeof(output));
        free(plain);
}

/* The face that libraries see. */
static void test_functions(void **state)
{
        char *copy = NULL;

        (void)state;
        char *data = pail_secret_calloc(10, 10);
        assert_non_null(data);
        assert_true(is_zero(data, 100));
        pail_secret_free(data);
        errno = 0;
        assert_null(pail_secret_calloc(SIZE_MAX / 2, 3));
        assert_int_equal(errno, ENOMEM);
        data = pail_secret_malloc(0);
        assert_non_null(data);
        data = pail_secret_realloc(data, 100);
        memset(data, 'a', 100);
        data = pail_secret_realloc(data, 100000);
        assert_int_equal(data[99], 'a');
        data = pail_secret_realloc(data, 5);
        assert_memory_equal(data, "aaaaa", 5);
        pail_secret_free(data);
        data = pail_secret_realloc(NULL, 5);
        assert_non_null(data);
        pail_secret_free(data);
        data = pail_secret_strdup("text");
        assert_string_equal(data, "text");
        pail_secret_free(data);
        assert_int_equal(pail_secret_dup(NULL, &copy), 0);
        assert_null(copy);
        assert_int_equal(pail_secret_dup("x", &copy), 0);
        assert_string_equal(copy, "x");
        pail_secret_free(copy);
        pail_secret_free(NULL);

        /* What malloc gave, too. */
        pail_secret_free(strdup("foreign"));
        data = pail_secret_realloc(strdup("foreign"), 1000);
        assert_string_equal(data, "foreign");
        pail_secret_free(data);
}

static void test_buffer(void **state)
{
        _cleanup_buf_ struct pail_buf buf = PAIL_BUF_INIT_SECRET(1 << 20);
        char *stolen;

        (void)state;
        for (unsigned i = 0; i < 1000; i++)
                assert_int_equal(pail_buf_printf(&buf, "%u,", i), 0);
        assert_int_equal(buf.length, 3890);
        assert_int_equal(pail_buf_steal(&buf, &stolen, NULL), 0);
        assert_true(buf.is_secret);
        assert_int_equal(strncmp(stolen, "0,1,2,", 6), 0);
        pail_secret_free(stolen);
        assert_int_equal(pail_buf_append_string(&buf, "again"), 0);
        pail_buf_done(&buf);
        assert_true(buf.is_secret);
}

struct hammer {
        unsigned seed;
        bool failed;
};

static void *hammer(void *argument)
{
        enum { SLOTS = 64 };
        struct hammer *hammer = argument;
        char *data[SLOTS] = { 0 };
        size_t sizes[SLOTS] = { 0 };
        unsigned random = hammer->seed;

        for (unsigned i = 0; i < 40000; i++) {
                random = random * 1664525 + 1013904223;
                unsigned slot = random >> 26;
                size_t size = (random >> 8) % 16 ? (random >> 12) % 400 : (random >> 12) % 100000;
                if (data[slot]) {
                        hammer->failed |= sizes[slot] > 0 &&
                                          (data[slot][0] != (char)slot || data[slot][sizes[slot] - 1] != (char)slot);
                        pail_secret_arena_free(data[slot]);
                        data[slot] = NULL;
                        continue;
                }
                data[slot] = pail_secret_arena_malloc(size);
                sizes[slot] = size;
                hammer->failed |= !data[slot] || !is_zero(data[slot], size < 100 ? size : 100);
                if (data[slot])
                        memset(data[slot], (int)slot, size);
        }
        for (unsigned slot = 0; slot < SLOTS; slot++)
                if (data[slot])
                        pail_secret_arena_free(data[slot]);
        return NULL;
}

static void test_threads(void **state)
{
        enum { THREADS = 6 };
        struct hammer hammers[THREADS];
        pthread_t threads[THREADS];

        (void)state;
        for (unsigned i = 0; i < THREADS; i++) {
                hammers[i] = (struct hammer){ .seed = i };
                assert_int_equal(pthread_create(&threads[i], NULL, hammer, &hammers[i]), 0);
        }
        for (unsigned i = 0; i < THREADS; i++) {
                pthread_join(threads[i], NULL);
                assert_false(hammers[i].failed);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_sizes),          cmocka_unit_test(test_large),
                cmocka_unit_test(test_grow),           cmocka_unit_test(test_left_out_of_dumps),
                cmocka_unit_test(test_stack_left_out), cmocka_unit_test(test_misuse),
                cmocka_unit_test(test_functions),      cmocka_unit_test(test_buffer),
                cmocka_unit_test(test_threads),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
