/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes memory run out at a chosen point. Works on the calls in our own objects, which the linker redirects: a test
 * that uses this has $(test_alloc_ldflags) in its LDFLAGS. Calls inside other libraries are not affected.
 */
#ifndef PAIL_TESTS_UNIT_SUPPORT_ALLOC_H
#define PAIL_TESTS_UNIT_SUPPORT_ALLOC_H

#include <stdbool.h>

/* The number-th allocation from now fails, of whichever thread; 0: none. */
void test_alloc_fail_at(unsigned number);
/* true when that failure has happened. */
bool test_alloc_has_failed(void);

/*
 * Runs body with its first allocation failing, then its second, and so on until one run meets no failure. Every run
 * with a failure must return -ENOMEM, the last one 0. Returns how many failures there were. Leaks and wild
 * accesses on the way are for the sanitizers to find.
 */
unsigned test_alloc_each(int (*body)(void *context), void *context);

#endif
