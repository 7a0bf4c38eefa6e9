/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the body of a request, from memory or from a file, at any position: curl may want it from the start again. */
#ifndef HTTP_BODY_H
#define HTTP_BODY_H

#include <stddef.h>
#include <stdint.h>

#include "pail/http/body.h"

/*
 * Copies up to size bytes from position on. 0 with *ret_size == 0: the end was reached. -ENODATA when vector or file
 * end before body->size_bytes, or the error of pread().
 */
int pail_http_body_read(const struct pail_http_body *body, uint64_t position, void *buffer, size_t size,
                        size_t *ret_size);

#endif
