/* SPDX-License-Identifier: Apache-2.0 */
/* A directory of its own for each test that needs files; made by setup, removed with all that is in it by teardown. */
#ifndef PAIL_TESTS_UNIT_AWS_FILES_H
#define PAIL_TESTS_UNIT_AWS_FILES_H

/* cmocka's setup and teardown: *state is the directory's path. */
int test_files_setup(void **state);
int test_files_teardown(void **state);

/* Path of a file in the directory, in one of a few static buffers. */
const char *test_files_path(void **state, const char *name);
/* Writes it and returns its path. name may be "a/b": the directory "a" is made. */
const char *test_files_write(void **state, const char *name, const char *text);

#endif
