/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of buckets. Stateless. */
#ifndef PAIL_SRC_AWS_ENDPOINT_ENDPOINT_BUCKET_H
#define PAIL_SRC_AWS_ENDPOINT_ENDPOINT_BUCKET_H

#include "endpoint_rules.h"

/* Ordinary buckets, and the service itself. */
int pail_endpoint_bucket_decide(struct pail_endpoint_rules *rules, struct pail_error *ret_error);
/* Directory buckets; of the control endpoint also the service itself. */
int pail_endpoint_bucket_decide_directory(struct pail_endpoint_rules *rules, bool control,
                                          struct pail_error *ret_error);

#endif
