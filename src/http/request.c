/* SPDX-License-Identifier: Apache-2.0 */
#include "pail/http/request.h"

#include "pail/util/cleanup.h"

enum { ERROR_BODY_CAP_BYTES = 64 * 1024 };

void pail_http_request_init(struct pail_http_request *request)
{
        *request = (struct pail_http_request){ .body.fd = -1, .response.content_length = -1, .error = PAIL_ERROR_INIT };
        pail_buf_init_secret(&request->response.error_body, ERROR_BODY_CAP_BYTES);
}

void pail_http_request_reset(struct pail_http_request *request)
{
        struct pail_http_response *response = &request->response;
        response->status = 0;
        pail_http_headers_done(&response->headers);
        pail_buf_reset(&response->error_body);
        response->body_bytes = 0;
        response->content_length = -1;
        request->error = PAIL_ERROR_INIT;
}

void pail_http_request_done(struct pail_http_request *request)
{
        free(pail_steal(&request->method));
        free(pail_steal(&request->url));
        pail_http_headers_done(&request->headers);
        pail_http_headers_done(&request->response.headers);
        pail_buf_done(&request->response.error_body);
}
