/* SPDX-License-Identifier: Apache-2.0 */
#include "pail/aws/ini.h"

#include "../../support/alloc.h"
#include "../../support/test.h"
#include "../files.h"

static struct pail_ini *parse(const char *text)
{
        struct pail_error error = PAIL_ERROR_INIT;
        struct pail_ini *ini = NULL;

        if (pail_ini_parse("conf", text, strlen(text), &ini, &error) < 0)
                fail_msg("%s", error.message);
        return ini;
}

/* One value out of a text: section, block (NULL: none), key, and what is expected (NULL: absent). */
static const struct {
        const char *text, *section, *block, *key, *value;
} values[] = {
        { "[a]\nk = v\n", "a", NULL, "k", "v" },
        { "[a]\nk: v\n", "a", NULL, "k", "v" },
        { "[a]\nk=v", "a", NULL, "k", "v" },
        { "[a]\r\nk = v\r\n", "a", NULL, "k", "v" },
        { "[a]\rk = v\r[b]\rk = w\r", "b", NULL, "k", "w" },
        { "\xef\xbb\xbf[a]\nk = v\n", "a", NULL, "k", "v" },
        { "[a]\n\tk \t = \t v v \t\n", "a", NULL, "k", "v v" },
        { "[a]\nKey = Value\n", "a", NULL, "key", "Value" },
        { "[a]\nKey = Value\n", "a", NULL, "Key", NULL },
        { "[a]\nk = a=b:c\n", "a", NULL, "k", "a=b:c" },
        { "[a]\nk = http://host:1/\n", "a", NULL, "k", "http://host:1/" },
        { "[a]\nk : a=b\n", "a", NULL, "k", "a=b" },
        { "[a]\nk = %(other)s ${x}\n", "a", NULL, "k", "%(other)s ${x}" },
        { "[a]\nk = v # no comment ; here\n", "a", NULL, "k", "v # no comment ; here" },
        { "# c\n; c\n  # c\n[a]\n#k = 1\nk = v\n", "a", NULL, "k", "v" },
        { "[a]\nk =\n", "a", NULL, "k", "" },
        { "[a]\nk = \"v\"\n", "a", NULL, "k", "\"v\"" },
        { "[a] ignored\nk = v\n", "a", NULL, "k", "v" },
        { "[a]b]c\nk = v\n", "a]b", NULL, "k", "v" },
        { "[ a ]\nk = v\n", " a ", NULL, "k", "v" },
        { "  [a]\n  k = v\n  j = w\n", "a", NULL, "j", "w" },
        { "[a]\nk = v\n[b]\nk = w\n", "a", NULL, "k", "v" },
        { "[a]\nk = v\n", "b", NULL, "k", NULL },
        { "[a]\nk = v\n", "a", NULL, "j", NULL },
        { "[A]\nk = v\n", "a", NULL, "k", NULL },
        /* values over several lines */
        { "[a]\nk = one\n two\n\tthree\nj = w\n", "a", NULL, "k", "one\ntwo\nthree" },
        { "[a]\nk = one\n two\n\tthree\nj = w\n", "a", NULL, "j", "w" },
        { "[a]\nk = one\n\n two\n\n\nj = w\n", "a", NULL, "k", "one\n\ntwo" },
        { "[a]\nk = one\n # comment\n two\n", "a", NULL, "k", "one\ntwo" },
        { "[a]\nk = one\n [b]\nj = w\n", "a", NULL, "k", "one\n[b]" },
        { "[a]\n  k = one\n j = w\n", "a", NULL, "j", "w" },
        { "[a]\n  k = one\n  j = w\n", "a", NULL, "k", "one" },
        /* blocks */
        { "[a]\ns3 =\n  x = 1\n  y = 2\nk = v\n", "a", "s3", "x", "1" },
        { "[a]\ns3 =\n  x = 1\n  y = 2\nk = v\n", "a", "s3", "y", "2" },
        { "[a]\ns3 =\n  x = 1\n  y = 2\nk = v\n", "a", NULL, "k", "v" },
        { "[a]\ns3 =\n  x = 1\n", "a", NULL, "s3", NULL },
        { "[a]\ns3 =\n  x = 1\n", "a", NULL, "x", NULL },
        { "[a]\ns3 =\n  x = 1\n", "a", "s4", "x", NULL },
        { "[a]\ns3 = v\n", "a", "s3", "x", NULL },
        { "[a]\ns3 =\n\n  x = 1\n\n  y = 2\n", "a", "s3", "y", "2" },
        { "[a]\ns3 =\n  # c\n  x = 1=2:3\n", "a", "s3", "x", "1=2:3" },
        { "[a]\ns3 =\n  x = 1\n   x = 2\n", "a", "s3", "x", "2" },
        { "[a]\ns3 =\n  X = 1\n", "a", "s3", "X", "1" },
        { "[a]\ns3 =\n  X:Y = 1\n", "a", "s3", "X:Y", "1" },
        { "[a]\ns3:\n  x =\n", "a", "s3", "x", "" },
        /* [DEFAULT] is seen everywhere */
        { "[a]\nk = v\n[DEFAULT]\nd = 1\n", "a", NULL, "d", "1" },
        { "[DEFAULT]\nk = 1\n[a]\nk = v\n", "a", NULL, "k", "v" },
        { "[DEFAULT]\nk = 1\n[DEFAULT]\nj = 2\n[a]\n", "a", NULL, "j", "2" },
        { "[DEFAULT]\nk = 1\n", "DEFAULT", NULL, "k", NULL },
        { "[DEFAULT]\nk = 1\n", "a", NULL, "k", NULL },
};

