/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The name of the S3 operation behind a request, by method, depth of the path and the sub-resource in the query, as
 * the S3 API reference lists them. Path-style addressing only: that is what a server on 127.0.0.1 is asked with.
 */
#include <string.h>

#include "wire.h"

enum depth { SERVICE, BUCKET, OBJECT };

struct row {
        enum depth depth;
        const char *method;
        const char *parameter; /* must be in the query; NULL: any query */
        int copies;            /* 1: with x-amz-copy-source, 0: without, -1: either */
        const char *kind;
};

/* The first row that fits wins, so rows with a parameter stand before the one without. */
static const struct row rows[] = {
        { SERVICE, "GET", NULL, -1, "ListBuckets" },
        { SERVICE, "POST", NULL, -1, "Sts" },
        { BUCKET, "GET", "list-type", -1, "ListObjectsV2" },
        { BUCKET, "GET", "uploads", -1, "ListMultipartUploads" },
        { BUCKET, "GET", "versions", -1, "ListObjectVersions" },
        { BUCKET, "GET", "location", -1, "GetBucketLocation" },
        { BUCKET, "GET", "versioning", -1, "GetBucketVersioning" },
        { BUCKET, "GET", "policy", -1, "GetBucketPolicy" },
        { BUCKET, "GET", "acl", -1, "GetBucketAcl" },
        { BUCKET, "GET", NULL, -1, "ListObjects" },
        { BUCKET, "HEAD", NULL, -1, "HeadBucket" },
        { BUCKET, "PUT", "versioning", -1, "PutBucketVersioning" },
        { BUCKET, "PUT", "policy", -1, "PutBucketPolicy" },
        { BUCKET, "PUT", "acl", -1, "PutBucketAcl" },
        { BUCKET, "PUT", NULL, -1, "CreateBucket" },
        { BUCKET, "DELETE", "policy", -1, "DeleteBucketPolicy" },
        { BUCKET, "DELETE", NULL, -1, "DeleteBucket" },
        { BUCKET, "POST", "delete", -1, "DeleteObjects" },
        { OBJECT, "GET", "uploadId", -1, "ListParts" },
        { OBJECT, "GET", "tagging", -1, "GetObjectTagging" },
        { OBJECT, "GET", "acl", -1, "GetObjectAcl" },
        { OBJECT, "GET", "attributes", -1, "GetObjectAttributes" },
        { OBJECT, "GET", "retention", -1, "GetObjectRetention" },
        { OBJECT, "GET", "legal-hold", -1, "GetObjectLegalHold" },
        { OBJECT, "GET", NULL, -1, "GetObject" },
        { OBJECT, "HEAD", NULL, -1, "HeadObject" },
        { OBJECT, "PUT", "partNumber", 1, "UploadPartCopy" },
        { OBJECT, "PUT", "partNumber", 0, "UploadPart" },
        { OBJECT, "PUT", "tagging", -1, "PutObjectTagging" },
        { OBJECT, "PUT", "acl", -1, "PutObjectAcl" },
        { OBJECT, "PUT", "retention", -1, "PutObjectRetention" },
        { OBJECT, "PUT", "legal-hold", -1, "PutObjectLegalHold" },
        { OBJECT, "PUT", "renameObject", -1, "RenameObject" },
        { OBJECT, "PUT", NULL, 1, "CopyObject" },
        { OBJECT, "PUT", NULL, 0, "PutObject" },
        { OBJECT, "POST", "uploads", -1, "CreateMultipartUpload" },
        { OBJECT, "POST", "uploadId", -1, "CompleteMultipartUpload" },
        { OBJECT, "DELETE", "uploadId", -1, "AbortMultipartUpload" },
        { OBJECT, "DELETE", "tagging", -1, "DeleteObjectTagging" },
        { OBJECT, "DELETE", NULL, -1, "DeleteObject" },
};

/* "/" , "/bucket" or "/bucket/", and deeper. */
static enum depth depth_of(const char *path)
{
        if (path[0] == '/')
                path++;
        if (*path == '\0')
                return SERVICE;
        const char *slash = strchr(path, '/');
        return slash && slash[1] ? OBJECT : BUCKET;
}

static bool has_parameter(const char *query, const char *name)
{
        size_t length = strlen(name);

        for (const char *p = query; p; p = strchr(p, '&')) {
                if (*p == '&')
                        p++;
                if (strncmp(p, name, length) == 0 && (p[length] == '\0' || p[length] == '=' || p[length] == '&'))
                        return true;
        }
        return false;
}

const char *kind_guess(const char *method, const char *path, const char *query, bool copies)
{
        enum depth depth = depth_of(path);

        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
                const struct row *row = &rows[i];
                if (row->depth == depth && strcmp(row->method, method) == 0 &&
                    (row->copies < 0 || row->copies == (int)copies) &&
                    (!row->parameter || has_parameter(query, row->parameter)))
                        return row->kind;
        }
        return "Other";
}
