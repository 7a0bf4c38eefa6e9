/* SPDX-License-Identifier: Apache-2.0 */
/* Jansson refuses malformed UTF-8 and NULs in strings by itself; depth and size are bounded here and by its own limit of nesting. */
#include "json.h"

#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <string.h>

#include "pail/util/clock.h"
#include "pail/util/str.h"

static int refuse_key(struct pail_error *ret_error, const char *who, const char *key, const char *what)
{
        pail_error_set(ret_error, PAIL_ERROR_CREDENTIALS, "%s: \"%s\" %s", who, key, what);
        return -EINVAL;
}

int pail_json_parse(const char *who, const char *text, size_t length, struct json_t **ret_object,
                    struct pail_error *ret_error)
{
        json_error_t reason; /* its text quotes the input: it goes nowhere */
        json_t *value = length <= PAIL_JSON_MAX_BYTES ? json_loadb(text, length, 0, &reason) : NULL;

        if (json_is_object(value)) {
                *ret_object = value;
                return 0;
        }
        pail_error_set(ret_error, PAIL_ERROR_CREDENTIALS, "%s is %s", who,
                       length > PAIL_JSON_MAX_BYTES ? "too long"
                       : value                      ? "JSON, but no object"
                                                    : "not JSON");
        pail_json_free(value);
        return -EINVAL;
}

/* Jansson has strings in memory of its own, but lends it; nobody else holds a reference by now. */
static void wipe_strings(json_t *value)
{
        const char *key;
        json_t *member;
        size_t index;

        if (json_is_string(value))
                explicit_bzero((char *)(uintptr_t)json_string_value(value), json_string_length(value));
        json_object_foreach(value, key, member) wipe_strings(member);
        json_array_foreach(value, index, member) wipe_strings(member);
}

void pail_json_free(struct json_t *object)
{
        wipe_strings(object);
        json_decref(object);
}

static bool is_absent(const json_t *value)
{
        return !value || json_is_null(value);
}

int pail_json_want_string(const char *who, const struct json_t *object, const char *key, const char **ret_value,
                          struct pail_error *ret_error)
{
        const json_t *value = json_object_get(object, key);

        if (!is_absent(value) && !json_is_string(value))
                return refuse_key(ret_error, who, key, "is no string");
        const char *string = is_absent(value) ? NULL : json_string_value(value);
        *ret_value = pail_str_is_empty(string) ? NULL : string;
        return 0;
}

int pail_json_need_string(const char *who, const struct json_t *object, const char *key, const char **ret_value,
                          struct pail_error *ret_error)
{
        const char *value;
        int r = pail_json_want_string(who, object, key, &value, ret_error);

        if (r < 0)
                return r;
        if (!value)
                return refuse_key(ret_error, who, key,
                                  is_absent(json_object_get(object, key)) ? "is missing" : "is empty");
        *ret_value = value;
        return 0;
}

int pail_json_need_object(const char *who, const struct json_t *object, const char *key, struct json_t **ret_value,
                          struct pail_error *ret_error)
{
        json_t *value = json_object_get(object, key);

        if (!json_is_object(value))
                return refuse_key(ret_error, who, key, is_absent(value) ? "is missing" : "is no object");
        *ret_value = value;
        return 0;
}

int pail_json_need_integer(const char *who, const struct json_t *object, const char *key, int64_t *ret_value,
                           struct pail_error *ret_error)
{
        const json_t *value = json_object_get(object, key);

        if (!json_is_integer(value))
                return refuse_key(ret_error, who, key, is_absent(value) ? "is missing" : "is no whole number");
        *ret_value = json_integer_value(value);
        return 0;
}

int pail_json_want_time(const char *who, const struct json_t *object, const char *key, int64_t *ret_time,
                        struct pail_error *ret_error)
{
        struct timespec time = { 0 };
        const char *text;
        int r = pail_json_want_string(who, object, key, &text, ret_error);

        if (r < 0)
                return r;
        if (text && pail_clock_parse_lenient(text, &time) < 0)
                return refuse_key(ret_error, who, key, "is not a time like 2030-01-31T12:00:00Z");
        *ret_time = time.tv_sec;
        return 0;
}
