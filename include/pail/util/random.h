/* SPDX-License-Identifier: Apache-2.0 */
/* Random numbers that nobody can guess, from the kernel. They cannot fail: without a source of them the program ends. Thread safe. */
#ifndef PAIL_UTIL_RANDOM_H
#define PAIL_UTIL_RANDOM_H

#include <stddef.h>
#include <stdint.h>

void pail_random_fill(void *target, size_t size);
/* 0 to limit - 1, each as likely as the others; limit > 0. */
uint64_t pail_random_below(uint64_t limit);

#endif
