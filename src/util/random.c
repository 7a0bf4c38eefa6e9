/* SPDX-License-Identifier: Apache-2.0 */
#include "pail/util/random.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

void pail_random_fill(void *target, size_t size)
{
        char *to = target;
        while (size > 0) {
                ssize_t n = getrandom(to, size, 0);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0) {
                        /* A kernel older than 3.17, or a sandbox that forbids it: nothing that follows would be safe. */
                        fprintf(stderr, "pail: no random numbers from the kernel: getrandom: %s\n", strerror(errno));
                        abort();
                }
                to += n;
                size -= (size_t)n;
        }
}

uint64_t pail_random_below(uint64_t limit)
{
        /* Beyond the last multiple of limit the small numbers would come up more often. */
        uint64_t excess = (UINT64_MAX % limit + 1) % limit, number;
        do
                pail_random_fill(&number, sizeof(number));
        while (number > UINT64_MAX - excess);
        return number % limit;
}