static void test_values(void **state)
{
        (void)state;
        for (size_t i = 0; i < TEST_COUNT(values); i++) {
                struct pail_ini *ini = parse(values[i].text);
                const char *value = pail_ini_get(ini, values[i].section, values[i].block, values[i].key);

                if (!value != !values[i].value || (value && strcmp(value, values[i].value) != 0))
                        fail_msg("case %zu: \"%s\" where \"%s\" is expected", i, value, values[i].value);
                pail_ini_free(ini);
        }
}

static const struct {
        const char *text, *message;
} errors[] = {
        { "k = v\n", "conf:1: a line before the first [section]" },
        { "# c\n\n k = v\n", "conf:3: a line before the first [section]" },
        { "[]\n", "conf:1: a line before the first [section]" },
        { "[a]\nsecret\n", "conf:2: neither a [section] nor a key with \"=\" and a value" },
        { "[a]\nk = v\n[b\n", "conf:3: neither a [section] nor a key with \"=\" and a value" },
        { "[a]\n = v\n", "conf:2: no key before the \"=\"" },
        { "[a]\n[b]\n[a]\n", "conf:3: section [a] is there already, at line 1" },
        { "[a]\nk = v\n\nK = w\n", "conf:4: key \"k\" is there already in section [a], at line 2" },
        { "[DEFAULT]\nk = v\n[DEFAULT]\nk = v\n",
          "conf:4: key \"k\" is there already in section [DEFAULT], at line 2" },
        { "[a]\r\ns3 =\r\n  x = 1\r\n  secret\r\n", "conf:4: a line without \"=\" in the block of \"s3\" (line 2)" },
        { "[a]\ns3 =\n  secret: 1\n", "conf:3: a line without \"=\" in the block of \"s3\" (line 2)" },
        { "[a]\nk = \xff\n", "conf: not UTF-8 text" },
};

static void test_errors(void **state)
{
        (void)state;
        for (size_t i = 0; i < TEST_COUNT(errors); i++) {
                struct pail_error error = PAIL_ERROR_INIT;
                struct pail_ini *ini = (struct pail_ini *)state;

                assert_int_equal(pail_ini_parse("conf", errors[i].text, strlen(errors[i].text), &ini, &error), -EINVAL);
                assert_ptr_equal(ini, state);
                assert_int_equal(error.class, PAIL_ERROR_CONFIG);
                assert_string_equal(error.message, errors[i].message);
                assert_null(strstr(error.message, "secret"));
        }
}

static void test_nul(void **state)
{
        (void)state;
        struct pail_error error = PAIL_ERROR_INIT;
        struct pail_ini *ini;

        assert_int_equal(pail_ini_parse("conf", "[a]\0\n", 5, &ini, &error), -EINVAL);
        assert_string_equal(error.message, "conf: not a text file (it has a NUL byte)");
}

static void test_sections(void **state)
{
        (void)state;
        struct pail_ini *ini = parse("[b]\ns3 =\n  x = 1\n[DEFAULT]\nd = 1\n[a]\n[c]\n");

        assert_int_equal(pail_ini_section_count(ini), 3);
        assert_string_equal(pail_ini_section_name(ini, 0), "b");
        assert_string_equal(pail_ini_section_name(ini, 1), "a");
        assert_string_equal(pail_ini_section_name(ini, 2), "c");
        assert_null(pail_ini_section_name(ini, 3));
        assert_true(pail_ini_has_section(ini, "a"));
        assert_false(pail_ini_has_section(ini, "d"));
        assert_false(pail_ini_has_section(ini, "DEFAULT"));
        assert_true(pail_ini_has_key(ini, "b", "s3"));
        assert_true(pail_ini_has_key(ini, "b", "d"));
        assert_false(pail_ini_has_key(ini, "b", "x"));
        assert_false(pail_ini_has_key(ini, "z", "d"));
        pail_ini_free(ini);
        pail_ini_free(NULL);

        ini = parse("");
        assert_int_equal(pail_ini_section_count(ini), 0);
        pail_ini_free(ini);
}

