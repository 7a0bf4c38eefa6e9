/* SPDX-License-Identifier: Apache-2.0 */
/* Commands of pailctl as a person runs them: words in, exit status and both outputs back. */
#ifndef TESTS_CLI_PAILCTL_RUN_H
#define TESTS_CLI_PAILCTL_RUN_H

#include "../../s3/fixture.h"
#include "../../support/test.h"

/* What goes to standard output and standard error in between. Nothing is asserted there: a failure would not be seen. */
struct capture {
        int saved[2], files[2];
};
struct capture capture_begin(void);

struct run {
        int status;
        char *out, *err;
};
struct run capture_end(struct capture *capture, int status);
void run_done(struct run *run);

/* words: separated by one blank each. */
struct run run_command(int (*command)(int argc, char **argv), const char *words);
/* The same with the options by which it asks the scripted server, of which "more" (",a=b") are more. */
struct run run_at(const struct fixture *f, int (*command)(int argc, char **argv), const char *words, const char *more);

/* The output is this; or it has this in it. */
void assert_text(const char *text, const char *expected);
void assert_has(const char *text, const char *part);

#endif
