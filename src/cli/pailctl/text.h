/* SPDX-License-Identifier: Apache-2.0 */
/* Texts of others, made fit to be shown. Stateless. Private to the layer. */
#ifndef PAIL_CLI_PAILCTL_TEXT_H
#define PAIL_CLI_PAILCTL_TEXT_H

#include <stddef.h>
#include <time.h>

struct json_t;

enum { PAIL_CTL_MASK_SIZE = 21, PAIL_CTL_TIME_SIZE = 21 };

/* "****************ABCD": 16 stars and the last four characters of an access key id, of which longer ones than that have any shown. */
void pail_ctl_mask(const char *key_id, char ret_mask[static PAIL_CTL_MASK_SIZE]);
/* "2026-01-31T12:00:00Z". */
void pail_ctl_format_time(time_t time, char ret_text[static PAIL_CTL_TIME_SIZE]);
/* A string of JSON; bytes that are not UTF-8 become '?'. NULL: null. Returns NULL without memory. */
struct json_t *pail_ctl_json_string(const char *text);
/* Prints a value as JSON with a newline, and frees it. 0, or -ENOMEM for NULL, -EIO. */
int pail_ctl_json_print(struct json_t *value);

#endif