static void test_many(void **state)
{
        (void)state;
        size_t size = 1024 * 1024, length = 0;
        char *text = malloc(size);
        char name[32];

        for (unsigned i = 0; i < 5000; i++)
                length += (size_t)snprintf(text + length, size - length, "[profile p%u]\nregion = r%u\nlong =%s", i, i,
                                           i == 0 ? " x\n" : "\n");
        for (unsigned i = 0; i < 20000; i++)
                length += (size_t)snprintf(text + length, size - length, "  k%u = v\n", i);
        struct pail_ini *ini = parse(text);
        assert_int_equal(pail_ini_section_count(ini), 5000);
        snprintf(name, sizeof(name), "profile p%u", 4321);
        assert_string_equal(pail_ini_get(ini, name, NULL, "region"), "r4321");
        assert_string_equal(pail_ini_get(ini, "profile p4999", "long", "k19999"), "v");
        pail_ini_free(ini);
        free(text);
}

static void test_load(void **state)
{
        struct pail_error error = PAIL_ERROR_INIT;
        struct pail_ini *ini = NULL;
        char expected[4200];

        assert_int_equal(pail_ini_load(test_files_write(state, "good", "[a]\nk = v\n"), &ini, &error), 0);
        assert_string_equal(pail_ini_get(ini, "a", NULL, "k"), "v");
        pail_ini_free(ini);

        const char *bad = test_files_write(state, "bad", "[a]\nk = v\nk = w\n");
        assert_int_equal(pail_ini_load(bad, &ini, &error), -EINVAL);
        snprintf(expected, sizeof(expected), "%s:3: key \"k\" is there already in section [a], at line 2", bad);
        assert_string_equal(error.message, expected);

        const char *missing = test_files_path(state, "missing");
        assert_int_equal(pail_ini_load(missing, &ini, &error), -ENOENT);
        snprintf(expected, sizeof(expected), "%s does not exist", missing);
        assert_string_equal(error.message, expected);
        assert_int_equal(pail_ini_load(test_files_path(state, "good/under"), &ini, &error), -ENOENT);

        assert_true(pail_ini_load(*state, &ini, &error) < 0);
        assert_int_equal(error.class, PAIL_ERROR_CONFIG);
        assert_non_null(strstr(error.message, " cannot be read: "));
}

static void test_too_large(void **state)
{
        const char *path = test_files_write(state, "large", "");
        struct pail_error error = PAIL_ERROR_INIT;
        struct pail_ini *ini;

        assert_int_equal(truncate(path, PAIL_INI_MAX_BYTES + 1), 0);
        assert_int_equal(pail_ini_load(path, &ini, &error), -EMSGSIZE);
        assert_int_equal(error.class, PAIL_ERROR_CONFIG);
        assert_non_null(strstr(error.message, " is larger than 4 MiB"));
}

static int parse_once(void *context)
{
        static const char text[] = "[a]\nk = v\n w\ns3 =\n  x = 1\n  y = 2\n[b]\nk = v\n[DEFAULT]\nd = 1\n";
        struct pail_error error = PAIL_ERROR_INIT;
        struct pail_ini *ini = NULL;
        int r = pail_ini_parse("conf", text, strlen(text), &ini, &error);

        (void)context;
        if (r < 0)
                assert_int_equal(error.class, PAIL_ERROR_SYSTEM);
        else
                assert_string_equal(pail_ini_get(ini, "a", "s3", "y"), "2");
        pail_ini_free(ini);
        return r;
}

static void test_out_of_memory(void **state)
{
        (void)state;
        assert_true(test_alloc_each(parse_once, NULL) > 20);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_values),
                cmocka_unit_test(test_errors),
                cmocka_unit_test(test_nul),
                cmocka_unit_test(test_sections),
                cmocka_unit_test(test_many),
                cmocka_unit_test_setup_teardown(test_load, test_files_setup, test_files_teardown),
                cmocka_unit_test_setup_teardown(test_too_large, test_files_setup, test_files_teardown),
                cmocka_unit_test(test_out_of_memory),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
