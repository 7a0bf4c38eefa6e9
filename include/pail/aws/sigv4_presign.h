/* SPDX-License-Identifier: Apache-2.0 */
/* Signing a URL instead of a request ("Authenticating Requests: Using Query Parameters", Amazon S3 API reference). */
#ifndef PAIL_AWS_SIGV4_PRESIGN_H
#define PAIL_AWS_SIGV4_PRESIGN_H

#include <stdint.h>

#include "pail/aws/credentials.h"
#include "pail/aws/sigv4_key.h"
#include "pail/aws/sigv4_scope.h"
#include "pail/util/error.h"

/*
 * Whoever has the URL may send that one request until it expires, without keys of their own. Signed are method, path, query and Host; the
 * body is not. url: encoded, with the operation's own query or none. ret_url is a secret in all but name: pail_secret_free().
 * CREDENTIALS, -ENOENT: there are no keys to sign with (an anonymous session). CONFIG, -EINVAL: expires_s is not 1 to the maximum.
 */
enum { PAIL_SIGV4_EXPIRES_MAX_S = 7 * 24 * 3600 };
int pail_sigv4_presign(const char *method, const char *url, const struct pail_credentials *credentials,
                       const struct pail_sigv4_scope *scope, int64_t expires_s,
                       struct pail_sigv4_key_cache *cache /* may be NULL */, char **ret_url,
                       struct pail_error *ret_error);

#endif
