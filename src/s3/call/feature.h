/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a server can do and what it lacks, found out by using it and remembered for each bucket.
 *
 * There is no question that a server would answer truly, so the first request that needs a feature tries it. A refusal
 * is rarely proof: one object may be refused (encrypted with a key of the customer, on Ceph) where all others are
 * copied, and "InvalidArgument" has many causes. So a feature that worked once in a bucket is never called missing there
 * again (but for DECLARED_COPIES, which depends on the source of each copy and is never said to work), and one that a
 * refusal only hints at is called missing when the same work did well without it.
 */
#ifndef PAIL_SRC_S3_CALL_FEATURE_H
#define PAIL_SRC_S3_CALL_FEATURE_H

#include "call.h"

/* What a write under these conditions needs. */
enum pail_s3_feature pail_s3_feature_of(const struct pail_s3_conditions *conditions);
enum pail_s3_support pail_s3_feature_support(struct pail_s3_client *client, const char *bucket,
                                             enum pail_s3_feature feature);
/* Says it to the client's warn the first time that a feature turns out to be missing. */
void pail_s3_feature_learn(struct pail_s3_client *client, const char *bucket, enum pail_s3_feature feature,
                           enum pail_s3_support support);

/* Nobody has a code of its own for a header or an order of things that it does not take: these are what comes. */
bool pail_s3_is_vague_refusal(const struct pail_error *error);

/* The call succeeded: what it used works. */
void pail_s3_feature_learn_success(const struct pail_s3_call *call);
/*
 * The call failed for good: *error becomes one of a missing feature if that is what it says (pail_s3_error_is_unsupported()),
 * and one that a program may get from reading if it was that.
 */
void pail_s3_feature_classify_failure(const struct pail_s3_call *call, struct pail_error *error);

#endif
