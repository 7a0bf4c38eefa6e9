/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The root element is looked for by hand, before the parser is asked: it tells an S3 answer from a web page, from an
 * embedded error and from nothing at all, and a web page is mostly no XML.
 */
#include "xml_fields.h"

#include <errno.h>

#include "pail/util/cleanup.h"
#include "pail/util/str.h"
#include "pail/util/xml.h"
#include "xml_lenient.h"

struct fields {
        const struct pail_s3_field *items;
        size_t count;
};

static int on_end(void *context, const char *path, const char *text, size_t length)
{
        (void)length;
        const struct fields *fields = context;
        for (size_t i = 0; i < fields->count; i++) {
                const struct pail_s3_field *field = &fields->items[i];
                if (*field->target || !pail_str_equal(path, field->path))
                        continue;
                return pail_str_dup(text, field->target);
        }
        return 0;
}

int pail_s3_parse_fields(const char *data, size_t length, const struct pail_s3_field *fields, size_t count)
{
        static const struct pail_xml_handler handler = { .on_end = on_end };
        struct fields context = { fields, count };
        return pail_s3_xml_parse(data, length, &handler, &context);
}

static const char *skip_space(const char *at, const char *end)
{
        while (at < end && (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n'))
                at++;
        return at;
}

/* Behind the next occurrence of text, or end. */
static const char *skip_past(const char *at, const char *end, const char *text)
{
        const char *found = memmem(at, (size_t)(end - at), text, strlen(text));
        return found ? found + strlen(text) : end;
}

void pail_s3_xml_root(const char *data, size_t length, char *ret_name, size_t size)
{
        const char *at = data, *end = data + length;
        if (length >= 3 && memcmp(at, "\xEF\xBB\xBF", 3) == 0)
                at += 3;
        for (;;) {
                at = skip_space(at, end);
                if (end - at >= 2 && memcmp(at, "<?", 2) == 0)
                        at = skip_past(at, end, "?>");
                else if (end - at >= 4 && memcmp(at, "<!--", 4) == 0)
                        at = skip_past(at, end, "-->");
                else
                        break;
        }
        size_t used = 0;
        if (at < end && *at == '<') {
                for (at++; at < end && used + 1 < size && !strchr(" \t\r\n/>", *at); at++) {
                        if (*at == ':')
                                used = 0; /* what came was the namespace prefix */
                        else
                                ret_name[used++] = *at;
                }
        }
        ret_name[used] = '\0';
}
