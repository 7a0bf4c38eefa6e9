/* SPDX-License-Identifier: Apache-2.0 */
/* A client of S3 whose server answers what the fuzzer made up (engine.c). */
#ifndef PAIL_TESTS_FUZZ_BUCKET_H
#define PAIL_TESTS_FUZZ_BUCKET_H

#include "pail/s3/client.h"

/* The same one each time, for the life of the program. */
struct pail_s3_client *bucket_client(void);
/* What each operation owes its caller: r is 0, or a negative errno that belongs to an error with class and words. */
void bucket_check(int r, const struct pail_error *error);

#endif
