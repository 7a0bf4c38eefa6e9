/* SPDX-License-Identifier: Apache-2.0 */
/* The first two stages of a signature: the canonical request, and the string to sign that is made of it. Stateless. */
#ifndef PAIL_SRC_AWS_SIGNING_SIGV4_CANONICAL_H
#define PAIL_SRC_AWS_SIGNING_SIGV4_CANONICAL_H

#include "pail/aws/sigv4_scope.h"
#include "pail/http/request.h"

/* path: percent-encoded, verbatim. query: without '?', encoded, in any order; NULL or "": none. Every header in headers is signed.
 * ret_signed_headers receives "host;x-amz-date". payload_hash: hex or UNSIGNED-PAYLOAD. The buffers are the caller's, initialised; what is
 * written is appended. -EMSGSIZE: more than a buffer's cap. */
int pail_sigv4_canonical_request(const char *method, const char *path, const char *query,
                                 const struct pail_http_headers *headers, const char *payload_hash,
                                 struct pail_buf *ret_canonical, struct pail_buf *ret_signed_headers);
int pail_sigv4_canonical_string_to_sign(const struct pail_sigv4_scope *scope, const char *canonical,
                                        size_t canonical_length, struct pail_buf *ret_string);

#endif
