/* SPDX-License-Identifier: Apache-2.0 */
/* http:// for https:// and the other way round. */
#ifndef PAIL_DAEMON_OTHER_SCHEME_H
#define PAIL_DAEMON_OTHER_SCHEME_H

#include "pail/http/engine.h"
#include "pail/util/error.h"

/*
 * Whether the server at endpoint_url speaks the other of the two schemes at the same port, where a request to it failed as that would let
 * it fail. *ret_url: endpoint_url as it should be written, to be freed; NULL: it does not, or nobody knows. Takes 3 s at most.
 * -ENOMEM.
 */
int pail_other_scheme_find(struct pail_http_engine *engine, const char *endpoint_url, const struct pail_error *error,
                           char **ret_url);

#endif
