/* SPDX-License-Identifier: Apache-2.0 */
#include "pail/aws/ini_edit.h"

#include "pail/aws/ini.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"

#include "../../support/alloc.h"
#include "../../support/test.h"

static struct pail_buf make(const char *text)
{
        struct pail_buf buf;
        pail_buf_init(&buf, PAIL_INI_MAX_BYTES);
        assert_int_equal(pail_buf_append_string(&buf, text), 0);
        return buf;
}

/* value NULL: removed. */
static void assert_edit(const char *before, const char *section, const char *key, const char *value, const char *after)
{
        _cleanup_buf_ struct pail_buf text = make(before);
        struct pail_error error = PAIL_ERROR_INIT;
        if (pail_ini_edit_set("f", &text, section, key, value, &error) < 0)
                fail_msg("%s", error.message);
        assert_string_equal(text.data, after);
        assert_int_equal(text.length, strlen(after));
}

static void test_set(void **state)
{
        (void)state;
        assert_edit("", "a", "k", "v", "[a]\nk = v\n");
        assert_edit("\n", "a", "k", "v", "\n[a]\nk = v\n");
        assert_edit("# c", "a", "k", "v", "# c\n\n[a]\nk = v\n");
        assert_edit("[b]\nx = y", "a", "k", "v", "[b]\nx = y\n\n[a]\nk = v\n");
        assert_edit("[b]\r\nx = y\r\n", "a", "k", "v", "[b]\r\nx = y\r\n\r\n[a]\r\nk = v\r\n");
        assert_edit("[a]\n", "a", "k", "v", "[a]\nk = v\n");
        assert_edit("[a]", "a", "k", "v", "[a]\nk = v\n");
        assert_edit("[a]\nk=old\n", "a", "k", "v", "[a]\nk=v\n");
        assert_edit("[a]\nK :\told # x", "a", "k", "v", "[a]\nK :\tv");
        assert_edit("[a]\nk =\n[b]\n", "a", "k", "v", "[a]\nk = v\n[b]\n");
        assert_edit("[a]\nk =\n  s = 1\n # kept\n\n  t = 2\nx = y\n", "a", "k", "v", "[a]\nk = v\n # kept\nx = y\n");
        assert_edit("[a]\nk = 1\n 2\n\n\n[b]\n", "a", "k", "v", "[a]\nk = v\n\n\n[b]\n");
        assert_edit("[a]\nx = 1\n 2\n\n[b]\n", "a", "k", "v", "[a]\nx = 1\n 2\nk = v\n\n[b]\n");
        assert_edit("[b]\nk = 1\n[a] tail\nx = 1\n", "a", "k", "v", "[b]\nk = 1\n[a] tail\nx = 1\nk = v\n");
        assert_edit("[DEFAULT]\nk = d\n[a]\nx = 1\n", "a", "k", "v", "[DEFAULT]\nk = d\n[a]\nx = 1\nk = v\n");
        assert_edit("[a]\nk = v\n", "a", "k", "a = b: c # d", "[a]\nk = a = b: c # d\n");
        assert_edit("[profile 'x y']\n", "profile 'x y'", "k", "\xc3\xa9", "[profile 'x y']\nk = \xc3\xa9\n");
}

/* A new key must not swallow what is indented below it. */
static void test_indentation(void **state)
{
        (void)state;
        assert_edit("  [a]\n    x = 1\n  [b]\n", "a", "k", "v", "  [a]\n    x = 1\n    k = v\n  [b]\n");
        assert_edit("[a]\n# c\n\n\t[b]\nx = 1\n", "a", "k", "v", "[a]\n\tk = v\n# c\n\n\t[b]\nx = 1\n");
        assert_edit("[a]\n  x = 1\n", "a", "k", "v", "[a]\n  x = 1\n  k = v\n");
}

static void test_remove(void **state)
{
        (void)state;
        assert_edit("[a]\nk = v\nx = 1\n", "a", "k", NULL, "[a]\nx = 1\n");
        assert_edit("[a]\nk = v\n  # c\n  w\n\nx = 1", "a", "k", NULL, "[a]\n  # c\n\nx = 1");
        assert_edit("[a]\nx = 1\n", "a", "k", NULL, "[a]\nx = 1\n");
        assert_edit("[b]\nk = 1\n", "a", "k", NULL, "[b]\nk = 1\n");
}

