/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parser says on which lines a section and a key stand; what is left is to replace those lines. So there is one grammar, and a file that
 * the parser refuses is not touched.
 *
 * Indentation means something: a line that is deeper than the key above it continues that key's value. Among the keys of one section the
 * depth therefore never grows, and a new key must not be shallower than its neighbours, or what follows would become part of
 * its value: it is given the white space of the key above it, or, in an empty section, that of the section below.
 */
#include "pail/aws/ini_edit.h"

#include <errno.h>
#include <string.h>

#include "ini_space.h"
#include "ini_table.h"
#include "pail/aws/ini.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"

/* A line of the text, without its end ("\n", "\r\n", "\r", or "" at the end of the file). */
struct line {
        const char *text, *end;
        size_t length, end_length;
};

struct edit {
        const struct pail_buf *source;
        const char *section, *key, *value; /* value NULL: remove */
        const struct pail_ini_section *found;
        struct pail_buf target;
};

/* The line that begins at text. */
static struct line line_at(const char *text)
{
        struct line line = { .text = text, .length = strcspn(text, "\r\n") };
        line.end = text + line.length;
        line.end_length = line.end[0] == '\r' && line.end[1] == '\n' ? 2 : line.end[0] ? 1 : 0;
        return line;
}

static const char *line_after(const struct line *line)
{
        return line->end + line->end_length;
}

/* number: from 1 on, as the parser counts; the text has that many. */
static struct line find_line(const struct pail_buf *text, unsigned number)
{
        struct line line = line_at(text->data);
        while (--number > 0)
                line = line_at(line_after(&line));
        return line;
}

static size_t indent_of(const struct line *line)
{
        size_t indent = 0, length = 1;
        while (length > 0 && indent < line->length) {
                length = pail_ini_space_length(line->text + indent);
                indent += length;
        }
        return indent;
}

static bool is_comment(const struct line *line)
{
        size_t indent = indent_of(line);
        return indent < line->length && (line->text[indent] == '#' || line->text[indent] == ';');
}

static void append_range(struct edit *edit, const char *from, const char *to)
{
        pail_buf_append(&edit->target, from, (size_t)(to - from));
}

/* Ends a line as the given one ends, or, where the file ends there, as its first line does. */
static void append_line_end(struct edit *edit, const struct line *like)
{
        struct line first = line_at(edit->source->data);
        const struct line *model = like->end_length > 0 ? like : &first;
        if (model->end_length > 0)
                pail_buf_append(&edit->target, model->end, model->end_length);
        else
                pail_buf_append_char(&edit->target, '\n');
}

/* Everything up to the end of a line, which gets an end if it has none. */
static void append_up_to(struct edit *edit, const struct line *line)
{
        append_range(edit, edit->source->data, line_after(line));
        if (line->end_length == 0)
                append_line_end(edit, line);
}

/* The key with its delimiter and the white space around it stay as they were. */
static void append_replaced(struct edit *edit, const struct line *line)
{
        const char *delimiter = strpbrk(line->text, "=:");
        const char *value = delimiter + 1;
        while (value < line->end && (*value == ' ' || *value == '\t'))
                value++;
        append_range(edit, line->text, value);
        if (value == line->end && value == delimiter + 1 && delimiter[-1] == ' ')
                pail_buf_append_char(&edit->target, ' '); /* "key =" */
        pail_buf_append_string(&edit->target, edit->value);
        append_range(edit, line->end, line_after(line));
}

static void replace_entry(struct edit *edit, const struct pail_ini_entry *entry)
{
        struct line line = find_line(edit->source, entry->line);
        append_range(edit, edit->source->data, line.text);
        if (edit->value)
                append_replaced(edit, &line);
        for (unsigned number = entry->line; number < entry->last_line; number++) {
                line = line_at(line_after(&line));
                if (is_comment(&line))
                        append_range(edit, line.text, line_after(&line));
        }
        pail_buf_append_string(&edit->target, line_after(&line));
}

/* NULL: the section is empty. */
static const struct pail_ini_entry *last_entry(const struct pail_ini_section *section)
{
        const struct pail_ini_entry *last = NULL;
        for (const struct pail_ini_entry *entry = section->entries; entry; entry = entry->hh.next)
                if (!last || entry->line > last->line)
                        last = entry;
        return last;
}

