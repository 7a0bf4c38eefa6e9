/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON is UTF-8, and keys and messages of servers need not be: what is not becomes '?', so that the output can be parsed always.
 */
#include "text.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "pail/util/cleanup.h"
#include "pail/util/str.h"

enum { SHOWN = 4 };

void pail_ctl_mask(const char *key_id, char ret_mask[static PAIL_CTL_MASK_SIZE])
{
        size_t length = strlen(key_id);
        snprintf(ret_mask, PAIL_CTL_MASK_SIZE, "****************%s", length > SHOWN ? key_id + length - SHOWN : "");
}

void pail_ctl_format_time(time_t time, char ret_text[static PAIL_CTL_TIME_SIZE])
{
        struct tm parts;
        if (!gmtime_r(&time, &parts) || !strftime(ret_text, PAIL_CTL_TIME_SIZE, "%Y-%m-%dT%H:%M:%SZ", &parts))
                pail_str_copy(ret_text, PAIL_CTL_TIME_SIZE, "?");
}

struct json_t *pail_ctl_json_string(const char *text)
{
        if (!text)
                return json_null();
        if (pail_str_is_utf8(text))
                return json_string(text);
        _cleanup_free_ char *copy = strdup(text);
        for (char *at = copy; at && *at;) {
                size_t length = pail_str_utf8_length(at);
                if (length == 0)
                        *at = '?';
                at += length ? length : 1;
        }
        return copy ? json_string(copy) : NULL;
}

int pail_ctl_json_print(struct json_t *value)
{
        if (!value)
                return -ENOMEM;
        int r = json_dumpf(value, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII);
        json_decref(value);
        return r < 0 || putchar('\n') == EOF || fflush(stdout) == EOF ? -EIO : 0;
}
