/* SPDX-License-Identifier: Apache-2.0 */
/* Questions to the person at the terminal. One thread. Private to the layer. */
#ifndef PAIL_CLI_PAILCTL_TERMINAL_H
#define PAIL_CLI_PAILCTL_TERMINAL_H

#include <stdbool.h>

#include "pail/util/buf.h"

/* The controlling terminal, whatever standard input is. A descriptor that the caller closes, or -errno. */
int pail_terminal_open(void);
/*
 * Shows the prompt and reads one line, without its end, into answer, whose cap bounds it (-EMSGSIZE). is_secret: what is typed is not
 * shown; the terminal is set right again before a signal (^C, ^Z, a hang-up) takes effect. -ENODATA: the end of input.
 */
int pail_terminal_ask(int fd, const char *prompt, bool is_secret, struct pail_buf *answer);

#endif
