/* SPDX-License-Identifier: Apache-2.0 */
/* The file that "aws login" leaves, and what the sign-in service answers. Stateless. */
#ifndef PAIL_SRC_AWS_CREDENTIALS_PROVIDERS_LOGIN_TOKEN_H
#define PAIL_SRC_AWS_CREDENTIALS_PROVIDERS_LOGIN_TOKEN_H

#include <stddef.h>
#include <stdint.h>

#include "pail/aws/credentials.h"
#include "pail/util/error.h"

struct json_t;

/* The token that "aws login" keeps in a file, complete or an error of class CREDENTIALS; freed with pail_json_free(). */
int pail_login_token_parse(const char *file, const char *text, size_t length, struct json_t **ret_token,
                           struct pail_credentials *ret_credentials, struct pail_error *ret_error);
/* Puts what the sign-in service (at url, for messages) answered into a token: keys, their expiry counted from now, and the next refresh token. */
int pail_login_token_renew(const char *url, struct json_t *token, int64_t now, const char *text, size_t length,
                           struct pail_credentials *ret_credentials, struct pail_error *ret_error);
/* What the service's refusal means: a static text, what is wrong and what to do. */
const char *pail_login_token_refusal(const char *text, size_t length);

#endif
