/* SPDX-License-Identifier: Apache-2.0 */
/*
 * curl parses the framing; this keeps what callers look at, and refuses what curl lets pass: heads without end,
 * header lines without a colon, NUL bytes, and two different Content-Length headers (RFC 9112 §6.3), of which curl
 * would believe the last.
 */
#include "answer.h"

#include <errno.h>

#include "pail/util/cleanup.h"
#include "pail/util/clock.h"
#include "pail/util/secret.h"
#include "pail/util/str.h"

/* Heads of interim answers count too: a server may not keep us busy with them for ever. */
enum { ALL_HEADS_MAX_BYTES = 4 * PAIL_HTTP_HEADERS_MAX_BYTES };

static void clear_response(struct pail_http_response *response)
{
        response->status = 0;
        pail_http_headers_done(&response->headers);
        pail_buf_reset(&response->error_body);
        response->body_bytes = 0;
        response->content_length = -1;
}

void pail_http_answer_init(struct pail_http_answer *answer, struct pail_http_response *response)
{
        *answer = (struct pail_http_answer){ .response = response };
        clear_response(response);
}

static bool is_digit(char c)
{
        return c >= '0' && c <= '9';
}

/* "HTTP/1.1 200 OK" (RFC 9112 §4) */
static int read_status_line(struct pail_http_answer *answer, const char *line, size_t length)
{
        const char *end = line + length;
        const char *c = memchr(line, ' ', length);
        while (c && c < end && *c == ' ')
                c++;
        if (!c || end - c < 3 || !is_digit(c[0]) || !is_digit(c[1]) || !is_digit(c[2]))
                return -EPROTO;
        int status = 100 * (c[0] - '0') + 10 * (c[1] - '0') + (c[2] - '0');
        if (status < 100)
                return -EPROTO;

        clear_response(answer->response);
        if (status < 200) {
                answer->state = PAIL_HTTP_ANSWER_INTERIM;
                return 0;
        }
        answer->response->status = status;
        answer->state = PAIL_HTTP_ANSWER_HEAD;
        return 0;
}

/* A line that continues the value before it (obs-fold, RFC 9112 §5.2). */
static int append_fold(struct pail_http_answer *answer, const char *text)
{
        struct pail_http_headers *headers = &answer->response->headers;
        if (headers->count == 0)
                return -EPROTO;
        struct pail_http_header *last = &headers->items[headers->count - 1];
        _cleanup_free_ char *name = NULL, *value = NULL;
        int r = pail_str_dup(last->name, &name);
        if (r >= 0)
                r = pail_str_printf(&value, "%s %s", last->value, text + strspn(text, " \t"));
        if (r < 0)
                return r;
        headers->size_bytes -= strlen(last->name) + strlen(last->value);
        pail_secret_free(last->name);
        headers->count--;
        return pail_http_headers_add(headers, name, value);
}

static int read_header(struct pail_http_answer *answer, char *text)
{
        if (*text == ' ' || *text == '\t')
                return append_fold(answer, text);
        char *colon = strchr(text, ':');
        if (!colon)
                return -EPROTO;
        *colon = '\0';
        return pail_http_headers_add(&answer->response->headers, text, colon + 1);
}

static int read_content_length(struct pail_http_response *response)
{
        for (size_t i = 0; i < response->headers.count; i++) {
                const struct pail_http_header *header = &response->headers.items[i];
                if (strcasecmp(header->name, "Content-Length") != 0)
                        continue;
                int64_t length;
                if (pail_str_to_i64(header->value, &length) < 0 || length < 0)
                        return -EPROTO;
                if (response->content_length >= 0 && response->content_length != length)
                        return -EPROTO;
                response->content_length = length;
        }
        return 0;
}

static int end_head(struct pail_http_answer *answer)
{
        answer->state = PAIL_HTTP_ANSWER_BODY;
        const char *date = pail_http_headers_get(&answer->response->headers, "Date");
        time_t time;
        if (date && pail_clock_parse_http(date, &time) >= 0)
                answer->clock_offset_s = (int64_t)time - (int64_t)pail_clock_now().tv_sec;
        return read_content_length(answer->response);
}

static int read_line(struct pail_http_answer *answer, const char *line, size_t length, const char **ret_reason)
{
        /* Header lines are short; a copy with an end is simpler to take apart than a range. */
        _cleanup_free_ char *text = strndup(line, length);
        if (!text)
                return -ENOMEM;
        *ret_reason = "a header line is malformed";
        if (memchr(line, '\0', length))
                return -EPROTO;
        int r = read_header(answer, text);
        if (r == -EMSGSIZE)
                *ret_reason = "more than 256 headers, or 64 KiB of them";
        return r == -EINVAL || r == -EMSGSIZE ? -EPROTO : r;
}

int pail_http_answer_line(struct pail_http_answer *answer, const char *line, size_t length, const char **ret_reason)
{
        answer->head_bytes += length;
        if (answer->head_bytes > ALL_HEADS_MAX_BYTES) {
                *ret_reason = "headers without end";
                return -EPROTO;
        }
        while (length > 0 && (line[length - 1] == '\n' || line[length - 1] == '\r'))
                length--;

        bool is_in_head = answer->state == PAIL_HTTP_ANSWER_INTERIM || answer->state == PAIL_HTTP_ANSWER_HEAD;
        if (!is_in_head && length >= 5 && strncasecmp(line, "HTTP/", 5) == 0) {
                *ret_reason = "the status line is malformed";
                return read_status_line(answer, line, length);
        }
        if (!is_in_head)
                return 0;
        if (length == 0 && answer->state == PAIL_HTTP_ANSWER_INTERIM) {
                answer->state = PAIL_HTTP_ANSWER_NONE;
                return 0;
        }
        if (length == 0) {
                *ret_reason = "the Content-Length is malformed";
                return end_head(answer);
        }
        return answer->state == PAIL_HTTP_ANSWER_HEAD ? read_line(answer, line, length, ret_reason) : 0;
}
