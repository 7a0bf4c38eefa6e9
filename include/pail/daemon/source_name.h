/* SPDX-License-Identifier: Apache-2.0 */
/* What is mounted: a bucket, what is below a prefix of one, or all buckets. */
#ifndef PAIL_DAEMON_SOURCE_NAME_H
#define PAIL_DAEMON_SOURCE_NAME_H

#include <stdbool.h>

struct pail_source_name {
        char *text; /* as given; all owned */
        char *bucket; /* its name, or the ARN of an access point, its resource written with '/'; "": all buckets, as directories */
        char *prefix; /* "" or ends with '/' */
};

void pail_source_name_done(struct pail_source_name *source);
static inline bool pail_source_name_is_all(const struct pail_source_name *source)
{
        return !*source->bucket;
}
/* The source in one word, for a log: the bucket, of an ARN the access point's name. Borrowed. */
const char *pail_source_name_label(const struct pail_source_name *source);
/* Whether a bucket can have this name, on AWS or on another server. */
bool pail_source_name_is_bucket(const char *name);

#endif
