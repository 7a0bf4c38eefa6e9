/* SPDX-License-Identifier: Apache-2.0 */
/* What is mounted. Private to the layer. */
#ifndef PAIL_CLI_SOURCE_H
#define PAIL_CLI_SOURCE_H

#include <stdbool.h>

#include "pail/util/error.h"

struct pail_source_name {
        char *text; /* as given; all owned */
        char *bucket; /* its name, or the ARN of an access point, its resource written with '/'; "": all buckets, as directories */
        char *prefix; /* "" or ends with '/' */
};

/*
 * "bucket", "bucket:/prefix", "s3://bucket", "s3://bucket/prefix"; in place of the bucket's name the ARN of an access point, which a
 * prefix may follow as ":/prefix" or "/prefix"; "s3://". CONFIG: what is wrong, in words.
 */
int pail_source_parse(const char *text, struct pail_source_name *ret_source, struct pail_error *ret_error);
void pail_source_done(struct pail_source_name *source);
static inline bool pail_source_is_all(const struct pail_source_name *source)
{
        return !*source->bucket;
}
/* The source in one word, for a log: the bucket, of an ARN the access point's name. Borrowed. */
const char *pail_source_label(const struct pail_source_name *source);
/* One object. */
struct pail_source_object {
        char *text;   /* as given; all owned */
        char *bucket; /* as above, and never "" */
        char *key;    /* "": none was given */
};
/*
 * "s3://BUCKET/KEY", "s3://BUCKET", and the ARN of an access point as above, with a key behind it. The key is taken as it stands: nothing in
 * it is decoded or normalised. CONFIG: what is wrong, in words.
 */
int pail_source_parse_object(const char *text, struct pail_source_object *ret_object, struct pail_error *ret_error);
void pail_source_object_done(struct pail_source_object *object);
/* Whether it is written as such a URI, well or badly, and not as the name of a file. */
bool pail_source_is_uri(const char *text);
/* Whether a bucket can have this name, on AWS or on another server. */
bool pail_source_is_bucket_name(const char *name);

#endif
