/* SPDX-License-Identifier: Apache-2.0 */
/* What the fuzz targets share. Each is a program of libFuzzer: see tests/fuzz/local.mk. */
#ifndef PAIL_TESTS_FUZZ_FUZZ_H
#define PAIL_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* The program's own. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/*
 * engine.c: an HTTP engine without a network. The next requests are answered with these bytes, one answer each, as they would stand on the
 * wire ("HTTP/1.1 200 OK", headers, an empty line, the body), with a line "%%" between two answers; later ones are refused with status 403. Borrowed
 * until all requests have ended.
 */
void fuzz_answers(const uint8_t *data, size_t size);

/* Ends the program when a condition does not hold that no input may break. */
void fuzz_require(int condition, const char *what);

/* A folder of the program's own, in memory where there is such a place; removed at the end. */
const char *fuzz_folder(void);
/* Writes a file in it, and returns its path, valid until the next call. */
const char *fuzz_file(const char *name, const void *data, size_t size);

/* The text up to a line "%%" or the end, as a string in new memory; *data and *size move behind it. */
char *fuzz_take_text(const uint8_t **data, size_t *size);

#endif
