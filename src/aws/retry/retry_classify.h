/* SPDX-License-Identifier: Apache-2.0 */
/* What kind of failure an error is, as far as another attempt is concerned. Stateless. */
#ifndef PAIL_SRC_AWS_RETRY_RETRY_CLASSIFY_H
#define PAIL_SRC_AWS_RETRY_RETRY_CLASSIFY_H

#include "pail/util/error.h"

enum pail_retry_kind {
        PAIL_RETRY_KIND_FINAL,     /* the same request would fail again */
        PAIL_RETRY_KIND_TRANSIENT, /* connections, 5xx, timeouts */
        PAIL_RETRY_KIND_THROTTLE,  /* the service wants fewer requests */
        PAIL_RETRY_KIND_CONFLICT,  /* another request was changing the same object */
        PAIL_RETRY_KIND_DAMAGED,   /* the body arrived with other bytes than were sent */
        PAIL_RETRY_KIND_CLOCK,     /* signed with a time too far from the service's */
        PAIL_RETRY_KIND_REGION,    /* the bucket lives in another region */
};

enum pail_retry_kind pail_retry_classify(const struct pail_error *error);
/* Total attempts that a kind allows, whatever else is configured; 0: no such limit. */
unsigned pail_retry_kind_attempts(enum pail_retry_kind kind);

#endif
