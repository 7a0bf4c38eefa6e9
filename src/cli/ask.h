/* SPDX-License-Identifier: Apache-2.0 */
/* A question to the person at the terminal. Private to the layer. */
#ifndef PAIL_CLI_ASK_H
#define PAIL_CLI_ASK_H

#include <stddef.h>

/*
 * Writes a prompt and reads one line, without white space at its ends. -ENXIO: none of the standard streams is a terminal, as
 * in a daemon once it has detached. -EIO: the terminal was closed. -EMSGSIZE. The signature is that of
 * pail_session_options.ask_mfa; context is not used.
 */
int pail_ask_mfa(void *context, const char *serial, char *ret_code, size_t size);

#endif
