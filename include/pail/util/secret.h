/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory for secrets: left out of core dumps (MADV_DONTDUMP, which gcore heeds too), and wiped when it is released. What holds a secret
 * key, a token or a signature, or a whole answer or request with one in it, belongs here; what is merely found beside them does not matter.
 * What is larger than 256 KiB is left out of dumps, but not wiped: that is file data in curl's buffers.
 * Thread safe. Functions like those of malloc(3): they can be given to libraries, set errno to ENOMEM, and align for any object.
 *
 * In builds with a sanitizer this is malloc, so that it sees leaks and wild accesses, with the wiping.
 */
#ifndef PAIL_UTIL_SECRET_H
#define PAIL_UTIL_SECRET_H

#include <stddef.h>

void *pail_secret_malloc(size_t size);
void *pail_secret_calloc(size_t count, size_t size);
/* Where the bytes have to move, those left behind are wiped. */
void *pail_secret_realloc(void *pointer, size_t size);
/* Takes what malloc returned as well, and wipes that too: so a library may be given these functions late. NULL is fine. */
void pail_secret_free(void *pointer);
char *pail_secret_strdup(const char *string);

/* strdup that takes NULL: *ret = NULL then. -ENOMEM. */
int pail_secret_dup(const char *string, char **ret_copy);

/*
 * Leaves the stack of the calling thread out of core dumps, for threads that sign or send: whatever was in a vector register may lie there,
 * since the dynamic linker saves them all when it resolves a function at its first call.
 */
void pail_secret_cover_stack(void);

/*
 * Has OpenSSL (TLS, signing) and libxml2 (answers of token services) keep all their memory here. For the beginning of a process, before
 * another thread and before either of them has allocated. libcurl is the engine's (src/http/engine.c).
 */
void pail_secret_adopt_libraries(void);

static inline void pail_secret_free_p(void *pointer)
{
        pail_secret_free(*(void **)pointer);
}
#define _cleanup_secret_ __attribute__((cleanup(pail_secret_free_p)))

#endif
