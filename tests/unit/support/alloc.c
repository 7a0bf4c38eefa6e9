/* SPDX-License-Identifier: Apache-2.0 */
#include "alloc.h"

#include <stdatomic.h>

#include "test.h"

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *pointer, size_t size);
void *__wrap_reallocarray(void *pointer, size_t count, size_t size);
void *__wrap_pail_secret_arena_malloc(size_t size);
void *__wrap_pail_secret_arena_calloc(size_t size);
void *__wrap_pail_secret_arena_realloc(void *pointer, size_t size);
char *__wrap_strdup(const char *string);
char *__wrap_strndup(const char *string, size_t length);
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *pointer, size_t size);
void *__real_reallocarray(void *pointer, size_t count, size_t size);
void *__real_pail_secret_arena_malloc(size_t size);
void *__real_pail_secret_arena_calloc(size_t size);
void *__real_pail_secret_arena_realloc(void *pointer, size_t size);
char *__real_strdup(const char *string);
char *__real_strndup(const char *string, size_t length);

static atomic_uint remaining; /* 1: the next one fails */
static atomic_bool failed;

static bool fails_now(void)
{
        unsigned count = atomic_load(&remaining);
        while (count > 0 && !atomic_compare_exchange_weak(&remaining, &count, count - 1))
                ;
        if (count != 1)
                return false;
        atomic_store(&failed, true);
        errno = ENOMEM;
        return true;
}

void *__wrap_malloc(size_t size)
{
        return fails_now() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
        return fails_now() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *pointer, size_t size)
{
        return fails_now() ? NULL : __real_realloc(pointer, size);
}

void *__wrap_reallocarray(void *pointer, size_t count, size_t size)
{
        return fails_now() ? NULL : __real_reallocarray(pointer, count, size);
}

char *__wrap_strdup(const char *string)
{
        return fails_now() ? NULL : __real_strdup(string);
}

char *__wrap_strndup(const char *string, size_t length)
{
        return fails_now() ? NULL : __real_strndup(string, length);
}

void *__wrap_pail_secret_arena_malloc(size_t size)
{
        return fails_now() ? NULL : __real_pail_secret_arena_malloc(size);
}

void *__wrap_pail_secret_arena_calloc(size_t size)
{
        return fails_now() ? NULL : __real_pail_secret_arena_calloc(size);
}

void *__wrap_pail_secret_arena_realloc(void *pointer, size_t size)
{
        return fails_now() ? NULL : __real_pail_secret_arena_realloc(pointer, size);
}

void test_alloc_fail_at(unsigned number)
{
        atomic_store(&failed, false);
        atomic_store(&remaining, number);
}

bool test_alloc_has_failed(void)
{
        return atomic_load(&failed);
}

unsigned test_alloc_each(int (*body)(void *context), void *context)
{
        for (unsigned number = 1;; number++) {
                test_alloc_fail_at(number);
                int r = body(context);
                bool hit = test_alloc_has_failed();
                test_alloc_fail_at(0);
                assert_int_equal(r, hit ? -ENOMEM : 0);
                if (!hit)
                        return number - 1;
        }
}
