/* SPDX-License-Identifier: Apache-2.0 */
/* From what an answer says to an error. */
#ifndef PAIL_SRC_S3_CALL_ERROR_PARSE_H
#define PAIL_SRC_S3_CALL_ERROR_PARSE_H

#include "call.h"

/*
 * The error of an answer that is not a success, from status, headers and the body's <Error>. Fills everything but
 * sent. An answer that S3 would not give becomes PROTOCOL.
 */
void pail_s3_error_from_answer(const struct pail_s3_call *call, const struct pail_http_response *response,
                               struct pail_error *ret_error);
/* An <Error> document inside an answer with status 200. */
void pail_s3_error_from_document(const struct pail_s3_call *call, const struct pail_http_response *response,
                                 const char *data, size_t length, struct pail_error *ret_error);
/*
 * An error of which only code and message are known: one key of DeleteObjects, or one made here. key NULL: the
 * call's.
 */
void pail_s3_error_from_code(const struct pail_s3_call *call, const char *key, const char *code, const char *message,
                             int http_status, struct pail_error *ret_error);
/* "the endpoint does not speak S3: it answered 200 with text/html". detail: further words, or NULL. */
void pail_s3_error_not_s3(const struct pail_s3_call *call, const struct pail_http_response *response,
                          const char *detail, struct pail_error *ret_error);

#endif
