/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The head of an answer, read line by line as curl delivers it: status, headers, and what the engine itself wants to
 * know of them. Interim answers (1xx) come first and are forgotten; so is the answer to a try that curl repeats.
 */
#ifndef HTTP_ANSWER_H
#define HTTP_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pail/http/request.h"

enum pail_http_answer_state {
        PAIL_HTTP_ANSWER_NONE,    /* nothing yet, or only interim answers */
        PAIL_HTTP_ANSWER_INTERIM, /* within the head of an interim answer */
        PAIL_HTTP_ANSWER_HEAD,    /* within the head of the answer */
        PAIL_HTTP_ANSWER_BODY,    /* the head is complete */
};

struct pail_http_answer {
        struct pail_http_response *response; /* borrowed */
        enum pail_http_answer_state state;
        size_t head_bytes; /* over all heads */
        int64_t clock_offset_s;
};

/* Clears the response. */
void pail_http_answer_init(struct pail_http_answer *answer, struct pail_http_response *response);
/*
 * Takes one line with its line end; after the head (trailers) lines are ignored, unless a new answer begins.
 * -EPROTO: not the head of an HTTP answer, or one beyond the limits; -ENOMEM. ret_reason: a literal, in words.
 */
int pail_http_answer_line(struct pail_http_answer *answer, const char *line, size_t length, const char **ret_reason);

#endif