static void assert_refused(const char *before, const char *section, const char *key, const char *value,
                           const char *words)
{
        _cleanup_buf_ struct pail_buf text = make(before);
        struct pail_error error = PAIL_ERROR_INIT;
        assert_int_equal(pail_ini_edit_set("the-file", &text, section, key, value, &error), -EINVAL);
        assert_int_equal(error.class, PAIL_ERROR_CONFIG);
        if (!strstr(error.message, words) || !strstr(error.message, "the-file"))
                fail_msg("\"%s\" lacks \"%s\"", error.message, words);
        if (value && strlen(value) > 1 && strstr(error.message, value))
                fail_msg("\"%s\" shows the value", error.message);
        assert_string_equal(text.data, before);
}

static void test_refused(void **state)
{
        (void)state;
        assert_refused("[a]\nk = 1\nk = 2\n", "a", "k", "v", ":3:");
        assert_refused("[a]\nk = 1\n[b]\n[a]\n", "b", "k", "v", ":4:");
        assert_refused("nonsense\n", "a", "k", "v", ":1:");
        assert_refused("", "a", "k", "", "needs a value");
        assert_refused("", "a", "k", "one\ntwo", "one line");
        assert_refused("", "a", "k", "one\rtwo", "one line");
        assert_refused("", "a", "k", "tab\t", "control");
        assert_refused("", "a", "k", "\x7f", "control");
        assert_refused("", "a", "k", "\xff", "UTF-8");
        assert_refused("", "a", "k", " hush", "white space");
        assert_refused("", "a", "k", "hush ", "white space");
        assert_refused("", "a", "", "v", "a key");
        assert_refused("", "a", "K", "v", "a key");
        assert_refused("", "a", "k = x", "v", "a key");
        assert_refused("", "", "k", "v", "a section");
        assert_refused("", "a]b", "k", "v", "a section");
        assert_refused("", "a\nb", "k", "v", "a section");
        assert_refused("", "DEFAULT", "k", "v", "a section");
}

static void test_cap(void **state)
{
        (void)state;
        _cleanup_buf_ struct pail_buf text = PAIL_BUF_INIT(8);
        struct pail_error error = PAIL_ERROR_INIT;
        pail_buf_append_string(&text, "[a]\n");
        assert_int_equal(pail_ini_edit_set("f", &text, "a", "k", "value", &error), -EMSGSIZE);
        assert_string_equal(text.data, "[a]\n");
}

static int edit_once(void *context)
{
        static const char before[] = "[a]\nk = 1\n 2\n[b]\nx = 1\n";
        struct pail_buf *text = context;
        struct pail_error error = PAIL_ERROR_INIT;
        pail_buf_reset(text);
        int result = pail_buf_append_string(text, before);
        if (result == 0)
                result = pail_ini_edit_set("f", text, "a", "k", "v", &error);
        if (result < 0 && text->length > 0)
                assert_string_equal(text->data, before);
        return result;
}

static void test_out_of_memory(void **state)
{
        (void)state;
        _cleanup_buf_ struct pail_buf text = make("");
        assert_in_range(test_alloc_each(edit_once, &text), 5, 100);
}

/*
 * Random files, of which the test knows what each line is; so it can say what the text is to be after an edit, byte for byte.
 */
enum { LINES_MAX = 200, SECTIONS = 4, KEYS = 4 };

struct line {
        char text[64];
        int section, key; /* of which it is the first line, or -1 */
        int value_of;     /* index of the line whose value it continues; -1 */
        bool is_empty_value;
        unsigned indent; /* of headers and keys */
};

struct file {
        struct line lines[LINES_MAX];
        int count;
        const char *eol;
        bool has_bom, ends_with_eol;
        uint64_t seed;
};

static unsigned random_below(struct file *file, unsigned limit)
{
        file->seed = file->seed * 6364136223846793005U + 1442695040888963407U;
        return (unsigned)(file->seed >> 33) % limit;
}

static struct line *add_line(struct file *file)
{
        struct line *line = &file->lines[file->count++];
        assert_true(file->count < LINES_MAX);
        *line = (struct line){ .section = -1, .key = -1, .value_of = -1 };
        return line;
}

static void add_noise(struct file *file)
{
        static const char *const texts[] = { "", "  ", "# comment", "   ; comment = 1", "\t#[x]" };
        while (random_below(file, 3) == 0)
                pail_str_copy(add_line(file)->text, 64, texts[random_below(file, 5)]);
}

static void add_value(struct file *file, int first, unsigned indent, bool is_block)
{
        unsigned more = 1 + random_below(file, 3);
        for (unsigned i = 0; i < more; i++) {
                if (random_below(file, 4) == 0)
                        pail_str_copy(add_line(file)->text, 64, "      # inside");
                if (random_below(file, 4) == 0 && !is_block)
                        add_line(file)->value_of = first;
                struct line *line = add_line(file);
                snprintf(line->text, 64, "%*s%s%u", (int)indent + 1 + (int)random_below(file, 3), "",
                         is_block ? "sub = " : "more", i);
                line->value_of = first;
        }
}

