/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A service that says what it was told to, one answer a request, and keeps what it was asked. A request for which there is no answer
 * left gets a 404 with the body "unexpected".
 */
#ifndef PAIL_TESTS_UNIT_AWS_CREDENTIALS_SCRIPT_H
#define PAIL_TESTS_UNIT_AWS_CREDENTIALS_SCRIPT_H

#include <stddef.h>

#include "../../http/server.h"

struct script;

struct asked {
        struct seen seen; /* seen_header() finds its headers */
        char *body;
};

struct script *script_new(void);
void script_free(struct script *script);
/* "http://127.0.0.1:PORT", for the life of the script. */
const char *script_url(const struct script *script);
/* The answer to the next request that has none yet; both are copied. body NULL: the connection is closed instead. */
void script_answer(struct script *script, const char *status, const char *body);
/* How many requests came so far. */
unsigned script_count(struct script *script);
/* One of them, from 0 on; the test fails if it did not come. Valid for the life of the script. */
const struct asked *script_asked(struct script *script, unsigned number);

#endif
