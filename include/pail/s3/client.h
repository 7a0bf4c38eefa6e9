/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client of S3: signs, sends, retries, follows region redirects, parses. The operations are in <pail/s3/operations.h>, one
 * function each under the API's name; the file system uses them through the resources (bucket.h, object.h…).
 * Thread safe. The session and the engine are borrowed and must outlive the client.
 */
#ifndef PAIL_S3_CLIENT_H
#define PAIL_S3_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "pail/aws/session.h"
#include "pail/http/engine.h"
#include "pail/s3/error.h"
#include "pail/util/error.h"

struct pail_s3_client;

/*
 * How uploads prove that their bytes arrived: a header beside a plain body, computed before it is sent. A CRC is stored with the object,
 * and the bytes of a whole object are compared with it when they come back (<pail/s3/operations.h>).
 */
enum pail_s3_checksum {
        PAIL_S3_CHECKSUM_AUTO, /* CRC32C until the server refuses it; nothing where the session says "when_required" */
        PAIL_S3_CHECKSUM_CRC32C,
        PAIL_S3_CHECKSUM_CRC64NVME,
        PAIL_S3_CHECKSUM_MD5, /* Content-MD5, which every server knows and none keeps */
        PAIL_S3_CHECKSUM_NONE,
};

/*
 * What requests say of the objects that they make. Storage class, encryption by the server and ACL are those of new content: a copy keeps
 * what its source had. The customer's key (SSE-C) goes with all that is written, copies too. NULL: not given; strings are copied.
 */
struct pail_s3_object_options {
        const char *storage_class;
        const char *acl;                    /* canned: "bucket-owner-full-control" */
        const char *server_side_encryption; /* "AES256", "aws:kms", "aws:kms:dsse" */
        const char *sse_kms_key_id;
        /* Keys of 32 bytes, one a line, in base64, in hex or as they are: the first to write with, all to read with. */
        const char *sse_c_key_file;
        bool requester_pays;
        const char *expected_bucket_owner; /* an account: S3 refuses what is not in a bucket of its */
};

struct pail_s3_client_options {
        int64_t timeout_ms;              /* of a call, over all its attempts and waits; 0: 5 minutes */
        int64_t request_timeout_ms;      /* of one attempt, see docs of the mount option; 0: none */
        unsigned max_attempts;           /* 0: the session's, else until the timeout */
        enum pail_retry_mode retry_mode; /* DEFAULT: the session's */
        enum pail_s3_checksum checksum;
        struct pail_s3_object_options object;
        /* Called after each attempt of each request, for logs: on an engine thread, must not block. May be NULL.
         * operation: "GetObject"; path without query; error NULL on success. */
        void (*trace)(void *context, const char *operation, const char *path, int http_status, unsigned attempt,
                      int64_t duration_ms, const struct pail_error *error, const char *request_id);
        void *trace_context;
        /* What a person should know once: the server lacks something. Any thread, must not block. May be NULL. */
        void (*warn)(void *context, const char *message);
        void *warn_context;
};

/* CONFIG: the key file cannot be read or may be read by others, or keys would go over http to another machine. */
int pail_s3_client_new(struct pail_session *session, struct pail_http_engine *engine,
                       const struct pail_s3_client_options *options, struct pail_s3_client **ret_client,
                       struct pail_error *ret_error);
/* The end is near: calls that begin from now on give up at limit_ms (monotonic), or after one second where that is later. */
void pail_s3_client_set_limit(struct pail_s3_client *client, int64_t limit_ms);
/* No call may be under way (pail_s3_client_drain() waits for the detached ones). */
void pail_s3_client_free(struct pail_s3_client *client);
void pail_s3_client_drain(struct pail_s3_client *client);

#endif
