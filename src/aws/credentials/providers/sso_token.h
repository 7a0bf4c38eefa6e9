/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The access token of IAM Identity Center that "aws sso login" has left in ~/.aws/sso/cache, in a file named by the SHA-1 of the
 * session's name or, in profiles without sso-session, of the start URL. The file is read at each call, because a login may have
 * happened meanwhile; a token of an sso-session is renewed before it expires and written back.
 */
#ifndef PAIL_SRC_AWS_CREDENTIALS_PROVIDERS_SSO_TOKEN_H
#define PAIL_SRC_AWS_CREDENTIALS_PROVIDERS_SSO_TOKEN_H

#include "context.h"
#include "pail/util/buf.h"

enum { PAIL_SSO_TOKEN_MAX_BYTES = 16 * 1024 };

struct pail_sso_login {
        const char *profile; /* for messages */
        const char *session; /* name of the sso-session; NULL: none */
        const char *start_url;
        const char *region;
};

/*
 * Appends the token. renewed_at: when a renewal was last tried, monotonic, 0 at first: the caller keeps it, so that there is one try a
 * minute at most. CREDENTIALS: not logged in, or expired: the message has the command that helps.
 */
int pail_sso_token_get(const struct pail_provider_context *context, const struct pail_sso_login *login,
                       int64_t *renewed_at_ms, struct pail_buf *ret_token, struct pail_error *ret_error);
/* Says that a login is needed. -EACCES. */
int pail_sso_token_ask_for_login(const struct pail_sso_login *login, const char *why, struct pail_error *ret_error);

#endif
