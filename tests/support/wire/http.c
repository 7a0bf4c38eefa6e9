/* SPDX-License-Identifier: Apache-2.0 */
/*
 * As much of HTTP/1.1 (RFC 9112) as it takes to know where a message ends. Heads are only read, never rewritten: what
 * the client and the server say to each other is what they say without the wire.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "wire.h"

size_t http_head_length(const char *data, size_t size)
{
        const char *end = memmem(data, size, "\r\n\r\n", 4);
        return end ? (size_t)(end - data) + 4 : 0;
}

struct text {
        const char *data;
        size_t size;
};

static bool text_is(struct text text, const char *string)
{
        return text.size == strlen(string) && strncasecmp(text.data, string, text.size) == 0;
}

/* The next line without its end; false after the last (the empty one). */
static bool next_line(struct text *rest, struct text *ret_line)
{
        const char *end = memmem(rest->data, rest->size, "\r\n", 2);
        if (!end || end == rest->data)
                return false;
        *ret_line = (struct text){ rest->data, (size_t)(end - rest->data) };
        rest->size -= ret_line->size + 2;
        rest->data = end + 2;
        return true;
}

static bool split_field(struct text line, struct text *ret_name, struct text *ret_value)
{
        const char *colon = memchr(line.data, ':', line.size);
        if (!colon)
                return false;
        *ret_name = (struct text){ line.data, (size_t)(colon - line.data) };
        const char *value = colon + 1, *end = line.data + line.size;
        while (value < end && (*value == ' ' || *value == '\t'))
                value++;
        while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
                end--;
        *ret_value = (struct text){ value, (size_t)(end - value) };
        return true;
}

static int parse_length(struct text text, uint64_t *ret_value)
{
        uint64_t value = 0;

        if (text.size == 0 || text.size > 18)
                return -EBADMSG;
        for (size_t i = 0; i < text.size; i++) {
                if (!isdigit((unsigned char)text.data[i]))
                        return -EBADMSG;
                value = value * 10 + (uint64_t)(text.data[i] - '0');
        }
        *ret_value = value;
        return 0;
}

static bool ends_with_chunked(struct text value)
{
        return value.size >= 7 && strncasecmp(value.data + value.size - 7, "chunked", 7) == 0;
}

/* Content-Length and Transfer-Encoding; the latter wins (RFC 9112 §6.3). 1: the field was neither. */
static int parse_framing_field(struct text name, struct text value, struct framing *framing)
{
        if (text_is(name, "transfer-encoding")) {
                if (ends_with_chunked(value))
                        *framing = (struct framing){ .type = FRAMING_CHUNKED };
                return 0;
        }
        if (text_is(name, "content-length")) {
                uint64_t length;
                int r = parse_length(value, &length);
                if (r < 0)
                        return r;
                if (framing->type != FRAMING_CHUNKED)
                        *framing = (struct framing){ .type = FRAMING_LENGTH, .left = length, .ended = length == 0 };
                return 0;
        }
        return 1;
}

static int copy_text(struct text text, char **ret_copy)
{
        char *copy = malloc(text.size + 1);
        if (!copy)
                return -ENOMEM;
        memcpy(copy, text.data, text.size);
        copy[text.size] = '\0';
        *ret_copy = copy;
        return 0;
}

/* "GET /path?query HTTP/1.1" */
static int parse_request_line(struct text line, struct request *request)
{
        const char *end = line.data + line.size;
        const char *target = memchr(line.data, ' ', line.size);
        if (!target || (size_t)(target - line.data) >= sizeof request->method)
                return -EBADMSG;
        memcpy(request->method, line.data, (size_t)(target - line.data));
        target++;
        const char *version = memrchr(target, ' ', (size_t)(end - target));
        if (!version || end - version != 9 || memcmp(version + 1, "HTTP/1.", 7) != 0)
                return -EBADMSG;
        const char *query = memchr(target, '?', (size_t)(version - target));
        struct text path_text = { target, (size_t)((query ? query : version) - target) };
        struct text query_text = { query ? query + 1 : version, query ? (size_t)(version - query - 1) : 0 };
        int r = copy_text(path_text, &request->path);
        return r < 0 ? r : copy_text(query_text, &request->query);
}

static int parse_request_field(struct text name, struct text value, struct request *request, bool *copies)
{
        int r = parse_framing_field(name, value, &request->framing);
        if (r <= 0)
                return r;
        if (text_is(name, "expect"))
                request->expects = text_is(value, "100-continue");
        else if (text_is(name, "connection"))
                request->closes = text_is(value, "close");
        else if (text_is(name, "x-amz-copy-source"))
                *copies = true;
        else if (text_is(name, "range") && !request->range)
                return copy_text(value, &request->range);
        return 0;
}

