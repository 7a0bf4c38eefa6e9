/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chooses between the arena (secret_arena.c), whose pages stay out of core dumps, and malloc, for builds with a sanitizer,
 * which would see neither leaks nor wild accesses in an arena. Both wipe what is released. A pointer may come from either:
 * a library that is given these functions late releases here what it got from malloc.
 */
#include "pail/util/secret.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "pail/util/math.h"
#include "secret_arena.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
static const bool use_arena = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
static const bool use_arena = false;
#else
static const bool use_arena = true;
#endif
#else
static const bool use_arena = true;
#endif

static bool is_ours(const void *pointer)
{
        return use_arena && pail_secret_arena_owns(pointer);
}

/* Memory of malloc's. */
static void free_wiped(void *pointer)
{
        int before = errno;
        if (pointer)
                explicit_bzero(pointer, malloc_usable_size(pointer));
        free(pointer);
        errno = before;
}

static void *move_data(void *pointer, size_t old_size, size_t size)
{
        void *target = pail_secret_malloc(size);
        if (!target)
                return NULL;
        memcpy(target, pointer, pail_min(old_size, size));
        free_wiped(pointer);
        return target;
}

void pail_secret_cover_stack(void)
{
        pthread_attr_t attributes;
        void *stack;
        size_t size;
        if (pthread_getattr_np(pthread_self(), &attributes))
                return;
        if (!pthread_attr_getstack(&attributes, &stack, &size))
                (void)madvise(stack, size, MADV_DONTDUMP);
        pthread_attr_destroy(&attributes);
}

void *pail_secret_malloc(size_t size)
{
        /* Of size 0, too, something is returned that can be released: libraries take NULL for a failure. */
        return use_arena ? pail_secret_arena_malloc(size) : malloc(size > 0 ? size : 1);
}

void *pail_secret_calloc(size_t count, size_t size)
{
        size_t bytes;
        if (__builtin_mul_overflow(count, size, &bytes)) {
                errno = ENOMEM;
                return NULL;
        }
        if (use_arena)
                return pail_secret_arena_calloc(bytes);
        return calloc(1, bytes > 0 ? bytes : 1);
}

void *pail_secret_realloc(void *pointer, size_t size)
{
        if (!pointer)
                return pail_secret_malloc(size);
        if (is_ours(pointer))
                return pail_secret_arena_realloc(pointer, size);
        return move_data(pointer, malloc_usable_size(pointer), size);
}

void pail_secret_free(void *pointer)
{
        if (is_ours(pointer))
                pail_secret_arena_free(pointer);
        else
                free_wiped(pointer);
}

char *pail_secret_strdup(const char *string)
{
        size_t size = strlen(string) + 1;
        char *copy = pail_secret_malloc(size);
        return copy ? memcpy(copy, string, size) : NULL;
}

int pail_secret_dup(const char *string, char **ret_copy)
{
        char *copy = string ? pail_secret_strdup(string) : NULL;
        if (string && !copy)
                return -ENOMEM;
        *ret_copy = copy;
        return 0;
}