static void add_key(struct file *file, int section, int key, unsigned indent)
{
        static const char *const delimiters[] = { " = ", "=", ": ", " : " };
        unsigned kind = random_below(file, 4);
        int first = file->count;
        struct line *line = add_line(file);
        line->section = section;
        line->key = key;
        line->indent = indent;
        line->is_empty_value = kind >= 2;
        snprintf(line->text, 64, "%*s%s%d%s%s", (int)indent, "", random_below(file, 2) ? "k" : "K", key,
                 kind >= 2 ? " =" : delimiters[random_below(file, 4)], kind >= 2 ? "" : "old value");
        if (kind == 1 || kind == 3)
                add_value(file, first, indent, kind == 3);
}

static void generate(struct file *file)
{
        static const char *const ends[] = { "\n", "\r\n", "\r" };
        unsigned indent = 3;
        file->eol = ends[random_below(file, 3)];
        file->has_bom = random_below(file, 8) == 0;
        file->ends_with_eol = random_below(file, 4) > 0;
        add_noise(file);
        for (int section = 0; section < SECTIONS; section++) {
                if (random_below(file, 4) == 0)
                        continue;
                struct line *line = add_line(file);
                indent = random_below(file, indent + 1);
                line->section = section;
                line->indent = indent;
                snprintf(line->text, 64, "%*s[s%d]%s", (int)indent, "", section, random_below(file, 5) ? "" : " tail");
                add_noise(file);
                bool is_first = true; /* of the section: any depth will do; then it never grows */
                for (int key = 0; key < KEYS; key++) {
                        if (random_below(file, 2))
                                continue;
                        indent = random_below(file, (is_first ? 3 : indent) + 1);
                        add_key(file, section, key, indent);
                        add_noise(file);
                        is_first = false;
                }
        }
        if (file->count == 0)
                pail_str_copy(add_line(file)->text, 64, "# alone");
        if (!file->lines[file->count - 1].text[0])
                file->ends_with_eol = true; /* or it would be no line */
        if (file->count == 1 && !file->ends_with_eol)
                file->eol = ends[0]; /* nothing in the file tells another */
}

static void append_line(const struct file *file, struct pail_buf *text, const char *line, bool has_end)
{
        pail_buf_append_string(text, line);
        if (has_end)
                pail_buf_append_string(text, file->eol);
}

static bool has_end(const struct file *file, int index)
{
        return file->ends_with_eol || index + 1 < file->count;
}

static void print(const struct file *file, struct pail_buf *text)
{
        if (file->has_bom)
                pail_buf_append_string(text, "\xef\xbb\xbf");
        for (int i = 0; i < file->count; i++)
                append_line(file, text, file->lines[i].text, has_end(file, i));
}

/* -1: not there. key -1: the header. */
static int find(const struct file *file, int section, int key)
{
        for (int i = 0; i < file->count; i++)
                if (file->lines[i].section == section && file->lines[i].key == key)
                        return i;
        return -1;
}

static int last_line_of_value(const struct file *file, int first)
{
        int last = first;
        for (int i = first; i < file->count; i++)
                if (file->lines[i].value_of == first)
                        last = i;
        return last;
}

static void expect_replaced(const struct file *file, int at, const char *value, struct pail_buf *text)
{
        for (int i = 0; i < file->count; i++) {
                const struct line *line = &file->lines[i];
                if (line->value_of == at || (i == at && !value))
                        continue;
                if (i != at) {
                        append_line(file, text, line->text, has_end(file, i));
                        continue;
                }
                const char *old = strstr(line->text, "old value");
                pail_buf_append(text, line->text, old ? (size_t)(old - line->text) : strlen(line->text));
                pail_buf_append_string(text, line->is_empty_value ? " " : "");
                append_line(file, text, value, has_end(file, i));
        }
}

static void expect_inserted(const struct file *file, int section, int key, const char *value, struct pail_buf *text)
{
        int header = find(file, section, -1), above = header;
        unsigned indent = 0;
        for (int i = 0; i < KEYS; i++)
                if (find(file, section, i) > above)
                        above = find(file, section, i);
        if (above != header)
                indent = file->lines[above].indent;
        for (int i = header + 1; above == header && i < file->count; i++)
                if (file->lines[i].section >= 0) {
                        indent = file->lines[i].indent;
                        break;
                }
        above = last_line_of_value(file, above);
        for (int i = 0; i < file->count; i++) {
                append_line(file, text, file->lines[i].text, i == above || has_end(file, i));
                if (i == above)
                        pail_buf_printf(text, "%*sk%d = %s%s", (int)indent, "", key, value, file->eol);
        }
}

