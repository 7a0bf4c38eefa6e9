/* SPDX-License-Identifier: Apache-2.0 */
/* From answers to errors, and from errors to words and errno. */
#ifndef PAIL_SRC_S3_ERRORS_H
#define PAIL_SRC_S3_ERRORS_H

#include "call.h"

struct pail_s3_code {
        const char *code; /* S3's <Code> */
        int http_status; /* that it comes with; for answers that tell the code alone (200 with <Error>, DeleteObjects) */
        int error_number;  /* positive; 0: as the status says */
        const char *words; /* NULL: the server's own, or the code */
};

/* NULL: unknown. */
const struct pail_s3_code *pail_s3_code_find(const char *code);
/* What a status means where no code came with it (HEAD, empty bodies). key: whether the request was about an object. */
const char *pail_s3_code_of_status(int http_status, bool about_object);

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
/* The title of a page that came in place of S3's answer, or its first line, in quotation marks; "": it has none. */
void pail_s3_page_quote(const struct pail_buf *page, char *ret_text, size_t size);
/* "the endpoint does not speak S3: it answered 200 with text/html". detail: further words, or NULL. */
void pail_s3_error_not_s3(const struct pail_s3_call *call, const struct pail_http_response *response,
                          const char *detail, struct pail_error *ret_error);

#endif
