/* SPDX-License-Identifier: Apache-2.0 */
/* What is mounted, and what a command is about, from their text. Private to the layer. */
#ifndef PAIL_CLI_SOURCE_H
#define PAIL_CLI_SOURCE_H

#include <stdbool.h>

#include "pail/daemon/source_name.h"
#include "pail/util/error.h"

/*
 * "bucket", "bucket:/prefix", "s3://bucket", "s3://bucket/prefix"; in place of the bucket's name the ARN of an access point, which a
 * prefix may follow as ":/prefix" or "/prefix"; "s3://". CONFIG: what is wrong, in words.
 */
int pail_source_parse(const char *text, struct pail_source_name *ret_source, struct pail_error *ret_error);

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

#endif
