/* SPDX-License-Identifier: Apache-2.0 */
/* The digest of a body, which is signed with a request. Stateless. */
#ifndef PAIL_AWS_SIGV4_BODY_H
#define PAIL_AWS_SIGV4_BODY_H

#include "pail/http/request.h"

/* Hex SHA-256 of a request body (memory, file range, or none). Reads the file: not on an engine's thread for large ones. */
int pail_sigv4_body_hash(const struct pail_http_body *body, char ret_hex[static 65]);

#endif
