/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What resources have in common, in the terms of boto3: a resource is its identifiers, which are given when it is made and
 * never change; its attributes are lazy, loaded when they are first asked for, and dropped by the actions that change the thing
 * (of those that know the new attributes, put and copy, they are kept instead); its actions are requests.
 *
 *      Bucket (name)                           bucket.h
 *      Object, ObjectSummary (bucket_name, key)          object.h: an object made from an entry of a listing is a summary until
 *      ObjectVersion (bucket_name, key, id)              it is loaded, one made with an id is a version
 *      MultipartUpload (bucket_name, key, id)  multipart.h
 *      MultipartUploadPart (…, part_number)    multipart.h
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
        const struct pail_s3_info *data; /* of objects and versions: what was loaded; NULL: nothing */
};

#endif
