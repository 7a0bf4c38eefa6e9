/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Amazon Resource Names that stand where a bucket's name can stand: access points of all kinds.
 *
 *   arn:PARTITION:s3:REGION:ACCOUNT:accesspoint/NAME                       REGION empty: a multi-region access point
 *   arn:PARTITION:s3-object-lambda:REGION:ACCOUNT:accesspoint/NAME
 *   arn:PARTITION:s3-outposts:REGION:ACCOUNT:outpost/ID/accesspoint/NAME
 *
 * In place of each '/' a ':' may stand. Stateless.
 */
#ifndef PAIL_AWS_ARN_H
#define PAIL_AWS_ARN_H

#include <stdbool.h>
#include <stddef.h>

enum { PAIL_ARN_RESOURCES = 5, PAIL_ARN_MAX = 512 };

/* All strings are in text, and empty where the ARN says nothing. */
struct pail_arn {
        char text[PAIL_ARN_MAX + 1];
        const char *partition, *service, *region, *account;
        const char *resource[PAIL_ARN_RESOURCES]; /* its components; NULL beyond count */
        size_t resource_count;                    /* also of more than fit */
};

/* true for a text that begins as an ARN does, well-formed or not. No bucket of AWS has such a name. */
bool pail_arn_is(const char *text);
/* 0, or -EINVAL: it does not have six parts, of which partition, service and resource say something. */
int pail_arn_parse(const char *text, struct pail_arn *ret_arn);
/*
 * Bytes of the ARN that text begins with, as far as it names a bucket: "arn:aws:s3:r:1:accesspoint/a" of "arn:aws:s3:r:1:accesspoint/a/b".
 * The whole length when it is no such ARN.
 */
size_t pail_arn_length(const char *text);

#endif
