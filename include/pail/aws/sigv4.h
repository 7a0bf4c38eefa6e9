/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signature Version 4 ("Authenticating Requests (AWS Signature Version 4)", Amazon S3 API reference), in its three stages,
 * each testable alone, and as one call that signs a request. S3's variant: the path is used as it is, encoded once.
 *
 * Version 4A is the same with an ECDSA key on the curve P-256 in place of the HMAC key, so that one signature is good in many regions:
 * the scope has no region, and the header X-Amz-Region-Set has them. There is no reference for the derivation of its key but the code of
 * AWS's own libraries (aws-c-auth).
 */
#ifndef PAIL_AWS_SIGV4_H
#define PAIL_AWS_SIGV4_H

#include <time.h>

#include "pail/aws/credentials.h"
#include "pail/http/request.h"
#include "pail/util/buf.h"

#define PAIL_SIGV4_UNSIGNED_PAYLOAD "UNSIGNED-PAYLOAD"
#define PAIL_SIGV4_EMPTY_SHA256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

enum pail_signing {
        PAIL_SIGNING_V4,
        PAIL_SIGNING_V4A,
        PAIL_SIGNING_EXPRESS, /* V4 with the credentials of a session with a directory bucket (CreateSession) */
};

struct pail_sigv4_scope {
        time_t time;        /* of signing: the clock with the session's offset added */
        const char *region; /* with V4A a set of regions: "*" */
        const char *service;
        enum pail_signing signing;
};

/* path: percent-encoded, verbatim. query: without '?', encoded, in any order; NULL or "": none. Every header in headers is signed.
 * ret_signed_headers receives "host;x-amz-date". payload_hash: hex or UNSIGNED-PAYLOAD. The buffers are the caller's, initialised; what is
 * written is appended. -EMSGSIZE: more than a buffer's cap. */
int pail_sigv4_canonical_request(const char *method, const char *path, const char *query,
                                 const struct pail_http_headers *headers, const char *payload_hash,
                                 struct pail_buf *ret_canonical, struct pail_buf *ret_signed_headers);
int pail_sigv4_string_to_sign(const struct pail_sigv4_scope *scope, const char *canonical, size_t canonical_length,
                              struct pail_buf *ret_string);
/* 64 hex digits and a NUL. */
int pail_sigv4_signature(const char *secret_access_key, const struct pail_sigv4_scope *scope,
                         const char *string_to_sign, size_t length, char ret_signature[static 65]);

/* The same with V4A: a DER-encoded ECDSA signature in hex, of at most PAIL_SIGV4A_SIGNATURE_MAX digits; another one each time. */
enum { PAIL_SIGV4A_SIGNATURE_MAX = 2 * 72 };
struct pail_sigv4_key_cache;
int pail_sigv4a_signature(struct pail_sigv4_key_cache *cache /* may be NULL */,
                          const struct pail_credentials *credentials, const char *string_to_sign, size_t length,
                          char ret_signature[static PAIL_SIGV4A_SIGNATURE_MAX + 1]);

/*
 * Adds (replacing older ones, so that a retry can be signed again) Host, X-Amz-Date, X-Amz-Content-Sha256, the session token
 * (X-Amz-Security-Token, or X-Amz-S3session-Token of a session with a directory bucket), with V4A X-Amz-Region-Set, and
 * Authorization to a request whose method, url and other headers are final. Signs host, x-amz-*, content-type, content-md5, range
 * only where S3 requires or it is safe behind proxies: host and every x-amz-*, content-md5, content-type.
 * Empty credentials: adds nothing but Host. Thread safe: the key of the day, and that of V4A, are kept in cache, if given.
 */
int pail_sigv4_key_cache_new(struct pail_sigv4_key_cache **ret_cache);
void pail_sigv4_key_cache_free(struct pail_sigv4_key_cache *cache);
int pail_sigv4_sign(struct pail_http_request *request, const struct pail_credentials *credentials,
                    const struct pail_sigv4_scope *scope, const char *payload_hash,
                    struct pail_sigv4_key_cache *cache /* may be NULL */, struct pail_error *ret_error);

/*
 * Signs a URL instead of a request ("Authenticating Requests: Using Query Parameters", Amazon S3 API reference): whoever has it may
 * send that one request until it expires, without keys of their own. Signed are method, path, query and Host; the body is not.
 * url: encoded, with the operation's own query or none. ret_url is a secret in all but name: pail_secret_free().
 * CREDENTIALS, -ENOENT: there are no keys to sign with (an anonymous session). CONFIG, -EINVAL: expires_s is not 1 to the maximum.
 */
enum { PAIL_SIGV4_EXPIRES_MAX_S = 7 * 24 * 3600 };
int pail_sigv4_presign(const char *method, const char *url, const struct pail_credentials *credentials,
                       const struct pail_sigv4_scope *scope, int64_t expires_s,
                       struct pail_sigv4_key_cache *cache /* may be NULL */, char **ret_url,
                       struct pail_error *ret_error);

/* Hex SHA-256 of a request body (memory, file range, or none). Reads the file: not on an engine's thread for large ones. */
int pail_sigv4_hash_body(const struct pail_http_body *body, char ret_hex[static 65]);

#endif
