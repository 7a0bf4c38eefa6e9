/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From an answer to an error that says what happened in words. Ceph leaves <Message> empty and HEAD has no body at
 * all, so the words come from the table of codes first and from the server second.
 *
 * An answer is taken for S3's if it has a request id or an <Error> document, or has no body and no other content type
 * than XML. Anything else is some other program at that address, and the message says so: it is the most common
 * mistake in an endpoint URL, and "access denied" or "not found" would send the user looking in the wrong place.
 */
#include "error_parse.h"

#include <errno.h>
#include <inttypes.h>

#include "error.h"
#include "pail/s3/types.h"
#include "pail/util/clock.h"
#include "pail/util/str.h"
#include "web_page.h"
#include "xml_fields.h"

enum {
        SKEW_MAX_S = 15 * 60, /* what S3 allows */
        RETRY_AFTER_MAX_S = 24 * 3600,
};

static const char *find_header(const struct pail_http_response *response, const char *name)
{
        return pail_http_headers_get(&response->headers, name);
}

static bool is_throttled_gateway(const struct pail_http_response *response)
{
        return response->status >= 500 || response->status == 429 || response->status == 408;
}

/* A time as the answer tells it, against the answer's own Date: the two clocks that count are one. */
static int64_t parse_retry_date(const struct pail_http_response *response, const char *text)
{
        time_t then, now = pail_clock_now().tv_sec;
        const char *date = find_header(response, "Date");
        if (pail_clock_parse_http(text, &then) < 0)
                return -1;
        if (date)
                (void)pail_clock_parse_http(date, &now);
        if (then <= now)
                return 0;
        return then - now <= RETRY_AFTER_MAX_S ? (int64_t)(then - now) * 1000 : -1;
}

/* Milliseconds, -1: not told. x-amz-retry-after is in milliseconds, Retry-After (RFC 9110, 10.2.3) in seconds or a date. */
static int64_t parse_retry_after(const struct pail_http_response *response)
{
        uint64_t value;
        const char *text = find_header(response, "x-amz-retry-after");
        if (text && pail_str_to_u64(text, &value) >= 0 && value <= (uint64_t)RETRY_AFTER_MAX_S * 1000)
                return (int64_t)value;
        text = find_header(response, "Retry-After");
        if (!text)
                return -1;
        if (pail_str_to_u64(text, &value) < 0)
                return parse_retry_date(response, text);
        return value <= RETRY_AFTER_MAX_S ? (int64_t)value * 1000 : -1;
}

static void fill_from_headers(const struct pail_http_response *response, struct pail_error *error)
{
        time_t date;
        const char *text = find_header(response, "Date");
        if (text && pail_clock_parse_http(text, &date) >= 0)
                error->clock_offset_s = (int64_t)date - (int64_t)pail_clock_now().tv_sec;
        error->http_status = response->status;
        error->retry_after_ms = parse_retry_after(response);
        if ((text = find_header(response, "x-amz-request-id")))
                pail_str_copy(error->request_id, sizeof(error->request_id), text);
        if ((text = find_header(response, "x-amz-bucket-region")))
                pail_str_copy(error->region, sizeof(error->region), text);
}

/* Words first and the key last, since a key of 1024 bytes does not leave room for what follows it. */
static void set_message(const struct pail_s3_call *call, const char *key, const char *code, const char *message,
                        int status, struct pail_error *error)
{
        const struct pail_s3_code *row = pail_s3_code_find(code);
        const char *words = row && row->words ? row->words : NULL;
        bool has_message = !pail_str_is_empty(message);
        char refused[48];
        snprintf(refused, sizeof(refused), "the server answered with status %d", status);
        if (!words)
                words = has_message ? message : refused;
        else if (has_message && strcasecmp(words, message) == 0)
                has_message = false;
        bool says_more = has_message && words != message;
        pail_error_set(error, PAIL_ERROR_SERVICE, "%s%s%s%s%s%s (%s of s3://%s%s%s)", words,
                       says_more ? ": the server says: " : "", says_more ? message : "", code[0] ? " [" : "", code,
                       code[0] ? "]" : "", call->operation->name, call->bucket ? call->bucket : "", key ? "/" : "",
                       key ? key : "");
        pail_str_copy(error->code, sizeof(error->code), code);
        pail_str_copy(error->service_words, sizeof(error->service_words), message ? message : "");
        pail_str_trim_utf8(error->service_words);
        pail_str_make_printable(error->service_words);
}

