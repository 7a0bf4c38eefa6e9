/* SPDX-License-Identifier: Apache-2.0 */
/* A prefix under which nothing is: a new one, a mistyped one, or the key of an object. */
#ifndef PAIL_DAEMON_EMPTY_PREFIX_H
#define PAIL_DAEMON_EMPTY_PREFIX_H

#include "pail/s3/client.h"

struct pail_empty_prefix {
        char *detail, *remedy; /* owned; NULL: nothing is to be said */
};
/*
 * What it means that a list of the prefix ("" or ending with '/') found nothing, and what to do about it. Nothing is said where there is no
 * prefix: a bucket may be empty. Asks S3 once, whether there is an object of that name. -ENOMEM.
 */
int pail_empty_prefix_describe(struct pail_s3_client *client, const char *bucket, const char *prefix,
                               struct pail_empty_prefix *ret_words);
void pail_empty_prefix_done(struct pail_empty_prefix *words);

#endif
