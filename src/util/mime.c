/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nearly all patterns are "*.suffix" or a whole name: those are found by hash, without "*.". The few dozen others
 * are tried one by one. Strings are pieces of the file, which is kept.
 *
 * A line of globs2 is "weight:type:pattern[:flags]", the heaviest first; the flag "cs" means that case counts. A line of
 * mime.types is "type suffix suffix…".
 */
#include "pail/util/mime.h"

#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <string.h>
#include <uthash.h>

#include "pail/util/buf.h"
#include "pail/util/cleanup.h"
#include "pail/util/file.h"
#include "pail/util/str.h"

enum { FILE_MAX = 4 << 20, NAME_MAX_BYTES = 256, WEIGHT = 50 };

struct pattern {
        const char *text; /* "html" of "*.html"; "makefile"; "readme*" */
        const char *type;
        unsigned weight;
        bool is_suffix, needs_case;
        UT_hash_handle hh;     /* suffixes and names */
        struct pattern *other; /* all else */
};

struct pail_mime {
        struct pattern *suffixes, *names, *others;
        struct pail_buf text;
};

static void free_table(struct pattern *table)
{
        struct pattern *pattern, *next;
        HASH_ITER(hh, table, pattern, next) {
                HASH_DEL(table, pattern);
                free(pattern);
        }
}

void pail_mime_free(struct pail_mime *mime)
{
        if (!mime)
                return;
        free_table(mime->suffixes);
        free_table(mime->names);
        for (struct pattern *pattern; (pattern = mime->others);) {
                mime->others = pattern->other;
                free(pattern);
        }
        pail_buf_done(&mime->text);
        free(mime);
}
PAIL_DEFINE_CLEANUP(struct pail_mime, pail_mime_free);

/* What may stand in a header. */
static bool is_type(const char *type)
{
        static const char characters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$&^_.+-/";
        return strchr(type, '/') && strspn(type, characters) == strlen(type);
}

/* The first of several lines with one pattern stays: it is the heaviest. */
static int add_to_table(struct pattern **table, struct pattern *pattern)
{
        struct pattern *known;
        HASH_FIND_STR(*table, pattern->text, known);
        if (known && (known->needs_case || !pattern->needs_case)) {
                free(pattern);
                return 0;
        }
        if (known) {
                HASH_DEL(*table, known);
                free(known);
        }
        HASH_ADD_KEYPTR(hh, *table, pattern->text, strlen(pattern->text), pattern);
        return 0;
}

static int add_pattern(struct pail_mime *mime, unsigned weight, const char *type, const char *glob, bool needs_case)
{
        if (!is_type(type) || *glob == '\0')
                return 0;
        struct pattern *pattern = calloc(1, sizeof(*pattern));
        if (!pattern)
                return -ENOMEM;
        *pattern = (struct pattern){ .text = glob, .type = type, .weight = weight, .needs_case = needs_case };
        if (!strpbrk(glob, "*?["))
                return add_to_table(&mime->names, pattern);
        if (glob[0] == '*' && glob[1] == '.' && glob[2] && !strpbrk(glob + 1, "*?[")) {
                pattern->text = glob + 2;
                pattern->is_suffix = true;
                return add_to_table(&mime->suffixes, pattern);
        }
        pattern->other = mime->others;
        mime->others = pattern;
        return 0;
}

static int add_glob_line(struct pail_mime *mime, char *line)
{
        char *weight = strsep(&line, ":"), *type = strsep(&line, ":"), *glob = strsep(&line, ":");
        char *flags = strsep(&line, ":");
        uint64_t number;
        if (!glob || pail_str_to_u64(weight, &number) < 0 || number > 100)
                return 0;
        return add_pattern(mime, (unsigned)number, type, glob, flags && strstr(flags, "cs"));
}

static int add_types_line(struct pail_mime *mime, char *line)
{
        char *type = strsep(&line, " \t");
        int r = 0;
        for (char *suffix; r >= 0 && (suffix = strsep(&line, " \t"));) {
                if (*suffix == '\0')
                        continue;
                struct pattern *pattern = is_type(type) ? calloc(1, sizeof(*pattern)) : NULL;
                if (!pattern)
                        return is_type(type) ? -ENOMEM : 0;
                *pattern = (struct pattern){ .text = suffix, .type = type, .weight = WEIGHT, .is_suffix = true };
                r = add_to_table(&mime->suffixes, pattern);
        }
        return r;
}

static int add_file(struct pail_mime *mime, const char *path, int (*add_line)(struct pail_mime *mime, char *line))
{
        int r = pail_file_read(path, &mime->text);
        if (r < 0) {
                pail_buf_reset(&mime->text);
                return r == -ENOMEM ? r : 0;
        }
        for (char *rest = mime->text.data, *line; r >= 0 && (line = strsep(&rest, "\n"));) {
                line = pail_str_strip(line);
                if (*line && *line != '#')
                        r = add_line(mime, line);
        }
        return r;
}

int pail_mime_new(const char *globs2, const char *mime_types, struct pail_mime **ret_mime)
{
        _cleanup_(pail_mime_free_p) struct pail_mime *mime = calloc(1, sizeof(*mime));
        if (!mime)
                return -ENOMEM;
        pail_buf_init(&mime->text, FILE_MAX);
        int r = add_file(mime, globs2, add_glob_line);
        if (r >= 0 && !mime->suffixes && !mime->names && !mime->others)
                r = add_file(mime, mime_types, add_types_line);
        if (r < 0)
                return r;
        *ret_mime = pail_steal(&mime);
        return 0;
}

static size_t length_of(const struct pattern *pattern)
{
        return strlen(pattern->text) + (pattern->is_suffix ? strlen("*.") : 0);
}

static void prefer_heavier(const struct pattern *pattern, bool has_case, const struct pattern **best)
{
        if (!pattern || (pattern->needs_case && !has_case))
                return;
        if (!*best || pattern->weight > (*best)->weight ||
            (pattern->weight == (*best)->weight && length_of(pattern) > length_of(*best)))
                *best = pattern;
}

static const struct pattern *find_pattern(const struct pail_mime *mime, const char *name, bool has_case)
{
        const struct pattern *best = NULL;
        struct pattern *found;
        HASH_FIND_STR(mime->names, name, found);
        prefer_heavier(found, has_case, &best);
        for (const char *dot = strchr(name, '.'); dot; dot = strchr(dot + 1, '.')) {
                HASH_FIND_STR(mime->suffixes, dot + 1, found);
                prefer_heavier(found, has_case, &best);
        }
        for (found = mime->others; found; found = found->other) {
                if (fnmatch(found->text, name, 0) == 0)
                        prefer_heavier(found, has_case, &best);
        }
        return best;
}

const char *pail_mime_type(const struct pail_mime *mime, const char *name)
{
        char lower[NAME_MAX_BYTES];
        const struct pattern *best = find_pattern(mime, name, true);
        if (best || strlen(name) >= sizeof(lower))
                return best ? best->type : PAIL_MIME_UNKNOWN;
        size_t length = 0;
        for (; name[length]; length++)
                lower[length] = (char)tolower((unsigned char)name[length]);
        lower[length] = '\0';
        best = find_pattern(mime, lower, false);
        return best ? best->type : PAIL_MIME_UNKNOWN;
}
