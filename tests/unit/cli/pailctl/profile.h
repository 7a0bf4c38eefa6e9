/* SPDX-License-Identifier: Apache-2.0 */
/* A profile to be configured, with files in a directory of the test. */
#ifndef TESTS_CLI_PAILCTL_PROFILE_H
#define TESTS_CLI_PAILCTL_PROFILE_H

#include "cli/pailctl/configure_write.h"

#include "../../support/test.h"

extern char profile_directory[4096];

int profile_setup(void **state);
int profile_teardown(void **state);
void profile_begin(struct pail_configure *configure, const char *profile);
void profile_set(struct pail_configure *configure, int setting, const char *value);
/* What the file holds. */
void assert_file(const char *path, const char *text);

#endif
