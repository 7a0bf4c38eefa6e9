/* SPDX-License-Identifier: Apache-2.0 */
/* For what must abort the program: misuse that an assertion catches. */
#ifndef PAIL_TESTS_UNIT_SUPPORT_DEATH_H
#define PAIL_TESTS_UNIT_SUPPORT_DEATH_H

#include <stddef.h>

/*
 * Runs body in a child process and fails the test unless the child was ended by SIGABRT. What it wrote to stderr is
 * put into ret_output (cut to size, terminated).
 */
void test_death(void (*body)(void *context), void *context, char *ret_output, size_t size);

#endif
