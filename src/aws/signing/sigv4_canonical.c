/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first two stages of Signature Version 4: "Task 1: Create a canonical request", "Task 2: Create a string to sign". Everything that is sorted is sorted as an array of
 * references into what the caller gave; only the result is written. Keys and values of the query are compared each for itself, because
 * comparing "key=value" as one text would put "a-b=1" before "a=1".
 */
#include "sigv4_canonical.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include <openssl/sha.h>

#include "pail/util/cleanup.h"
#include "pail/util/clock.h"
#include "sigv4_digest.h"

struct slice {
        const char *data;
        size_t length;
};

struct parameter {
        struct slice key;
        struct slice value;
};

static int compare_slices(struct slice a, struct slice b)
{
        size_t common = a.length < b.length ? a.length : b.length;
        int r = memcmp(a.data, b.data, common);

        if (r != 0)
                return r;
        return (a.length > b.length) - (a.length < b.length);
}

static int compare_parameters(const void *a, const void *b)
{
        const struct parameter *first = a, *second = b;
        int r = compare_slices(first->key, second->key);

        return r != 0 ? r : compare_slices(first->value, second->value);
}

static size_t count_parameters(const char *query)
{
        size_t count = 1;

        for (; *query; query++)
                count += *query == '&';
        return count;
}

/* One "key=value"; a key without '=' has an empty value. Returns where the next begins. */
static const char *split_parameter(const char *at, struct parameter *ret_parameter)
{
        size_t length = strcspn(at, "&");
        const char *equals = memchr(at, '=', length);

        ret_parameter->key = (struct slice){ at, equals ? (size_t)(equals - at) : length };
        ret_parameter->value = equals ? (struct slice){ equals + 1, (size_t)(at + length - equals - 1) }
                                      : (struct slice){ at + length, 0 };
        return at[length] ? at + length + 1 : at + length;
}

static int append_query(struct pail_buf *target, const char *query)
{
        size_t count = count_parameters(query);
        _cleanup_free_ struct parameter *parameters = calloc(count, sizeof(*parameters));

        if (!parameters)
                return -ENOMEM;
        for (size_t i = 0; i < count; i++)
                query = split_parameter(query, &parameters[i]);
        qsort(parameters, count, sizeof(*parameters), compare_parameters);
        for (size_t i = 0; i < count; i++) {
                if (i > 0)
                        pail_buf_append_char(target, '&');
                pail_buf_append(target, parameters[i].key.data, parameters[i].key.length);
                pail_buf_append_char(target, '=');
                pail_buf_append(target, parameters[i].value.data, parameters[i].value.length);
        }
        return target->error;
}

static bool is_blank(char c)
{
        return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Without white space at the ends, and with one space for each run of it inside. */
static void append_value(struct pail_buf *target, const char *value)
{
        bool space = false, begun = false;

        for (; *value; value++) {
                if (is_blank(*value)) {
                        space = true;
                        continue;
                }
                if (space && begun)
                        pail_buf_append_char(target, ' ');
                pail_buf_append_char(target, *value);
                space = false;
                begun = true;
        }
}

static void append_lower(struct pail_buf *target, const char *name)
{
        for (; *name; name++)
                pail_buf_append_char(target, (char)tolower((unsigned char)*name));
}

/* By name; headers of one name stay in their order, which is that of their values in the canonical form. */
static void sort_headers(const struct pail_http_header **sorted, const struct pail_http_headers *headers)
{
        for (size_t i = 0; i < headers->count; i++) {
                size_t at = i;

                for (; at > 0 && strcasecmp(sorted[at - 1]->name, headers->items[i].name) > 0; at--)
                        sorted[at] = sorted[at - 1];
                sorted[at] = &headers->items[i];
        }
}

/* "name:value,value\n" for each name, and the names, joined by ';'. */
static int append_headers(struct pail_buf *target, struct pail_buf *names, const struct pail_http_headers *headers)
{
        _cleanup_free_ const struct pail_http_header **sorted = calloc(headers->count + 1, sizeof(*sorted));

        if (!sorted)
                return -ENOMEM;
        sort_headers(sorted, headers);
        for (size_t i = 0; i < headers->count; i++) {
                if (i > 0 && strcasecmp(sorted[i - 1]->name, sorted[i]->name) == 0) {
                        pail_buf_append_char(target, ',');
                } else {
                        if (i > 0) {
                                pail_buf_append_char(target, '\n');
                                pail_buf_append_char(names, ';');
                        }
                        append_lower(target, sorted[i]->name);
                        append_lower(names, sorted[i]->name);
                        pail_buf_append_char(target, ':');
                }
                append_value(target, sorted[i]->value);
        }
        pail_buf_append_char(target, '\n');
        return target->error < 0 ? target->error : names->error;
}

int pail_sigv4_canonical_request(const char *method, const char *path, const char *query,
                                 const struct pail_http_headers *headers, const char *payload_hash,
                                 struct pail_buf *ret_canonical, struct pail_buf *ret_signed_headers)
{
        size_t names_from = ret_signed_headers->length;
        int r;

        pail_buf_printf(ret_canonical, "%s\n%s\n", method, *path ? path : "/");
        if (query && *query) {
                r = append_query(ret_canonical, query);
                if (r < 0)
                        return r;
        }
        pail_buf_append_char(ret_canonical, '\n');
        r = append_headers(ret_canonical, ret_signed_headers, headers);
        if (r < 0)
                return r;
        return pail_buf_printf(ret_canonical, "\n%s\n%s", ret_signed_headers->data + names_from, payload_hash);
}

int pail_sigv4_canonical_string_to_sign(const struct pail_sigv4_scope *scope, const char *canonical,
                                        size_t canonical_length, struct pail_buf *ret_string)
{
        unsigned char digest[PAIL_SHA256_SIZE];
        char stamp[17], hex[PAIL_SHA256_HEX_SIZE];

        if (!SHA256((const unsigned char *)canonical, canonical_length, digest))
                return -EIO;
        pail_sigv4_digest_hex(digest, sizeof(digest), hex);
        pail_clock_format_amz(scope->time, stamp);
        pail_buf_printf(ret_string, "%s\n%s\n", pail_sigv4_scope_algorithm(scope), stamp);
        pail_sigv4_scope_append(ret_string, scope);
        return pail_buf_printf(ret_string, "\n%s", hex);
}