static void expect_appended(const struct file *file, int section, int key, const char *value, struct pail_buf *text)
{
        const char *last = file->lines[file->count - 1].text;
        bool is_blank = last[strspn(last, " ")] == '\0' && !(file->has_bom && file->count == 1);
        const char *eol = file->eol;
        for (int i = 0; i < file->count; i++)
                append_line(file, text, file->lines[i].text, has_end(file, i));
        pail_buf_printf(text, "%s%s[s%d]%sk%d = %s%s", file->ends_with_eol ? "" : eol, is_blank ? "" : eol, section,
                        eol, key, value, eol);
}

static void expect(const struct file *file, int section, int key, const char *value, struct pail_buf *text)
{
        int at = find(file, section, key);
        if (file->has_bom)
                pail_buf_append_string(text, "\xef\xbb\xbf");
        if (at >= 0)
                expect_replaced(file, at, value, text);
        else if (!value)
                for (int i = 0; i < file->count; i++)
                        append_line(file, text, file->lines[i].text, has_end(file, i));
        else if (find(file, section, -1) >= 0)
                expect_inserted(file, section, key, value, text);
        else
                expect_appended(file, section, key, value, text);
}

/* Every value but the changed one is read as before. */
static void assert_same_values(const char *before, const char *after, int section, int key, const char *value)
{
        struct pail_ini *old, *new;
        struct pail_error error = PAIL_ERROR_INIT;
        assert_int_equal(pail_ini_parse("before", before, strlen(before), &old, &error), 0);
        if (pail_ini_parse("after", after, strlen(after), &new, &error) < 0)
                fail_msg("%s:\n%s", error.message, after);
        for (int i = 0; i < SECTIONS * KEYS; i++) {
                char section_name[16], key_name[16];
                snprintf(section_name, sizeof(section_name), "s%d", i / KEYS);
                snprintf(key_name, sizeof(key_name), "k%d", i % KEYS);
                const char *found = pail_ini_get(new, section_name, NULL, key_name);
                bool is_changed = i == section * KEYS + key;
                const char *expected = is_changed ? value : pail_ini_get(old, section_name, NULL, key_name);
                if (!pail_str_equal(found, expected))
                        fail_msg("%s.%s is \"%s\" in:\n%s\nfrom:\n%s", section_name, key_name, found, after, before);
                const char *sub_before = pail_ini_get(old, section_name, key_name, "sub");
                if (!is_changed && !pail_str_equal(pail_ini_get(new, section_name, key_name, "sub"), sub_before))
                        fail_msg("%s.%s.sub changed in:\n%s", section_name, key_name, after);
        }
        pail_ini_free(old);
        pail_ini_free(new);
}

static void test_random_edits(void **state)
{
        (void)state;
        for (unsigned round = 0; round < 3000; round++) {
                struct file file = { .seed = round };
                char section_name[16], key_name[16];
                _cleanup_buf_ struct pail_buf before = make(""), text = make(""), expected = make("");
                struct pail_error error = PAIL_ERROR_INIT;
                generate(&file);
                print(&file, &before);
                print(&file, &text);
                int section = (int)random_below(&file, SECTIONS), key = (int)random_below(&file, KEYS);
                const char *value = random_below(&file, 5) ? "new = value" : NULL;
                snprintf(section_name, sizeof(section_name), "s%d", section);
                snprintf(key_name, sizeof(key_name), "k%d", key);
                if (pail_ini_edit_set("f", &text, section_name, key_name, value, &error) < 0)
                        fail_msg("round %u: %s in:\n%s", round, error.message, before.data);
                expect(&file, section, key, value, &expected);
                if (!pail_str_equal(text.data, expected.data))
                        fail_msg("round %u: [%s] %s in:\n%s\nis:\n%s\nnot:\n%s", round, section_name, key_name,
                                 before.data, text.data, expected.data);
                assert_same_values(before.data, text.data, section, key, value);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_set),          cmocka_unit_test(test_indentation),
                cmocka_unit_test(test_remove),       cmocka_unit_test(test_refused),
                cmocka_unit_test(test_cap),          cmocka_unit_test(test_out_of_memory),
                cmocka_unit_test(test_random_edits),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
