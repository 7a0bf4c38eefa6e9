/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signature Version 4 of a request ("Authenticating Requests (AWS Signature Version 4)", Amazon S3 API reference). S3's variant: the path
 * is used as it is, encoded once.
 *
 * Version 4A is the same with an ECDSA key on the curve P-256 in place of the HMAC key, so that one signature is good in many regions:
 * the scope has no region, and the header X-Amz-Region-Set has them. There is no reference for the derivation of its key but the code of
 * AWS's own libraries (aws-c-auth).
 */
#ifndef PAIL_AWS_SIGV4_H
#define PAIL_AWS_SIGV4_H

#include "pail/aws/credentials.h"
#include "pail/aws/sigv4_key.h"
#include "pail/aws/sigv4_scope.h"
#include "pail/http/request.h"
#include "pail/util/error.h"

#define PAIL_SIGV4_UNSIGNED_PAYLOAD "UNSIGNED-PAYLOAD"
#define PAIL_SIGV4_EMPTY_SHA256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

/*
 * Adds (replacing older ones, so that a retry can be signed again) Host, X-Amz-Date, X-Amz-Content-Sha256, the session token
 * (X-Amz-Security-Token, or X-Amz-S3session-Token of a session with a directory bucket), with V4A X-Amz-Region-Set, and
 * Authorization to a request whose method, url and other headers are final. Signs host, x-amz-*, content-type, content-md5, range
 * only where S3 requires or it is safe behind proxies: host and every x-amz-*, content-md5, content-type.
 * Empty credentials: adds nothing but Host. Thread safe: the key of the day, and that of V4A, are kept in cache, if given.
 */
int pail_sigv4_sign(struct pail_http_request *request, const struct pail_credentials *credentials,
                    const struct pail_sigv4_scope *scope, const char *payload_hash,
                    struct pail_sigv4_key_cache *cache /* may be NULL */, struct pail_error *ret_error);

#endif
