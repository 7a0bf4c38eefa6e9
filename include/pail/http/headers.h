/* SPDX-License-Identifier: Apache-2.0 */
/* The header fields of a request or an answer. */
#ifndef PAIL_HTTP_HEADERS_H
#define PAIL_HTTP_HEADERS_H

#include <stddef.h>

/* Header lists keep order; names compare without case (RFC 9110 §5.1). Values are stripped of outer white space. */
struct pail_http_header {
        char *name;
        char *value;
};
struct pail_http_headers {
        struct pail_http_header *items; /* owned */
        size_t count;
        size_t allocated;
        size_t size_bytes; /* of all names and values */
};
enum { PAIL_HTTP_HEADERS_MAX_COUNT = 256, PAIL_HTTP_HEADERS_MAX_BYTES = 64 * 1024 };
/*
 * Zero-initialised is empty. At most 256 headers of 64 KiB in all: -EMSGSIZE beyond. CR or LF in either part, and an
 * empty name or one with a colon, white space or control character: -EINVAL. -ENOMEM.
 */
int pail_http_headers_add(struct pail_http_headers *headers, const char *name, const char *value);
int pail_http_headers_addf(struct pail_http_headers *headers, const char *name, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
/* Replaces every header of that name by one. */
int pail_http_headers_set(struct pail_http_headers *headers, const char *name, const char *value);
void pail_http_headers_remove(struct pail_http_headers *headers, const char *name);
/* The first value, borrowed; NULL: absent. */
const char *pail_http_headers_get(const struct pail_http_headers *headers, const char *name);
void pail_http_headers_done(struct pail_http_headers *headers); /* empty afterwards */

#endif
