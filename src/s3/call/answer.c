/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an attempt brought: an error of the transport, an error of the service, an answer of success that holds an
 * error after all (copies and CompleteMultipartUpload send status 200 before the work is done), something that is not
 * S3, or what was asked for.
 */
#include "answer.h"

#include <errno.h>

#include "error_parse.h"
#include "pail/util/str.h"
#include "xml_fields.h"

static int set_malformed(struct pail_s3_call *call, const struct pail_http_response *response, const char *detail,
                         struct pail_error *ret_error)
{
        pail_s3_error_not_s3(call, response, detail, ret_error);
        return -EBADMSG;
}

/*
 * A server that does not know x-amz-copy-source takes a copy for what it is without that, a PUT of no bytes, and says
 * the ETag of these in a header; that of a copy stands in the body.
 */
static bool is_plain_write(const struct pail_s3_call *call, const struct pail_http_response *response)
{
        return call->operation->flags & PAIL_S3_FLAG_SOURCE_KEY &&
               pail_http_headers_get(&response->headers, "ETag") != NULL;
}

/* 0: the body is XML with the root that was expected. */
static int check_root(struct pail_s3_call *call, const struct pail_http_response *response, bool *ret_malformed,
                      struct pail_error *ret_error)
{
        char root[64];
        pail_s3_xml_root(call->answer.data, call->answer.length, root, sizeof(root));
        if (pail_str_equal(root, call->operation->root))
                return 0;
        if (pail_str_equal(root, "Error")) {
                pail_s3_error_from_document(call, response, call->answer.data, call->answer.length, ret_error);
                return -EBADMSG;
        }
        /* Nothing but the white space that a long copy sends to keep the connection: the server gave up half-way. */
        bool is_empty = root[0] == '\0' && strspn(call->answer.data, " \t\r\n") == call->answer.length;
        if (is_empty && call->operation->can_be_empty)
                return 0;
        if (is_empty && is_plain_write(call, response)) {
                pail_s3_error_from_code(call, NULL, "NotImplemented", "it has stored an empty body instead", 501,
                                        ret_error);
                ret_error->sent = true;
                return -EIO;
        }
        /* What bears a request id comes from S3 and was damaged on the way; anything else is not S3, and asking again does not help. */
        *ret_malformed = is_empty || pail_http_headers_get(&response->headers, "x-amz-request-id");
        return set_malformed(call, response, is_empty ? "and an empty body" : NULL, ret_error);
}

/*
 * Operations without XML: what remains to tell S3 from a web server that says 200 to anything. A page has bytes; the frameworks that
 * some servers are written in call an empty answer text/html as well.
 */
static bool is_web_page(const struct pail_s3_call *call, const struct pail_http_response *response)
{
        const char *type = pail_http_headers_get(&response->headers, "Content-Type");
        bool has_page = call->answer.length > 0 || strcmp(call->operation->method, "HEAD") == 0;
        return has_page && !call->operation->has_any_content && type && strncasecmp(type, "text/html", 9) == 0 &&
               !pail_http_headers_get(&response->headers, "x-amz-request-id");
}

static int check_success(struct pail_s3_call *call, const struct pail_http_response *response, bool *ret_malformed,
                         struct pail_error *ret_error)
{
        int r = 0;
        if (call->operation->root)
                r = check_root(call, response, ret_malformed, ret_error);
        else if (is_web_page(call, response))
                r = set_malformed(call, response, NULL, ret_error);
        if (r < 0 || !call->operation->parse)
                return r;
        r = call->operation->parse(call, response, ret_error);
        if (r == -EBADMSG) {
                *ret_malformed = true;
                if (ret_error->class == PAIL_ERROR_NONE)
                        pail_s3_error_not_s3(call, response, "which cannot be understood", ret_error);
        } else if (r == -ENOMEM && ret_error->class == PAIL_ERROR_NONE) {
                pail_error_set_errno(ret_error, ENOMEM, "cannot read the answer to %s", call->operation->name);
        }
        return r;
}

int pail_s3_answer_check(struct pail_s3_call *call, bool *ret_malformed, struct pail_error *ret_error)
{
        const struct pail_http_request *http = &call->http;
        *ret_malformed = false;
        if (http->error.class == PAIL_ERROR_SYSTEM && call->answer.error == -EMSGSIZE) {
                pail_s3_error_not_s3(call, &http->response, "and a body without end", ret_error);
                return -EMSGSIZE;
        }
        if (http->error.class != PAIL_ERROR_NONE) {
                *ret_error = http->error;
                return -EIO;
        }
        if (call->bucket && pail_http_headers_get(&http->response.headers, "x-amz-version-id"))
                pail_s3_client_learn_versions(call->client, call->bucket);
        if (http->response.status / 100 == 2)
                return check_success(call, &http->response, ret_malformed, ret_error);
        pail_s3_error_from_answer(call, &http->response, ret_error);
        return -EIO;
}
