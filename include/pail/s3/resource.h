/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What resources have in common, in the terms of boto3: a resource is its identifiers, which are given when it is made
 * and never change; its attributes are lazy, loaded when they are first asked for, and dropped by the actions that
 * change the thing (put and copy, which know the new ones, keep those instead); its actions are requests.
 *
 *      Bucket (name)                                     bucket.h
 *      Object, ObjectSummary (bucket_name, key)          object.h; a summary is an object made from an entry of a
 *                                                        listing, until it is loaded
 *      ObjectVersion (bucket_name, object_key, id)       object.h; an object made with a version id
 *      MultipartUpload (bucket_name, object_key, id)     src/s3/resource/multipart.h
 *      MultipartUploadPart (…, part_number)              the same
 */
#ifndef PAIL_S3_RESOURCE_H
#define PAIL_S3_RESOURCE_H

#include "pail/s3/client.h"
#include "pail/s3/types.h"

enum { PAIL_RESOURCE_IDENTIFIERS_MAX = 4 };

struct pail_resource_identifier {
        const char *name, *value;
};

/* Everything is borrowed from the resource, data until its next action. */
struct pail_resource_meta {
        const char *service_name; /* "s3" */
        const char *type;         /* as boto3 names it: "Object" */
        struct pail_resource_identifier identifiers[PAIL_RESOURCE_IDENTIFIERS_MAX];
        size_t identifier_count;
        struct pail_s3_client *client;
        const struct pail_s3_object_metadata *data; /* of objects and versions: what was loaded; NULL: nothing */
};

/*
 * Waiters: a HEAD again and again until a bucket or an object is there, or is not, as in boto3. They end with 0; with
 * -ETIMEDOUT (class TIMEOUT) when the attempts or the time are used up; with -EINTR (pail/util/interrupt.h); or with
 * the error of an answer that says neither yes nor no.
 *
 *                        done            again    failure
 *      bucket exists     200 301 403     404      all others
 *      object exists     200             404      all others
 *      not exists        404             200      all others
 *
 * The functions are in bucket.h and object.h.
 */
struct pail_wait_options {
        int64_t delay_ms;      /* between two questions; 0: 5000 */
        unsigned max_attempts; /* 0: 20 */
        int64_t deadline_ms;   /* monotonic: no question begins after it, and one under way ends soon; 0: none */
};

#endif
