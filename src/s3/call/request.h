/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Building a call's request. Errors are sticky: the first is kept in call->build_error and start returns it, so an
 * operation adds everything and checks once. Strings are unencoded and copied; a NULL value adds nothing.
 */
#ifndef PAIL_SRC_S3_CALL_REQUEST_H
#define PAIL_SRC_S3_CALL_REQUEST_H

#include "call.h"
#include "pail/s3/types.h"

/* value NULL: the name alone ("?uploads"), for subresources. */
void pail_s3_call_query(struct pail_s3_call *call, const char *name, const char *value);
/* Nothing for NULL. */
void pail_s3_call_query_optional(struct pail_s3_call *call, const char *name, const char *value);
void pail_s3_call_query_number(struct pail_s3_call *call, const char *name, uint64_t value);

void pail_s3_call_header(struct pail_s3_call *call, const char *name, const char *value);
/* x-amz-copy-source, its condition, and its range (size 0: the whole). */
void pail_s3_call_copy_source(struct pail_s3_call *call, const char *bucket, const char *key,
                              const char *version_id /* NULL: the current one */, const char *if_match);
/* Content headers and user metadata. */
void pail_s3_call_object_headers(struct pail_s3_call *call, const struct pail_s3_headers *headers);
/* Storage class, encryption, retention and legal hold, as they are: of a copy. */
void pail_s3_call_storage_headers(struct pail_s3_call *call, const struct pail_s3_headers *headers);
/* Storage class, encryption and ACL of new content: what the client's options say, else headers (NULL: nothing). */
void pail_s3_call_content_options(struct pail_s3_call *call, const struct pail_s3_headers *headers);
/* Makes headers those that content_options adds: see pail_bucket_content_headers(). */
int pail_s3_headers_for_content(const struct pail_s3_client *client, struct pail_s3_headers *headers);
/* What the client's options add to every request. For each attempt. */
int pail_s3_call_apply_options(struct pail_s3_call *call);
void pail_s3_call_conditions(struct pail_s3_call *call, const struct pail_s3_conditions *conditions);

/* The body: borrowed; or text that becomes the call's. */
void pail_s3_call_body(struct pail_s3_call *call, const struct pail_http_body *body);
void pail_s3_call_text(struct pail_s3_call *call, struct pail_buf *text /* emptied */, const char *content_type);

/*
 * The checksum of the body that is about to be added, for operations that must have one: Content-MD5, which servers
 * older than the x-amz-checksum headers know; CRC32C where there is none (FIPS), and for directory buckets, which do not
 * take Content-MD5.
 */
void pail_s3_call_body_checksum(struct pail_s3_call *call, const void *data, size_t length);

/* The URL for the endpoint and query of the call. */
int pail_s3_call_build_url(struct pail_s3_call *call);

#endif
