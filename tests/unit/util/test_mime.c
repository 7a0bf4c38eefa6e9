/* SPDX-License-Identifier: Apache-2.0 */
#include "pail/util/mime.h"

#include "../support/test.h"
#include "pail/util/file.h"

static const char globs[] = "# comment\n"
                            "80:text/html:*.html\n"
                            "60:application/x-sharedlib:*.so.[0-9]*\n"
                            "50:application/gzip:*.gz\n"
                            "50:application/x-compressed-tar:*.tar.gz\n"
                            "50:text/x-makefile:makefile\n"
                            "50:text/x-c++src:*.C:cs\n"
                            "50:text/x-csrc:*.c:cs\n"
                            "50:text/x-genie:*.gs:cs\n"
                            "50:image/jpeg:*.jpg\n"
                            "50:video/mp2t:*.ts\n"
                            "50:text/vnd.trolltech.linguist:*.ts\n"
                            "50:text/x-readme:readme.first\n"
                            "10:text/x-readme:readme*\n"
                            "50:bad type:*.bad\n"
                            "50:alsobad:*.worse\n"
                            "x:text/plain:*.wrong\n"
                            "50:text/plain\n"
                            "\n"
                            ":::\n";
static const char types[] = "# comment\n"
                            "text/html\t\t\t\thtml htm shtml\n"
                            "application/x-nothing\n"
                            "image/jpeg jpeg   jpg\n"
                            "not-a-type xyz\n";

static char globs_path[] = "/tmp/pail-globs-XXXXXX", types_path[] = "/tmp/pail-types-XXXXXX";

static int set_up(void **state)
{
        (void)state;
        close(mkstemp(globs_path));
        close(mkstemp(types_path));
        return pail_file_replace(globs_path, globs, strlen(globs)) |
               pail_file_replace(types_path, types, strlen(types));
}

static int tear_down(void **state)
{
        (void)state;
        return unlink(globs_path) | unlink(types_path);
}

static struct pail_mime *load(const char *globs2, const char *mime_types)
{
        struct pail_mime *mime = NULL;
        assert_int_equal(pail_mime_new(globs2, mime_types, &mime), 0);
        return mime;
}

static void test_globs(void **state)
{
        static const struct {
                const char *name, *type;
        } cases[] = {
                { "index.html", "text/html" },
                { "INDEX.HTML", "text/html" },
                { "a.b.html", "text/html" },
                { ".html", "text/html" },
                { "html", PAIL_MIME_UNKNOWN },
                { "a.gz", "application/gzip" },
                { "a.tar.gz", "application/x-compressed-tar" },
                { "a.tar.gz.html", "text/html" },
                { "libx.so.1", "application/x-sharedlib" },
                { "Makefile", "text/x-makefile" },
                { "makefile.old", PAIL_MIME_UNKNOWN },
                { "x.C", "text/x-c++src" },
                { "x.c", "text/x-csrc" },
                { "x.GS", PAIL_MIME_UNKNOWN },
                { "x.gs", "text/x-genie" },
                { "PHOTO.JPG", "image/jpeg" },
                { "x.ts", "video/mp2t" },
                { "README", "text/x-readme" },
                { "readme.html", "text/html" },
                { "readme.first", "text/x-readme" },
                { "a.bad", PAIL_MIME_UNKNOWN },
                { "a.worse", PAIL_MIME_UNKNOWN },
                { "a.wrong", PAIL_MIME_UNKNOWN },
                { "", PAIL_MIME_UNKNOWN },
                { ".", PAIL_MIME_UNKNOWN },
                { "gr\xc3\xbc\xc3\x9f.jpg", "image/jpeg" },
        };
        struct pail_mime *mime = load(globs_path, types_path);
        (void)state;
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                const char *type = pail_mime_type(mime, cases[i].name);
                if (strcmp(type, cases[i].type) != 0)
                        fail_msg("%s is %s, not %s", cases[i].name, type, cases[i].type);
        }
        char name[300];
        memset(name, 'X', sizeof(name));
        memcpy(name + sizeof(name) - 6, ".html", 6);
        assert_string_equal(pail_mime_type(mime, name), "text/html");
        memcpy(name + sizeof(name) - 6, ".HTML", 6); /* longer than any name of a file */
        assert_string_equal(pail_mime_type(mime, name), PAIL_MIME_UNKNOWN);
        pail_mime_free(mime);
}

static void test_mime_types(void **state)
{
        struct pail_mime *mime = load("/nonexistent", types_path);
        (void)state;
        assert_string_equal(pail_mime_type(mime, "a.htm"), "text/html");
        assert_string_equal(pail_mime_type(mime, "a.shtml"), "text/html");
        assert_string_equal(pail_mime_type(mime, "a.JPG"), "image/jpeg");
        assert_string_equal(pail_mime_type(mime, "a.jpeg"), "image/jpeg");
        assert_string_equal(pail_mime_type(mime, "a.xyz"), PAIL_MIME_UNKNOWN);
        pail_mime_free(mime);
}

static void test_nothing(void **state)
{
        struct pail_mime *mime = load("/nonexistent", "/nonexistent");
        (void)state;
        assert_string_equal(pail_mime_type(mime, "a.html"), PAIL_MIME_UNKNOWN);
        pail_mime_free(mime);
        pail_mime_free(NULL);
}

/* What this machine has, whatever that is, can be read. */
static void test_system(void **state)
{
        struct pail_mime *mime = load(PAIL_MIME_GLOBS, PAIL_MIME_TYPES);
        (void)state;
        if (access(PAIL_MIME_GLOBS, R_OK) == 0 || access(PAIL_MIME_TYPES, R_OK) == 0) {
                assert_string_equal(pail_mime_type(mime, "index.html"), "text/html");
                assert_string_equal(pail_mime_type(mime, "a.PNG"), "image/png");
        }
        pail_mime_free(mime);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_globs),
                cmocka_unit_test(test_mime_types),
                cmocka_unit_test(test_nothing),
                cmocka_unit_test(test_system),
        };
        return cmocka_run_group_tests(tests, set_up, tear_down);
}