void pail_s3_error_from_code(const struct pail_s3_call *call, const char *key, const char *code, const char *message,
                             int http_status, struct pail_error *ret_error)
{
        if (http_status == 0) {
                const struct pail_s3_code *row = pail_s3_code_find(code);
                http_status = row ? row->http_status : 500;
        }
        set_message(call, key ? key : call->key, code, message, http_status, ret_error);
        ret_error->http_status = http_status;
        ret_error->retry_after_ms = -1;
}

void pail_s3_error_not_s3(const struct pail_s3_call *call, const struct pail_http_response *response,
                          const char *detail, struct pail_error *ret_error)
{
        const char *type = find_header(response, "Content-Type");
        const char *location = response->status / 100 == 3 ? find_header(response, "Location") : NULL;
        char quote[sizeof(ret_error->service_words)];
        pail_s3_web_page_quote(response->status / 100 == 2 ? &call->answer : &response->error_body, quote,
                               sizeof(quote));
        pail_error_set(ret_error, PAIL_ERROR_PROTOCOL,
                       "the endpoint %s does not speak S3: it answered %d with %s%s%s%s%.200s%s%s (%s)",
                       call->endpoint.host, response->status, type ? type : "no content type", quote[0] ? " " : "",
                       quote, location ? ", a redirection to " : "", location ? location : "", detail ? ", " : "",
                       detail ? detail : "", call->operation->name);
        fill_from_headers(response, ret_error);
        pail_str_copy(ret_error->service_words, sizeof(ret_error->service_words), quote);
        ret_error->sent = true;
}

struct error_fields {
        char *code, *message, *region, *request_id, *endpoint;
};

static void error_fields_done(struct error_fields *fields)
{
        free(fields->code);
        free(fields->message);
        free(fields->region);
        free(fields->request_id);
        free(fields->endpoint);
}

static int parse_document(const char *data, size_t length, struct error_fields *fields)
{
        const struct pail_s3_field table[] = {
                { "Error/Code", &fields->code },         { "Error/Message", &fields->message },
                { "Error/Region", &fields->region },     { "Error/RequestId", &fields->request_id },
                { "Error/Endpoint", &fields->endpoint },
        };
        return pail_s3_parse_fields(data, length, table, sizeof(table) / sizeof(table[0]));
}

static void set_from_fields(const struct pail_s3_call *call, const struct pail_http_response *response,
                            const struct error_fields *fields, int status, struct pail_error *error)
{
        const char *code = fields->code ? fields->code : "";
        set_message(call, call->key, code, fields->message, status, error);
        fill_from_headers(response, error);
        error->http_status = status;
        if (error->region[0] == '\0' && fields->region)
                pail_str_copy(error->region, sizeof(error->region), fields->region);
        if (error->request_id[0] == '\0' && fields->request_id)
                pail_str_copy(error->request_id, sizeof(error->request_id), fields->request_id);
        if (fields->endpoint && response->status / 100 == 3)
                pail_error_prefix(error, "the server names the endpoint %s", fields->endpoint);
}

void pail_s3_error_from_document(const struct pail_s3_call *call, const struct pail_http_response *response,
                                 const char *data, size_t length, struct pail_error *ret_error)
{
        _cleanup_(error_fields_done) struct error_fields fields = { 0 };
        int status = 500;
        if (parse_document(data, length, &fields) >= 0 && fields.code) {
                const struct pail_s3_code *row = pail_s3_code_find(fields.code);
                status = row ? row->http_status : 500;
        }
        set_from_fields(call, response, &fields, status, ret_error);
}

