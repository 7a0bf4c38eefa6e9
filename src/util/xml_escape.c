/* SPDX-License-Identifier: Apache-2.0 */
#include "pail/util/xml.h"

#include <errno.h>
#include <string.h>

#include "pail/util/buf.h"
#include "pail/util/str.h"

/* XML 1.0 §2.2: of well-formed UTF-8, these two and most control characters are not characters of a document. */
static bool is_noncharacter(const char *at)
{
        return strncmp(at, "\xef\xbf\xbe", 3) == 0 || strncmp(at, "\xef\xbf\xbf", 3) == 0;
}

static int append_ascii(struct pail_buf *target, char c)
{
        switch (c) {
        case '&':
                return pail_buf_append_string(target, "&amp;");
        case '<':
                return pail_buf_append_string(target, "&lt;");
        case '>':
                return pail_buf_append_string(target, "&gt;");
        case '"':
                return pail_buf_append_string(target, "&quot;");
        case '\t':
        case '\n':
        case '\r':
        case 0x7f: /* left as they are, a parser would turn some of these into spaces or line feeds */
                return pail_buf_printf(target, "&#x%X;", (unsigned)c);
        default:
                return (unsigned char)c < 0x20 ? -EINVAL : pail_buf_append_char(target, c);
        }
}

int pail_xml_escape(struct pail_buf *target, const char *text)
{
        size_t before = target->length;
        while (*text) {
                size_t length = pail_str_utf8_length(text);
                int r = 0;
                if (length == 0 || is_noncharacter(text))
                        r = -EINVAL;
                else if (length == 1)
                        r = append_ascii(target, *text);
                else
                        r = pail_buf_append(target, text, length);
                if (r == -EINVAL)
                        pail_buf_truncate(target, before);
                if (r < 0)
                        return r;
                text += length;
        }
        return target->error;
}
