/* SPDX-License-Identifier: Apache-2.0 */
/* The client sends no checksum that is wrong, so this request is made by hand. */
#include "check_checksum.h"

#include <errno.h>
#include <string.h>

#include "check_gather.h"
#include "pail/aws/sigv4.h"
#include "pail/aws/sigv4_body.h"
#include "pail/util/buf.h"
#include "pail/util/cleanup.h"
#include "pail/util/clock.h"
#include "pail/util/str.h"

static const char text[] = "The checksum of this is not zero.\n";
static const char wrong_crc32c[] = "AAAAAA==";

enum { URL_CAP = 16 * 1024 };

/* Where the client found the bucket. */
static int resolve_endpoint(struct pail_check *check, struct pail_endpoint *ret_endpoint, struct pail_error *ret_error)
{
        struct pail_error refusal;
        pail_check_get_region_refusal(check, &refusal);
        return pail_endpoint_resolve(pail_session_endpoint_settings(check->s3->session), check->bucket,
                                     refusal.region[0] ? refusal.region : NULL, ret_endpoint, ret_error);
}

static int make_url(const struct pail_endpoint *endpoint, const char *key, char **ret_url)
{
        _cleanup_buf_ struct pail_buf url = PAIL_BUF_INIT(URL_CAP);
        pail_buf_printf(&url, "%s%s/", endpoint->origin, endpoint->path_prefix);
        pail_str_percent_encode(&url, key, strlen(key), true);
        return pail_buf_steal(&url, ret_url, NULL);
}

static int sign_request(struct pail_check *check, const struct pail_endpoint *endpoint,
                        struct pail_http_request *request, struct pail_error *ret_error)
{
        _cleanup_(pail_credentials_done) struct pail_credentials credentials = { 0 };
        char hash[65];
        int r = pail_session_get_credentials(check->s3->session, INT64_MAX, &credentials, ret_error);
        if (r < 0)
                return r;
        r = pail_sigv4_body_hash(&request->body, hash);
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "check");
        const struct pail_sigv4_scope scope = {
                .time = pail_clock_now().tv_sec + pail_session_clock_offset_s(check->s3->session),
                .region = endpoint->signing_region,
                .service = endpoint->signing_name,
        };
        return pail_sigv4_sign(request, &credentials, &scope, hash, NULL, ret_error);
}

/* Servers have several codes for it, all of which name the digest or the checksum. */
static int classify_answer(const struct pail_http_response *response, struct pail_error *ret_error)
{
        const char *body = response->error_body.data;
        if (response->status / 100 == 2 || response->status == 501)
                return 0;
        if (response->status == 400 &&
            (strstr(body, "Digest") || strcasestr(body, "checksum") || strstr(body, "crc32c")))
                return 1;
        pail_error_set(ret_error, PAIL_ERROR_SERVICE, "status %d for an object with a wrong checksum",
                       response->status);
        ret_error->http_status = response->status;
        pail_str_copy(ret_error->code, sizeof(ret_error->code), "unexpected");
        return -EIO;
}

static int send_and_classify(struct pail_check *check, struct pail_http_request *request, struct pail_error *ret_error)
{
        if (pail_exchange_run(check->s3->engine, request) == 0)
                return classify_answer(&request->response, ret_error);
        *ret_error = request->error;
        return -EIO;
}

int pail_check_checksum_is_verified(struct pail_check *check, const char *key, struct pail_error *ret_error)
{
        _cleanup_(pail_endpoint_done) struct pail_endpoint endpoint = { 0 };
        _cleanup_(pail_http_request_done) struct pail_http_request request = { 0 };
        const struct iovec vector = { .iov_base = (void *)(uintptr_t)text, .iov_len = sizeof(text) - 1 };
        pail_http_request_init(&request);
        request.body = (struct pail_http_body){
                .vector = &vector, .vector_count = 1, .fd = -1, .size_bytes = sizeof(text) - 1
        };
        int r = resolve_endpoint(check, &endpoint, ret_error);
        if (r < 0)
                return r;
        r = make_url(&endpoint, key, &request.url);
        if (r == 0)
                r = pail_str_dup("PUT", &request.method);
        if (r == 0)
                r = pail_http_headers_add(&request.headers, "x-amz-checksum-crc32c", wrong_crc32c);
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "check");
        r = sign_request(check, &endpoint, &request, ret_error);
        return r < 0 ? r : send_and_classify(check, &request, ret_error);
}
