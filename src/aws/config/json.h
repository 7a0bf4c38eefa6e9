/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON answers and files of credential sources, through jansson. Errors are -EINVAL with class CREDENTIALS and say
 * whose answer it is and which key, never a value.
 */
#ifndef PAIL_SRC_AWS_CONFIG_JSON_H
#define PAIL_SRC_AWS_CONFIG_JSON_H

#include <stdint.h>

#include "pail/util/cleanup.h"
#include "pail/util/error.h"

struct json_t;

enum { PAIL_JSON_MAX_BYTES = 256 * 1024 };

/* An object at the top, or an error. who: "the answer of SSO", a file's name. The value is freed with pail_json_free(), which wipes its strings. */
int pail_json_parse(const char *who, const char *text, size_t length, struct json_t **ret_object,
                    struct pail_error *ret_error);
void pail_json_free(struct json_t *object);
PAIL_DEFINE_CLEANUP(struct json_t, pail_json_free);
#define _cleanup_json_ _cleanup_(pail_json_free_p)

/* Borrowed strings, never empty. A missing or null key is an error for "need" and NULL for "want"; another type is an error for both. */
int pail_json_need_string(const char *who, const struct json_t *object, const char *key, const char **ret_value,
                          struct pail_error *ret_error);
int pail_json_want_string(const char *who, const struct json_t *object, const char *key, const char **ret_value,
                          struct pail_error *ret_error);
int pail_json_need_object(const char *who, const struct json_t *object, const char *key, struct json_t **ret_value,
                          struct pail_error *ret_error);
int pail_json_need_integer(const char *who, const struct json_t *object, const char *key, int64_t *ret_value,
                           struct pail_error *ret_error);
/* A time like 2030-01-31T12:00:00Z, as Unix seconds; absent: 0. */
int pail_json_want_time(const char *who, const struct json_t *object, const char *key, int64_t *ret_time,
                        struct pail_error *ret_error);

#endif
