/* SPDX-License-Identifier: Apache-2.0 */
/* What a signature is good for: a day, a region, a service. Stateless. */
#ifndef PAIL_AWS_SIGV4_SCOPE_H
#define PAIL_AWS_SIGV4_SCOPE_H

#include <time.h>

#include "pail/util/buf.h"

enum pail_signing {
        PAIL_SIGNING_V4,
        PAIL_SIGNING_V4A,
        PAIL_SIGNING_EXPRESS, /* V4 with the credentials of a session with a directory bucket (CreateSession) */
};

struct pail_sigv4_scope {
        time_t time;        /* of signing: the clock with the session's offset added */
        const char *region; /* with V4A a set of regions: "*" */
        const char *service;
        enum pail_signing signing;
};

/* "AWS4-HMAC-SHA256", or that of V4A. Static. */
const char *pail_sigv4_scope_algorithm(const struct pail_sigv4_scope *scope);
/* "20130524". */
void pail_sigv4_scope_date(const struct pail_sigv4_scope *scope, char ret_date[static 9]);
/* "20130524/us-east-1/s3/aws4_request", appended; with V4A without the region. */
int pail_sigv4_scope_append(struct pail_buf *target, const struct pail_sigv4_scope *scope);

#endif
