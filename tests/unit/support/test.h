/* SPDX-License-Identifier: Apache-2.0 */
/* What every unit test includes first: cmocka with what it wants before it. */
#ifndef PAIL_TESTS_UNIT_SUPPORT_TEST_H
#define PAIL_TESTS_UNIT_SUPPORT_TEST_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define TEST_COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
