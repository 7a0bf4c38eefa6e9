/* SPDX-License-Identifier: Apache-2.0 */
/* Words of a program that nobody vouches for, on their way into a message. Stateless. */
#ifndef PAIL_SRC_AWS_CREDENTIALS_PROVIDERS_REDACT_H
#define PAIL_SRC_AWS_CREDENTIALS_PROVIDERS_REDACT_H

/*
 * Takes out of a line, in place, what may be a secret: each run of 32 or more characters of base64 (a secret access key has 40), and
 * whatever follows a word like "secret" or "password" and ':' or '='. Bytes that are not printable become '?'. Long paths go, too: better
 * a message that is less clear.
 */
void pail_redact(char *line);

#endif