/* HEAD has no body to tell a wrong clock from a missing permission; the Date does. */
static const char *code_without_body(const struct pail_s3_call *call, int status, const struct pail_error *headers)
{
        if (status == 403 && headers->clock_offset_s != 0) {
                int64_t skew_s = headers->clock_offset_s - pail_session_clock_offset_s(call->client->session);
                if (skew_s > SKEW_MAX_S || skew_s < -SKEW_MAX_S)
                        return "RequestTimeTooSkewed";
        }
        return pail_s3_code_of_status(status, call->key != NULL);
}

static void from_status(const struct pail_s3_call *call, const struct pail_http_response *response,
                        struct pail_error *error)
{
        struct pail_error headers = PAIL_ERROR_INIT;
        char quote[sizeof(error->service_words)], sentence[sizeof(quote) + 48] = "";
        fill_from_headers(response, &headers);
        pail_s3_web_page_quote(&response->error_body, quote, sizeof(quote));
        if (quote[0])
                snprintf(sentence, sizeof(sentence), "status %d, with the page %s", response->status, quote);
        const char *code = code_without_body(call, response->status, &headers);
        if (response->status == 403 && quote[0])
                code = ""; /* a firewall's page: S3 would have said that it is about rights */
        set_message(call, call->key, code, sentence, response->status, error);
        pail_str_copy(error->service_words, sizeof(error->service_words), quote);
        fill_from_headers(response, error);
}

static bool is_xml_type(const char *type)
{
        return !type || strcasestr(type, "xml") || pail_str_starts_with(type, "application/octet-stream");
}

/*
 * To HEAD, which has no body, some servers send a Content-Type of their own: a status that S3 uses is believed then. What
 * is really at the address was found out by the first list.
 */
static bool is_from_elsewhere(const struct pail_s3_call *call, const struct pail_http_response *response)
{
        if (find_header(response, "x-amz-request-id") || is_throttled_gateway(response) || response->status == 304)
                return false;
        if (response->status / 100 == 3)
                return !find_header(response, "x-amz-bucket-region");
        return response->error_body.length > 0 ||
               (!is_xml_type(find_header(response, "Content-Type")) && strcmp(call->operation->method, "HEAD") != 0);
}

/* "8 MiB", "8.5 MiB", "300 bytes" */
static void format_size(uint64_t bytes, char ret_text[static 32])
{
        const uint64_t mib = 1 << 20;
        if (bytes < mib)
                snprintf(ret_text, 32, "%" PRIu64 " bytes", bytes);
        else if (bytes % mib == 0)
                snprintf(ret_text, 32, "%" PRIu64 " MiB", bytes / mib);
        else
                snprintf(ret_text, 32, "%.1f MiB", (double)bytes / (double)mib);
}

/* S3 has a code for what is too large. A page that says it comes from what stands before it. */
static void set_too_large(const struct pail_s3_call *call, const struct pail_http_response *response,
                          struct pail_error *error)
{
        char size[32];
        uint64_t size_bytes = call->http.body.size_bytes;
        format_size(size_bytes, size);
        pail_error_set(error, PAIL_ERROR_SERVICE,
                       "the proxy at %s takes no bodies of %s: %sraise its limit (%s of s3://%s/%s)",
                       call->endpoint.host, size, size_bytes > PAIL_S3_PART_MIN ? "lower part_size or " : "",
                       call->operation->name, call->bucket ? call->bucket : "", call->key ? call->key : "");
        fill_from_headers(response, error);
}

void pail_s3_error_from_answer(const struct pail_s3_call *call, const struct pail_http_response *response,
                               struct pail_error *ret_error)
{
        _cleanup_(error_fields_done) struct error_fields fields = { 0 };
        const struct pail_buf *body = &response->error_body;
        char root[32];
        pail_s3_xml_root(body->data, body->length, root, sizeof(root));
        if (pail_str_equal(root, "Error") && parse_document(body->data, body->length, &fields) >= 0 && fields.code)
                set_from_fields(call, response, &fields, response->status, ret_error);
        else if (response->status == 413)
                set_too_large(call, response, ret_error);
        else if (is_from_elsewhere(call, response))
                pail_s3_error_not_s3(call, response, NULL, ret_error);
        else
                from_status(call, response, ret_error);
        ret_error->sent = true;
}
