/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parser of the shared files, line by line. Its state is the section and the key that a deeper-indented line would continue:
 *
 *   nothing  --[name]-->  section  --key = value-->  value  --deeper line-->  value
 *                         section  --key =-------->  empty  --deeper line-->  block
 *   any      --[name]-->  section
 *
 * A value is collected in a buffer and stored when the next key, section or the end comes, since only then is it known that the
 * blank lines after it were not inside it. Messages never show a line's text: a key that lost its "=" may be a secret.
 *
 * Rejected: leniency. A file that other tools refuse, read here in some way of our own, would mount something unexpected.
 */
#include "ini_parse.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "ini_space.h"
#include "pail/util/buf.h"
#include "pail/util/secret.h"
#include "pail/util/str.h"

struct parser {
        const char *file;
        struct pail_error *ret_error;
        struct pail_ini *ini;
        struct pail_ini_section *section; /* NULL: before the first */
        struct pail_ini_entry *entry;     /* NULL: right after a section's line */
        struct pail_buf value;            /* of entry, while it may still grow */
        size_t blank_lines;               /* seen since the last line of value */
        size_t indent;                    /* of the last line that continued nothing */
        unsigned line;
};

/* In characters, as Python counts. */
static size_t indent_of(const char *raw, const char *line)
{
        size_t count = 0;

        for (; raw < line; raw += pail_ini_space_length(raw))
                count++;
        return count;
}

static int refuse_line(const struct parser *parser, const char *what)
{
        pail_error_set(parser->ret_error, PAIL_ERROR_CONFIG, "%s:%u: %s", parser->file, parser->line, what);
        return -EINVAL;
}

/* Stores what was collected for the current key, if there is one. */
static int finish_entry(struct parser *parser)
{
        struct pail_ini_entry *entry = parser->entry;

        parser->entry = NULL;
        parser->blank_lines = 0;
        if (!entry || entry->block)
                return 0;
        if (parser->value.error < 0)
                return parser->value.error;
        return pail_secret_dup(parser->value.data, &entry->value);
}

static int parse_section(struct parser *parser, char *line)
{
        char *end = strrchr(line, ']');
        bool is_new;
        int r = finish_entry(parser);

        if (r < 0)
                return r;
        *end = '\0';
        r = pail_ini_table_add_section(parser->ini, line + 1, parser->line, &parser->section, &is_new);
        if (r < 0)
                return r;
        if (!is_new && parser->section != parser->ini->defaults) {
                pail_error_set(parser->ret_error, PAIL_ERROR_CONFIG, "%s:%u: section [%s] is there already, at line %u",
                               parser->file, parser->line, line + 1, parser->section->line);
                return -EINVAL;
        }
        return 0;
}

static void make_lower_case(char *text)
{
        for (; *text; text++)
                *text = (char)tolower((unsigned char)*text);
}

static int parse_option(struct parser *parser, char *line)
{
        char *delimiter = strpbrk(line, "=:");
        const char *value, *key;
        bool is_new;
        int r = finish_entry(parser);

        if (r < 0)
                return r;
        if (!delimiter)
                return refuse_line(parser, "neither a [section] nor a key with \"=\" and a value");
        *delimiter = '\0';
        value = pail_ini_space_strip(delimiter + 1);
        key = pail_ini_space_strip(line);
        if (!*key)
                return refuse_line(parser, "no key before the \"=\"");
        make_lower_case(line);
        r = pail_ini_table_add_entry(&parser->section->entries, key, parser->line, &parser->entry, &is_new);
        if (r < 0)
                return r;
        if (!is_new) {
                pail_error_set(parser->ret_error, PAIL_ERROR_CONFIG,
                               "%s:%u: key \"%s\" is there already in section [%s], at line %u", parser->file,
                               parser->line, key, parser->section->name, parser->entry->line);
                return -EINVAL;
        }
        pail_buf_reset(&parser->value);
        return pail_buf_append_string(&parser->value, value);
}

static int parse_block_line(struct parser *parser, char *line)
{
        char *delimiter = strchr(line, '=');
        struct pail_ini_entry *inner;
        bool is_new;
        int r;

        if (!delimiter) {
                pail_error_set(parser->ret_error, PAIL_ERROR_CONFIG,
                               "%s:%u: a line without \"=\" in the block of \"%s\" (line %u)", parser->file,
                               parser->line, parser->entry->key, parser->entry->line);
                return -EINVAL;
        }
        *delimiter = '\0';
        r = pail_ini_table_add_entry(&parser->entry->block, pail_ini_space_strip(line), parser->line, &inner, &is_new);
        if (r < 0)
                return r;
        pail_secret_free(pail_steal(&inner->value));
        return pail_secret_dup(pail_ini_space_strip(delimiter + 1), &inner->value);
}

static int parse_continuation(struct parser *parser, char *line)
{
        parser->entry->last_line = parser->line;
        if (parser->value.length == 0)
                return parse_block_line(parser, line);
        for (; parser->blank_lines > 0; parser->blank_lines--)
                pail_buf_append_char(&parser->value, '\n');
        pail_buf_append_char(&parser->value, '\n');
        return pail_buf_append_string(&parser->value, line);
}

static bool is_section(const char *line)
{
        const char *end = strrchr(line, ']');

        return line[0] == '[' && end && end > line + 1;
}

static int parse_line(struct parser *parser, char *raw)
{
        char *line = pail_ini_space_strip(raw);
        size_t indent = indent_of(raw, line);

        if (*line == '#' || *line == ';')
                return 0;
        if (!*line) {
                parser->blank_lines++;
                return 0;
        }
        if (parser->entry && indent > parser->indent)
                return parse_continuation(parser, line);
        parser->indent = indent;
        if (is_section(line))
                return parse_section(parser, line);
        if (!parser->section)
                return refuse_line(parser, "a line before the first [section]");
        return parse_option(parser, line);
}

/* Ends the line at text with a NUL and returns the start of the next: LF, CR LF and CR alone end a line. NULL: it was the last. */
static char *split_line(char *text)
{
        char *end = strpbrk(text, "\r\n");

        if (!end)
                return NULL;
        if (end[0] == '\r' && end[1] == '\n')
                *end++ = '\0';
        *end = '\0';
        return end + 1;
}

static int parse_text(struct parser *parser, char *text)
{
        char *next;
        int r;

        if (!pail_str_is_utf8(text)) {
                pail_error_set(parser->ret_error, PAIL_ERROR_CONFIG, "%s: not UTF-8 text", parser->file);
                return -EINVAL;
        }
        if (pail_str_starts_with(text, "\xef\xbb\xbf")) /* the byte order mark of editors on Windows */
                text += 3;
        for (; text; text = next) {
                next = split_line(text);
                parser->line++;
                r = parse_line(parser, text);
                if (r < 0)
                        return r;
        }
        return finish_entry(parser);
}

int pail_ini_parse_into(struct pail_ini *ini, const char *file, const char *text, size_t length,
                        struct pail_error *ret_error)
{
        _cleanup_secret_ char *copy = NULL;
        struct parser parser = { .file = file, .ret_error = ret_error, .ini = ini };
        int r;

        if (memchr(text, '\0', length)) {
                pail_error_set(ret_error, PAIL_ERROR_CONFIG, "%s: not a text file (it has a NUL byte)", file);
                return -EINVAL;
        }
        copy = pail_secret_calloc(1, length + 1);
        if (!copy)
                return -ENOMEM;
        memcpy(copy, text, length);
        pail_buf_init_secret(&parser.value, length + 1); /* no value is longer than the text */
        r = parse_text(&parser, copy);
        pail_buf_done(&parser.value);
        return r;
}