static int parse_request(struct text rest, struct request *request)
{
        struct text line, name, value;
        bool copies = false;

        request->framing.ended = true;
        if (!next_line(&rest, &line))
                return -EBADMSG;
        int r = parse_request_line(line, request);
        while (r >= 0 && next_line(&rest, &line))
                if (split_field(line, &name, &value))
                        r = parse_request_field(name, value, request, &copies);
        if (r >= 0 && !request->range)
                r = copy_text((struct text){ "", 0 }, &request->range);
        if (r >= 0)
                request->kind = kind_guess(request->method, request->path, request->query, copies);
        return r;
}

int http_parse_request(const char *head, size_t length, struct request *ret_request)
{
        struct request request = { 0 };

        int r = parse_request((struct text){ head, length }, &request);
        if (r < 0) {
                http_request_done(&request);
                return r;
        }
        *ret_request = request;
        return 0;
}

void http_request_done(struct request *request)
{
        free(request->path);
        free(request->query);
        free(request->range);
        *request = (struct request){ 0 };
}

/* Answers without a body whatever their fields say (RFC 9112 §6.3). */
static bool is_bodiless(const struct request *request, int status)
{
        return strcmp(request->method, "HEAD") == 0 || status < 200 || status == 204 || status == 304;
}

int http_parse_response(const char *head, size_t length, const struct request *request, struct response *ret_response)
{
        struct text rest = { head, length }, line, name, value;
        struct response response = { .framing = { .type = FRAMING_UNTIL_CLOSE } };

        if (!next_line(&rest, &line) || line.size < 12 || memcmp(line.data, "HTTP/1.", 7) != 0)
                return -EBADMSG;
        for (int i = 9; i < 12; i++) {
                if (!isdigit((unsigned char)line.data[i]))
                        return -EBADMSG;
                response.status = response.status * 10 + (line.data[i] - '0');
        }
        while (next_line(&rest, &line)) {
                if (!split_field(line, &name, &value))
                        continue;
                int r = parse_framing_field(name, value, &response.framing);
                if (r < 0)
                        return r;
                if (text_is(name, "connection"))
                        response.closes = text_is(value, "close");
        }
        if (is_bodiless(request, response.status))
                response.framing = (struct framing){ .type = FRAMING_NONE, .ended = true };
        *ret_response = response;
        return 0;
}

static int consume_size_character(struct framing *framing, char c)
{
        if (c == ';' || c == ' ' || c == '\r') {
                framing->state = CHUNK_EXTENSION;
                return 0;
        }
        if (!isxdigit((unsigned char)c) || framing->left >> 58)
                return -EBADMSG;
        int digit = isdigit((unsigned char)c) ? c - '0' : (c | 0x20) - 'a' + 10;
        framing->left = framing->left * 16 + (uint64_t)digit;
        return 0;
}

/* One character of what stands around the data of chunks. */
static int consume_chunk_character(struct framing *framing, char c)
{
        switch (framing->state) {
        case CHUNK_SIZE:
                return consume_size_character(framing, c);
        case CHUNK_EXTENSION:
                if (c == '\n')
                        framing->state = framing->left > 0 ? CHUNK_DATA : CHUNK_TRAILER;
                return 0;
        case CHUNK_DATA_END:
                if (c == '\n')
                        framing->state = CHUNK_SIZE;
                return c == '\n' || c == '\r' ? 0 : -EBADMSG;
        case CHUNK_TRAILER: /* at the beginning of a line */
                if (c == '\n')
                        framing->ended = true;
                else if (c != '\r')
                        framing->state = CHUNK_TRAILER_LINE;
                return 0;
        case CHUNK_TRAILER_LINE:
                if (c == '\n')
                        framing->state = CHUNK_TRAILER;
                return 0;
        case CHUNK_DATA:
                break;
        }
        return -EBADMSG;
}

ssize_t framing_consume(struct framing *framing, const char *data, size_t size)
{
        size_t used = 0;

        while (used < size && !framing->ended) {
                uint64_t bulk = framing_bulk(framing);
                if (bulk > 0) {
                        uint64_t n = bulk < size - used ? bulk : size - used;
                        framing_skip(framing, n);
                        used += n;
                        continue;
                }
                int r = consume_chunk_character(framing, data[used]);
                if (r < 0)
                        return r;
                used++;
        }
        return (ssize_t)used;
}

uint64_t framing_bulk(const struct framing *framing)
{
        if (framing->ended)
                return 0;
        if (framing->type == FRAMING_UNTIL_CLOSE)
                return UINT64_MAX;
        return framing->type == FRAMING_CHUNKED && framing->state != CHUNK_DATA ? 0 : framing->left;
}

void framing_skip(struct framing *framing, uint64_t size)
{
        if (framing->type == FRAMING_UNTIL_CLOSE)
                return;
        framing->left -= size;
        if (framing->left > 0)
                return;
        if (framing->type == FRAMING_CHUNKED)
                framing->state = CHUNK_DATA_END;
        else
                framing->ended = true;
}
