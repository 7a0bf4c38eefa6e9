/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a program to its end and takes what it prints, within limits of time and size. The program gets /dev/null as its input, no other
 * descriptor of ours, a session of its own (so no terminal to ask on) and default signals. Thread safe.
 */
#ifndef PAIL_SRC_AWS_CREDENTIALS_PROVIDERS_PROCESS_RUN_H
#define PAIL_SRC_AWS_CREDENTIALS_PROVIDERS_PROCESS_RUN_H

#include <stdint.h>

#include "pail/util/buf.h"
#include "pail/util/error.h"

/*
 * arguments and environment end with NULL; arguments[0] without a slash is looked for in that environment's PATH. 0: it ended with status
 * 0, and what it printed is in output (initialised and empty before; the caller wipes it, also after a failure). Else an error of class
 * CREDENTIALS, in words: no such program (-ESRCH), one that may not be executed (-EACCES), another status or a signal (-ECHILD), too slow
 * (-ETIMEDOUT), more output than the buffer's cap (-EMSGSIZE). The words end with the last line that the program wrote to its standard error,
 * without what may be a secret (redact.h). Whoever exceeds a limit is killed, with the processes of its group. SYSTEM: it could not be started.
 */
int pail_process_run(char *const *arguments, char *const *environment, int64_t time_ms, struct pail_buf *output,
                     struct pail_error *ret_error);

#endif
