/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a page that stands in the place of S3's answer says for itself: the title of HTML, else the first line of text. A firewall, a proxy
 * and a login page give their reason nowhere else. It is shown to a person and never acted on, so a rough reading will do.
 */
#include "web_page.h"

#include <ctype.h>
#include <string.h>

#include "pail/util/str.h"

static const char *skip_space(const char *at, const char *end)
{
        while (at < end && isspace((unsigned char)*at))
                at++;
        return at;
}

/* "<title>" and "</title>" as well as "<h1 class=x>": the text behind the first of that name. NULL: there is none. */
static const char *find_element(const char *data, const char *end, const char *name)
{
        size_t length = strlen(name);
        for (const char *at = data; at + length < end; at++) {
                if (*at != '<' || strncasecmp(at + 1, name, length) != 0)
                        continue;
                at = memchr(at, '>', (size_t)(end - at));
                return at ? at + 1 : NULL;
        }
        return NULL;
}

/* Up to the end of the line or the next tag, with single spaces. */
static void copy_line(const char *at, const char *end, char *text, size_t size)
{
        size_t length = 0;
        at = skip_space(at, end);
        while (at < end && *at != '<' && *at != '\n' && *at != '\r' && *at != '\0' && length + 1 < size)
                text[length++] = *at++;
        while (length > 0 && isspace((unsigned char)text[length - 1]))
                length--;
        text[length] = '\0';
        pail_str_trim_utf8(text);
        pail_str_make_printable(text);
}

void pail_s3_web_page_quote(const struct pail_buf *page, char *ret_text, size_t size)
{
        static const char *const elements[] = { "title", "h1", "h2", "p", "body" };
        const char *data = page->data, *end = data + page->length, *found = NULL;
        char line[128] = "";
        *ret_text = '\0';
        if (page->length == 0 || memchr(data, '\0', page->length))
                return;
        for (size_t i = 0; i < sizeof(elements) / sizeof(elements[0]) && !line[0]; i++)
                if ((found = find_element(data, end, elements[i])))
                        copy_line(found, end, line, sizeof(line));
        if (!line[0])
                copy_line(data, end, line, sizeof(line));
        if (line[0])
                snprintf(ret_text, size, "\"%s\"", line);
}
