/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Header lists: an array in the order of arrival. An answer of S3 has about a dozen headers, so a linear search
 * beats any table. Name and value share one allocation, which the name owns; a value may be a token or a signature.
 */
#include "pail/http/headers.h"

#include <errno.h>
#include <stdarg.h>

#include "pail/util/buf.h"
#include "pail/util/secret.h"
#include "pail/util/str.h"

static bool is_valid_name(const char *name)
{
        /* Laxer than a token of RFC 9110 §5.6.2: servers echo user metadata under names beyond ASCII. */
        for (const unsigned char *c = (const unsigned char *)name; *c; c++)
                if (*c <= ' ' || *c == ':' || *c == 0x7f)
                        return false;
        return *name != '\0';
}

static bool is_white(char c)
{
        return c == ' ' || c == '\t';
}

/* Cuts white space at both ends (RFC 9110 §5.5) without touching the text. */
static const char *trim(const char *value, size_t *ret_length)
{
        while (is_white(*value))
                value++;
        size_t length = strlen(value);
        while (length > 0 && is_white(value[length - 1]))
                length--;
        *ret_length = length;
        return value;
}

static int make_room(struct pail_http_headers *headers)
{
        if (headers->count < headers->allocated)
                return 0;
        if (headers->count >= PAIL_HTTP_HEADERS_MAX_COUNT)
                return -EMSGSIZE;
        size_t allocated = headers->allocated ? 2 * headers->allocated : 16;
        struct pail_http_header *items = realloc(headers->items, allocated * sizeof(*items));
        if (!items)
                return -ENOMEM;
        headers->items = items;
        headers->allocated = allocated;
        return 0;
}

static int make_header(const char *name, const char *value, struct pail_http_header *ret_header, size_t *ret_size)
{
        if (!is_valid_name(name) || value[strcspn(value, "\r\n")])
                return -EINVAL;
        size_t value_length;
        value = trim(value, &value_length);
        size_t name_length = strlen(name);
        if (name_length > PAIL_HTTP_HEADERS_MAX_BYTES || value_length > PAIL_HTTP_HEADERS_MAX_BYTES)
                return -EMSGSIZE;

        char *block = pail_secret_malloc(name_length + value_length + 2);
        if (!block)
                return -ENOMEM;
        memcpy(block, name, name_length + 1);
        memcpy(block + name_length + 1, value, value_length);
        block[name_length + 1 + value_length] = '\0';
        *ret_header = (struct pail_http_header){ .name = block, .value = block + name_length + 1 };
        *ret_size = name_length + value_length;
        return 0;
}

int pail_http_headers_add(struct pail_http_headers *headers, const char *name, const char *value)
{
        struct pail_http_header header;
        size_t size;
        int r = make_header(name, value, &header, &size);
        if (r < 0)
                return r;
        r = headers->size_bytes + size > PAIL_HTTP_HEADERS_MAX_BYTES ? -EMSGSIZE : make_room(headers);
        if (r < 0) {
                pail_secret_free(header.name);
                return r;
        }
        headers->items[headers->count++] = header;
        headers->size_bytes += size;
        return 0;
}

int pail_http_headers_addf(struct pail_http_headers *headers, const char *name, const char *format, ...)
{
        _cleanup_buf_ struct pail_buf value = PAIL_BUF_INIT_SECRET(PAIL_HTTP_HEADERS_MAX_BYTES);
        va_list arguments;
        va_start(arguments, format);
        int r = pail_buf_vprintf(&value, format, arguments);
        va_end(arguments);
        return r < 0 ? r : pail_http_headers_add(headers, name, value.data);
}

/* Removes every header of that name from index on. */
static void remove_from(struct pail_http_headers *headers, const char *name, size_t index)
{
        size_t kept = index;
        for (size_t i = index; i < headers->count; i++) {
                struct pail_http_header *header = &headers->items[i];
                if (strcasecmp(header->name, name) != 0) {
                        headers->items[kept++] = *header;
                        continue;
                }
                headers->size_bytes -= strlen(header->name) + strlen(header->value);
                pail_secret_free(header->name);
        }
        headers->count = kept;
}

static size_t find_header(const struct pail_http_headers *headers, const char *name)
{
        size_t i = 0;
        while (i < headers->count && strcasecmp(headers->items[i].name, name) != 0)
                i++;
        return i;
}

int pail_http_headers_set(struct pail_http_headers *headers, const char *name, const char *value)
{
        size_t index = find_header(headers, name);
        if (index == headers->count)
                return pail_http_headers_add(headers, name, value);

        struct pail_http_header header;
        size_t size;
        int r = make_header(name, value, &header, &size);
        if (r < 0)
                return r;
        struct pail_http_header *old = &headers->items[index];
        size_t rest = headers->size_bytes - strlen(old->name) - strlen(old->value);
        if (rest + size > PAIL_HTTP_HEADERS_MAX_BYTES) {
                pail_secret_free(header.name);
                return -EMSGSIZE;
        }
        remove_from(headers, name, index + 1);
        headers->size_bytes += size - strlen(old->name) - strlen(old->value);
        pail_secret_free(old->name);
        *old = header;
        return 0;
}

void pail_http_headers_remove(struct pail_http_headers *headers, const char *name)
{
        remove_from(headers, name, 0);
}

const char *pail_http_headers_get(const struct pail_http_headers *headers, const char *name)
{
        size_t index = find_header(headers, name);
        return index < headers->count ? headers->items[index].value : NULL;
}

void pail_http_headers_done(struct pail_http_headers *headers)
{
        for (size_t i = 0; i < headers->count; i++)
                pail_secret_free(headers->items[i].name);
        free(headers->items);
        *headers = (struct pail_http_headers){ 0 };
}
