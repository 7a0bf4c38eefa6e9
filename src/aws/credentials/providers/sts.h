/* SPDX-License-Identifier: Apache-2.0 */
/* The two questions to AWS STS (API version 2011-06-15) that give credentials of a role. Stateless. */
#ifndef PAIL_SRC_AWS_CREDENTIALS_PROVIDERS_STS_H
#define PAIL_SRC_AWS_CREDENTIALS_PROVIDERS_STS_H

#include "context.h"

/* What is NULL or 0 is not sent. */
struct pail_sts_request {
        const char *profile; /* for messages */
        const char *role_arn;
        const char *session_name; /* NULL: one is made up */
        int64_t duration_s;
        /* AssumeRole, signed: */
        const struct pail_credentials *sign_as;
        const char *external_id, *mfa_serial, *mfa_code;
        /* AssumeRoleWithWebIdentity, not signed: */
        const char *web_identity_token;
};

/* -EINVAL with class CONFIG: a setting. CREDENTIALS with error->code: refused; -EACCES. SERVICE: STS itself fails, later it may work; or
 * as of pail_service_call(). The messages name role, profile and host. */
int pail_sts_assume(const struct pail_provider_context *context, const struct pail_sts_request *request,
                    struct pail_credentials *ret_credentials, struct pail_error *ret_error);

struct pail_sts_endpoint {
        char *url;
        const char *region; /* to sign for; borrowed from the settings or static */
};
void pail_sts_endpoint_done(struct pail_sts_endpoint *endpoint);
/* What is configured for "sts", or AWS's: of the session's region, where "legacy" does not ask for the global one; without a region, global. */
int pail_sts_endpoint_resolve(const struct pail_settings *settings, struct pail_sts_endpoint *ret_endpoint,
                              struct pail_error *ret_error);

#endif
