/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of access points. Stateless. */
#ifndef PAIL_SRC_AWS_ENDPOINT_ENDPOINT_ARN_H
#define PAIL_SRC_AWS_ENDPOINT_ENDPOINT_ARN_H

#include "endpoint_rules.h"

/* Whatever pail_arn_is() is true for. */
int pail_endpoint_arn_decide(struct pail_endpoint_rules *rules, struct pail_error *ret_error);

/* "NAME--op-s3", which stands for the ARN of an outposts access point. */
bool pail_endpoint_arn_is_outposts_alias(const char *bucket);
int pail_endpoint_arn_decide_outposts_alias(struct pail_endpoint_rules *rules, struct pail_error *ret_error);

#endif