/* The line whose indentation a new key takes. *ret_above: the line that it comes behind. */
static struct line find_insertion_line(const struct edit *edit, struct line *ret_above)
{
        const struct pail_ini_entry *last = last_entry(edit->found);
        *ret_above = find_line(edit->source, last ? last->last_line : edit->found->line);
        if (last)
                return find_line(edit->source, last->line);
        struct line line = *ret_above;
        do
                line = line_at(line_after(&line));
        while (*line.text && (indent_of(&line) == line.length || is_comment(&line)));
        return line;
}

static void insert_entry(struct edit *edit)
{
        struct line above, model = find_insertion_line(edit, &above);
        append_up_to(edit, &above);
        pail_buf_append(&edit->target, model.text, indent_of(&model));
        pail_buf_printf(&edit->target, "%s = %s", edit->key, edit->value);
        append_line_end(edit, &above);
        pail_buf_append_string(&edit->target, line_after(&above));
}

static void append_section(struct edit *edit)
{
        struct line last = line_at(edit->source->data);
        while (*line_after(&last))
                last = line_at(line_after(&last));
        if (edit->source->length > 0)
                append_up_to(edit, &last);
        if (indent_of(&last) < last.length)
                append_line_end(edit, &last);
        pail_buf_printf(&edit->target, "[%s]", edit->section);
        append_line_end(edit, &last);
        pail_buf_printf(&edit->target, "%s = %s", edit->key, edit->value);
        append_line_end(edit, &last);
}

/* 1: the text is as it should be already. */
static int apply_edit(struct edit *edit, const struct pail_ini *ini)
{
        struct pail_ini_entry *entry = NULL;
        struct pail_ini_section *section;
        HASH_FIND_STR(ini->sections, edit->section, section);
        edit->found = section;
        if (section)
                HASH_FIND_STR(section->entries, edit->key, entry);
        if (!entry && !edit->value)
                return 1;
        if (entry)
                replace_entry(edit, entry);
        else if (section)
                insert_entry(edit);
        else
                append_section(edit);
        return edit->target.error;
}

static bool has_control(const char *text)
{
        for (; *text; text++)
                if ((unsigned char)*text < 0x20 || *text == 0x7f)
                        return true;
        return false;
}

static int refuse_with(struct pail_error *ret_error, const char *file, const char *what, const char *why)
{
        pail_error_set(ret_error, PAIL_ERROR_CONFIG, "%s: %s %s", file, what, why);
        return -EINVAL;
}

static int check_names(const char *file, const char *section, const char *key, struct pail_error *ret_error)
{
        if (!*section || has_control(section) || strchr(section, ']') || !pail_str_is_utf8(section) ||
            pail_str_equal(section, "DEFAULT"))
                return refuse_with(ret_error, file, "a section", "cannot have this name");
        if (!*key || key[strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789_")])
                return refuse_with(ret_error, file, "a key", "has only a-z, 0-9 and '_' in its name");
        return 0;
}

static int check_value(const char *file, const char *key, const char *value, struct pail_error *ret_error)
{
        size_t length = strlen(value);
        if (length == 0)
                return refuse_with(ret_error, file, key, "needs a value");
        if (has_control(value) || !pail_str_is_utf8(value))
                return refuse_with(ret_error, file, key, "takes one line of UTF-8 text without control characters");
        if (pail_ini_space_length(value) > 0 || pail_ini_space_stripped_length(value) != length)
                return refuse_with(ret_error, file, key, "takes no white space at the ends of its value");
        return 0;
}

int pail_ini_edit_set(const char *file, struct pail_buf *text, const char *section, const char *key, const char *value,
                      struct pail_error *ret_error)
{
        _cleanup_(pail_ini_free_p) struct pail_ini *ini = NULL;
        struct edit edit = { .source = text, .section = section, .key = key, .value = value };
        int r = check_names(file, section, key, ret_error);
        if (r == 0 && value)
                r = check_value(file, key, value, ret_error);
        if (r == 0)
                r = pail_ini_parse(file, text->data, text->length, &ini, ret_error);
        if (r < 0)
                return r;
        pail_buf_init_secret(&edit.target, text->cap);
        r = apply_edit(&edit, ini);
        if (r == 0) {
                struct pail_buf old = *text;
                *text = edit.target;
                edit.target = old;
        }
        pail_buf_wipe(&edit.target);
        return r < 0 ? pail_error_set_errno(ret_error, -r, "%s", file) : 0;
}
