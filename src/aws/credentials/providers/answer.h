/* SPDX-License-Identifier: Apache-2.0 */
/* What the providers that ask somebody else have in common: the call, the answer, the words for what went wrong. Stateless. */
#ifndef PAIL_SRC_AWS_CREDENTIALS_PROVIDERS_ANSWER_H
#define PAIL_SRC_AWS_CREDENTIALS_PROVIDERS_ANSWER_H

#include <stdbool.h>

#include "aws/credentials/service.h"
#include "context.h"

struct json_t;

/*
 * pail_service_call(), but an answer of 429 or 5xx is a failure, too: -EIO with class SERVICE, like no answer an outage that may end. What other
 * answers mean is the caller's business.
 */
int pail_provider_answer_get(const struct pail_provider_context *context, const struct pail_service_request *request,
                             struct pail_service_answer *ret_answer, struct pail_error *ret_error);
/* -EACCES with class CREDENTIALS: an answer that is no 200. The body is not quoted: nobody knows what is in it. */
int pail_provider_answer_refuse(const char *who, int status, struct pail_error *ret_error);

/* The keys under which a source has what. */
struct pail_provider_answer_format {
        const char *id, *secret, *token, *account, *expiration;
        bool is_temporary; /* token and expiration are needed */
};
/* That of the credential services of containers and instances. */
extern const struct pail_provider_answer_format pail_provider_answer_of_role;
/* -EINVAL with class CREDENTIALS names the key. Time 0 in an answer is long ago, not "never". */
int pail_provider_answer_read(const char *who, const struct pail_provider_answer_format *format,
                              const struct json_t *object, struct pail_credentials *ret_credentials,
                              struct pail_error *ret_error);
/* The same; -EKEYEXPIRED with class CREDENTIALS when they have expired. */
int pail_provider_answer_read_fresh(const char *who, const struct pail_provider_answer_format *format,
                                    const struct json_t *object, struct pail_credentials *ret_credentials,
                                    struct pail_error *ret_error);

#endif
