/* SPDX-License-Identifier: Apache-2.0 */
/* The question that is asked before anything is mounted: whether S3 answers, and what it allows. */
#ifndef PAIL_DAEMON_PROBE_H
#define PAIL_DAEMON_PROBE_H

#include "pail/daemon/empty_prefix.h"
#include "pail/daemon/s3_context.h"

/* What can be mounted, and what a person should know of it. */
struct pail_probe_finding {
        bool can_list;
        bool is_list_denied;            /* the policy allows everything but that */
        struct pail_empty_prefix empty; /* nothing is below the prefix; to be released */
};
/* Asks the bucket for one key below the prefix, within half a minute. */
int pail_probe_bucket(const struct pail_s3_context *s3, const struct pail_options *options,
                      const struct pail_source_name *source, struct pail_probe_finding *ret_finding,
                      struct pail_error *ret_error);
/* The same for the list of all buckets; ret_can_list: false when the policy allows everything but that. */
int pail_probe_account(const struct pail_s3_context *s3, const struct pail_options *options, bool *ret_can_list,
                       struct pail_error *ret_error);
/* Refused because of who asks for what, not because of who asks. */
bool pail_probe_is_denied(const struct pail_error *error);

#endif
