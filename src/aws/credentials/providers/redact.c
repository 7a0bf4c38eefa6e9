/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In two passes over the line, in place: values behind telling words, then runs of base64 wherever they stand. Neither ever makes the line
 * longer. Rejected: patterns of the known kinds of keys; the program is the user's, and its secrets may look like anything.
 */
#include "redact.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "pail/util/str.h"

enum { REDACT_RUN = 32 };

#define HIDDEN "[hidden]"

static size_t run_length(const char *at)
{
        return strspn(at, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=_-");
}

/* A run is longer than what stands for it, so that writing never overtakes reading. */
static void hide_runs(char *line)
{
        char *to = line;

        for (const char *from = line; *from;) {
                size_t length = run_length(from);
                if (length == 0) {
                        *to++ = *from++;
                        continue;
                }
                const char *text = length >= REDACT_RUN ? HIDDEN : from;
                size_t size = length >= REDACT_RUN ? strlen(HIDDEN) : length;
                memmove(to, text, size);
                to += size;
                from += length;
        }
        *to = '\0';
}

/* The ':' or '=' that follows the word, at the end of a key like "SecretAccessKey" or aws_secret_access_key. */
static char *end_of_key(char *line, const char *word)
{
        for (char *at = line; *at; at++) {
                if (strncasecmp(at, word, strlen(word)) != 0)
                        continue;
                char *end = at + strcspn(at, ":=");
                if (*end)
                        return end;
        }
        return NULL;
}

static void hide_values(char *line)
{
        static const char *const words[] = { "secret", "password", "passphrase", "sessiontoken", "session_token" };

        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
                char *end = end_of_key(line, words[i]);
                if (end)
                        pail_str_copy(end + 1, strlen(end), strlen(end + 1) >= strlen(HIDDEN) ? HIDDEN : "");
        }
}

void pail_redact(char *line)
{
        hide_values(line);
        hide_runs(line);
        if (!pail_str_is_utf8(line))
                for (unsigned char *at = (unsigned char *)line; *at; at++)
                        *at = isascii(*at) ? *at : '?';
        pail_str_make_printable(line);
}
