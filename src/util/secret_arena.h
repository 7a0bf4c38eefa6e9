/* SPDX-License-Identifier: Apache-2.0 */
/* The allocator below pail/util/secret.h. One for the process, thread safe. */
#ifndef PAIL_SRC_UTIL_SECRET_ARENA_H
#define PAIL_SRC_UTIL_SECRET_ARENA_H

#include <stdbool.h>
#include <stddef.h>

/* NULL with ENOMEM. */
void *pail_secret_arena_malloc(size_t size);
/* The same with all bytes zero. */
void *pail_secret_arena_calloc(size_t size);
/* pointer: of this arena. NULL with ENOMEM: it is as before. */
void *pail_secret_arena_realloc(void *pointer, size_t size);
/* pointer: of this arena, else the process is ended, as for a second free. */
void pail_secret_arena_free(void *pointer);
bool pail_secret_arena_owns(const void *pointer);

#endif
