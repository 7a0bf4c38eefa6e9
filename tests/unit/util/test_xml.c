/* SPDX-License-Identifier: Apache-2.0 */
#include "pail/util/xml.h"

#include <libxml/parser.h>
#include <libxml/xmlmemory.h>
#include <pthread.h>
#include <stdatomic.h>

#include "pail/util/buf.h"
#include "pail/util/str.h"

#include "../support/alloc.h"
#include "../support/test.h"

/* Writes what the handler is told: "<path " at a start, "path=text>" at an end. */
struct record {
        struct pail_buf buf;
        const char *fail_at_start, *fail_at_end; /* the path at which to return error */
        int error;
};

static int on_start(void *context, const char *path)
{
        struct record *record = context;
        pail_buf_printf(&record->buf, "<%s ", path);
        return pail_str_equal(path, record->fail_at_start) ? record->error : record->buf.error;
}

static int on_end(void *context, const char *path, const char *text, size_t length)
{
        struct record *record = context;
        assert_int_equal(strlen(text), length);
        pail_buf_printf(&record->buf, "%s=%s>", path, text);
        return pail_str_equal(path, record->fail_at_end) ? record->error : record->buf.error;
}

static const struct pail_xml_handler handler = { .on_start = on_start, .on_end = on_end };

static int parse(struct record *record, const char *data, size_t length)
{
        pail_buf_reset(&record->buf);
        return pail_xml_parse(data, length, &handler, record);
}

static int setup(void **state)
{
        static struct record record;
        record = (struct record){ 0 };
        pail_buf_init(&record.buf, 1 << 20);
        *state = &record;
        return 0;
}

static int teardown(void **state)
{
        struct record *record = *state;
        pail_buf_done(&record->buf);
        return 0;
}

static void test_documents(void **state)
{
        static const char *const cases[][2] = {
                { "<a/>", "<a a=>" },
                { "<a></a>", "<a a=>" },
                { "<a>text</a>", "<a a=text>" },
                { "<a> t </a>", "<a a= t >" },
                { "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a>1</a>\n", "<a a=1>" },
                { "\xef\xbb\xbf<a>1</a>", "<a a=1>" },
                { "<a><b>1</b><c>2</c></a>", "<a <a/b a/b=1><a/c a/c=2>a=>" },
                { "<a>\n  <b>1</b>\n  <b/>\n</a>", "<a <a/b a/b=1><a/b a/b=>a=>" },
                { "<a>x<b>1</b>y</a>", "<a <a/b a/b=1>a=>" },
                { "<a><b><c>1</c></b></a>", "<a <a/b <a/b/c a/b/c=1>a/b=>a=>" },
                { "<a xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><b>1</b></a>", "<a <a/b a/b=1>a=>" },
                { "<p:a xmlns:p=\"urn:p\"><p:b q=\"7\">1</p:b></p:a>", "<a <a/b a/b=1>a=>" },
                { "<a>&lt;&gt;&amp;&quot;&apos;</a>", "<a a=<>&\"'>" },
                { "<a>&#65;&#x42;&#xe4;</a>", "<a a=AB\xc3\xa4>" },
                { "<a>1<!-- no -->2<?pi x?>3</a>", "<a a=123>" },
                { "<a>1<![CDATA[<&>]]>2</a>", "<a a=1<&>2>" },
                { "<a>l\r\nm\rn</a>", "<a a=l\nm\nn>" },
                { "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>\xe4</a>", "<a a=\xc3\xa4>" },
        };
        struct record *record = *state;
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                assert_int_equal(parse(record, cases[i][0], strlen(cases[i][0])), 0);
                assert_string_equal(record->buf.data, cases[i][1]);
        }
}

static void test_not_documents(void **state)
{
        static const char *const bad[] = {
                "",
                " ",
                "\n\n",
                "x",
                "plain text, no XML",
                "{\"json\": true}",
                "<",
                "<a",
                "<a>",
                "<a><b></b>",
                "<a><b></a></b>",
                "</a>",
                "<a/><b/>",
                "<a/>trailing",
                "<a b=1/>",
                "<a b='1' b='2'/>",
                "<a>&</a>",
                "<a>a & b</a>",
                "<a>&#0;</a>",
                "<a>&#x1;</a>",
                "<a>\x01</a>",
                "<a>\xff\xfe</a>",
                "<a>]]></a>",
                "<a><![CDATA[</a>",
                "<a><!-- </a>",
                "<?xml version=\"1.0\"?>",
                "<?xml version=\"1.0\" encoding=\"no-such-thing\"?><a>\xe4</a>",
                "<html><body><br></body></html>",
                "HTTP/1.1 200 OK\r\n\r\n<a/>",
                "<1a/>",
        };
        struct record *record = *state;
        for (size_t i = 0; i < TEST_COUNT(bad); i++)
                assert_int_equal(parse(record, bad[i], strlen(bad[i])), -EBADMSG);
}

/* Bytes of any other kind, for as many seeds as take a moment: an error, or a document, but never more than that. */
static void test_garbage(void **state)
{
        struct record *record = *state;
        static const char alphabet[] = "<>/&;#x![]-?='\" ab\n\xc3\xa4:";
        uint32_t random = 1;
        for (int round = 0; round < 3000; round++) {
                char data[200];
                for (size_t i = 0; i < sizeof(data); i++) {
                        random = random * 1664525u + 1013904223u;
                        data[i] = alphabet[(random >> 16) % (sizeof(alphabet) - 1)];
                }
                int r = parse(record, data, sizeof(data));
                assert_true(r == -EBADMSG || r == 0);
        }
}

/* Every way to declare or to use an entity. */
static void test_doctype_and_entities(void **state)
{
        static const char *const bad[] = {
                "<!DOCTYPE a><a/>",
                "<!DOCTYPE html><html/>",
                "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>",
                "<!DOCTYPE a PUBLIC \"-//x\" \"http://127.0.0.1:1/x.dtd\"><a/>",
                "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>",
                "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>",
                "<!DOCTYPE a [<!ENTITY % x SYSTEM \"file:///etc/passwd\"> %x;]><a/>",
                "<a>&undeclared;</a>",
                "<a>&nbsp;</a>",
                "<a b=\"&undeclared;\"/>",
                "<a b=\"&#xFFFFFFFF;\"/>",
        };
        struct record *record = *state;
        for (size_t i = 0; i < TEST_COUNT(bad); i++) {
                assert_int_equal(parse(record, bad[i], strlen(bad[i])), -EBADMSG);
                assert_null(strstr(record->buf.data, "=y"));
                assert_null(strstr(record->buf.data, "root"));
        }
}

static void test_billion_laughs(void **state)
{
        struct record *record = *state;
        _cleanup_buf_ struct pail_buf bomb = PAIL_BUF_INIT(10000);
        pail_buf_append_string(&bomb, "<?xml version=\"1.0\"?><!DOCTYPE lolz [<!ENTITY lol0 \"lol\">");
        for (int i = 1; i < 10; i++) {
                pail_buf_printf(&bomb, "<!ENTITY lol%d \"", i);
                for (int j = 0; j < 10; j++)
                        pail_buf_printf(&bomb, "&lol%d;", i - 1);
                pail_buf_append_string(&bomb, "\">");
        }
        assert_int_equal(pail_buf_append_string(&bomb, "]><lolz>&lol9;</lolz>"), 0);
        assert_int_equal(parse(record, bomb.data, bomb.length), -EBADMSG);
        assert_string_equal(record->buf.data, "");
}

static void build_nested(struct pail_buf *target, unsigned depth)
{
        pail_buf_reset(target);
        for (unsigned i = 0; i < depth; i++)
                pail_buf_append_string(target, "<a>");
        for (unsigned i = 0; i < depth; i++)
                pail_buf_append_string(target, "</a>");
        assert_int_equal(target->error, 0);
}

static void test_nesting(void **state)
{
        struct record *record = *state;
        _cleanup_buf_ struct pail_buf document = PAIL_BUF_INIT(1 << 20);
        build_nested(&document, PAIL_XML_MAX_DEPTH);
        assert_int_equal(parse(record, document.data, document.length), 0);
        build_nested(&document, PAIL_XML_MAX_DEPTH + 1);
        assert_int_equal(parse(record, document.data, document.length), -EBADMSG);
        build_nested(&document, 100000);
        assert_int_equal(parse(record, document.data, document.length), -EBADMSG);
}

static void test_text_cap(void **state)
{
        struct record *record = *state;
        _cleanup_buf_ struct pail_buf document = PAIL_BUF_INIT(1 << 20);
        for (int over = 0; over < 2; over++) {
                pail_buf_reset(&document);
                pail_buf_append_string(&document, "<a><b>");
                for (int i = 0; i < PAIL_XML_MAX_TEXT + over; i++)
                        pail_buf_append_char(&document, 't');
                assert_int_equal(pail_buf_append_string(&document, "</b></a>"), 0);
                assert_int_equal(parse(record, document.data, document.length), over ? -EBADMSG : 0);
        }
        assert_string_equal(record->buf.data, "<a <a/b ");
}

static void test_long_names(void **state)
{
        struct record *record = *state;
        _cleanup_buf_ struct pail_buf document = PAIL_BUF_INIT(1 << 20);
        pail_buf_append_char(&document, '<');
        for (int i = 0; i < 20000; i++)
                pail_buf_append_char(&document, 'n');
        assert_int_equal(pail_buf_append_string(&document, "/>"), 0);
        assert_int_equal(parse(record, document.data, document.length), -EBADMSG);
}

static void test_nul_bytes(void **state)
{
        struct record *record = *state;
        assert_int_equal(parse(record, "<a/>\0", 5), -EBADMSG);
        assert_int_equal(parse(record, "<a>\0</a>", 8), -EBADMSG);
        assert_int_equal(parse(record, "\0<a/>", 5), -EBADMSG);
        assert_int_equal(parse(record, "\xff\xfe<\0a\0/\0>\0", 10), -EBADMSG);
}

/* A page of a listing as big as they come, and much bigger: pieces of the parser's input end anywhere in it. */
static void test_long_document(void **state)
{
        struct record *record = *state;
        _cleanup_buf_ struct pail_buf document = PAIL_BUF_INIT(16 << 20);
        _cleanup_buf_ struct pail_buf expected = PAIL_BUF_INIT(16 << 20);
        record->buf.cap = 16 << 20;
        pail_buf_append_string(&document, "<List>\r\n");
        pail_buf_append_string(&expected, "<List ");
        for (int i = 0; i < 40000; i++) {
                pail_buf_printf(&document, "  <Contents><Key>k\xc3\xa4y&amp;%d</Key><Size>%d</Size>\r\n</Contents>\n",
                                i, i);
                pail_buf_printf(&expected,
                                "<List/Contents <List/Contents/Key List/Contents/Key=k\xc3\xa4y&%d>"
                                "<List/Contents/Size List/Contents/Size=%d>List/Contents=>",
                                i, i);
        }
        pail_buf_append_string(&document, "</List>");
        assert_int_equal(pail_buf_append_string(&expected, "List=>"), 0);
        assert_int_equal(parse(record, document.data, document.length), 0);
        assert_int_equal(record->buf.length, expected.length);
        assert_memory_equal(record->buf.data, expected.data, expected.length);
}

/* Wherever the connection broke, the rest of a page is missed, not ignored. */
static void test_truncated_everywhere(void **state)
{
        struct record *record = *state;
        static const char document[] =
                "<?xml version=\"1.0\"?><a x=\"1\"><b>t&amp;x</b><!-- c --><c><![CDATA[d]]></c></a>";
        size_t length = sizeof(document) - 1;
        assert_int_equal(parse(record, document, length), 0);
        for (size_t cut = 0; cut < length; cut++)
                assert_int_equal(parse(record, document, cut), -EBADMSG);
}

static void test_handler_errors_end_the_parse(void **state)
{
        struct record *record = *state;
        static const char document[] = "<a><b>1</b><c>2</c></a>";
        record->error = -EOVERFLOW;
        record->fail_at_start = "a/c";
        assert_int_equal(parse(record, document, strlen(document)), -EOVERFLOW);
        assert_string_equal(record->buf.data, "<a <a/b a/b=1><a/c ");
        record->fail_at_start = NULL;
        record->fail_at_end = "a/b";
        assert_int_equal(parse(record, document, strlen(document)), -EOVERFLOW);
        assert_string_equal(record->buf.data, "<a <a/b a/b=1>");
        /* The error stays the handler's, even if the rest of the document is bad. */
        assert_int_equal(parse(record, "<a><b>1</b><", 12), -EOVERFLOW);
        record->fail_at_end = NULL;

        static const struct pail_xml_handler deaf = { 0 };
        assert_int_equal(pail_xml_parse(document, strlen(document), &deaf, NULL), 0);
}

/* libxml2's own allocations, set before its first use: they are counted apart from ours. */
void *__real_malloc(size_t size);
void *__real_realloc(void *pointer, size_t size);
char *__real_strdup(const char *string);

static atomic_uint library_left;
static atomic_bool library_failed;

static bool library_fails(void)
{
        unsigned left = atomic_load(&library_left);
        while (left > 0 && !atomic_compare_exchange_weak(&library_left, &left, left - 1))
                ;
        if (left == 1)
                library_failed = true;
        return left == 1;
}

static void *library_malloc(size_t size)
{
        return library_fails() ? NULL : __real_malloc(size);
}

static void *library_realloc(void *pointer, size_t size)
{
        return library_fails() ? NULL : __real_realloc(pointer, size);
}

static char *library_strdup(const char *string)
{
        return library_fails() ? NULL : __real_strdup(string);
}

static void test_nothing_is_printed(void **state)
{
        struct record *record = *state;
        FILE *file = tmpfile();
        int saved_out = dup(STDOUT_FILENO), saved_err = dup(STDERR_FILENO);
        fflush(NULL);
        dup2(fileno(file), STDOUT_FILENO);
        dup2(fileno(file), STDERR_FILENO);
        int results = parse(record, "<a><", 4) + parse(record, "<!DOCTYPE a><a/>", 16) + parse(record, "<p:a/>", 6);
        library_left = 1;
        results += parse(record, "<a/>", 4);
        library_left = 0;
        fflush(NULL);
        dup2(saved_out, STDOUT_FILENO);
        dup2(saved_err, STDERR_FILENO);
        close(saved_out);
        close(saved_err);
        fseek(file, 0, SEEK_END);
        assert_int_equal(ftell(file), 0);
        fclose(file);
        assert_int_equal(results, 2 * -EBADMSG + -ENOMEM);
}

static int parse_in_little_memory(void *context)
{
        struct record *record = context;
        pail_buf_done(&record->buf);
        static const char document[] = "<a><b>some text</b></a>";
        return parse(record, document, strlen(document));
}

static void test_out_of_our_memory(void **state)
{
        assert_true(test_alloc_each(parse_in_little_memory, *state) >= 2);
}

/* The library does not say in every case why it failed: any error will do, success of a run that failed will not. */
static void test_out_of_the_library_memory(void **state)
{
        struct record *record = *state;
        static const char document[] = "<a xmlns=\"urn:x\"><b>some text &amp; more</b><c d=\"1\">2</c></a>";
        unsigned number = 1, out_of_memory = 0;
        for (;; number++) {
                library_failed = false;
                library_left = number;
                int r = parse(record, document, strlen(document));
                library_left = 0;
                if (!library_failed)
                        break;
                assert_true(r == 0 || r == -ENOMEM || r == -EBADMSG);
                if (r == 0)
                        assert_string_equal(record->buf.data, "<a <a/b a/b=some text & more><a/c a/c=2>a=>");
                out_of_memory += r == -ENOMEM;
        }
        assert_true(number > 10);
        assert_true(out_of_memory > 5);
}

static void *parse_often(void *argument)
{
        (void)argument;
        void *state = NULL;
        static const char document[] = "<a><b>1</b><c>2</c></a>";
        struct record record = { 0 };
        pail_buf_init(&record.buf, 1000);
        for (int i = 0; i < 300 && !state; i++)
                if (parse(&record, document, strlen(document)) != 0 || parse(&record, "<a>&b;</a>", 10) != -EBADMSG)
                        state = argument;
        pail_buf_done(&record.buf);
        return state;
}

static void test_threads(void **state)
{
        pthread_t threads[4];
        for (size_t i = 0; i < TEST_COUNT(threads); i++)
                assert_int_equal(pthread_create(&threads[i], NULL, parse_often, *state), 0);
        for (size_t i = 0; i < TEST_COUNT(threads); i++) {
                void *failed = NULL;
                pthread_join(threads[i], &failed);
                assert_null(failed);
        }
}

static void test_escape(void **state)
{
        (void)state;
        _cleanup_buf_ struct pail_buf buf = PAIL_BUF_INIT(1000);
        assert_int_equal(pail_xml_escape(&buf, "a<b>&\"c' \xc3\xa4\xf0\x9f\x98\x80"), 0);
        assert_string_equal(buf.data, "a&lt;b&gt;&amp;&quot;c' \xc3\xa4\xf0\x9f\x98\x80");
        pail_buf_reset(&buf);
        assert_int_equal(pail_xml_escape(&buf, "\t\n\r\x7f"), 0);
        assert_string_equal(buf.data, "&#x9;&#xA;&#xD;&#x7F;");
        assert_int_equal(pail_xml_escape(&buf, ""), 0);

        static const char *const bad[] = { "\x01",         "ok\x1f",       "\x0b", "\xef\xbf\xbe",
                                           "\xef\xbf\xbf", "\xed\xa0\x80", "\xff", "a\xc3" };
        pail_buf_reset(&buf);
        pail_buf_append_string(&buf, "before");
        for (size_t i = 0; i < TEST_COUNT(bad); i++) {
                assert_int_equal(pail_xml_escape(&buf, bad[i]), -EINVAL);
                assert_string_equal(buf.data, "before");
        }
        buf.cap = 10;
        assert_int_equal(pail_xml_escape(&buf, "<<"), -EMSGSIZE);
}

/* What escape writes is what parse reads, for every character that XML can carry. */
static void test_escape_round_trip(void **state)
{
        struct record *record = *state;
        char text[200];
        size_t length = 0;
        for (unsigned c = 1; c < 0x80; c++)
                if (c >= 0x20 || c == '\t' || c == '\n' || c == '\r')
                        text[length++] = (char)c;
        text[length] = 0;
        _cleanup_buf_ struct pail_buf document = PAIL_BUF_INIT(10000);
        pail_buf_append_string(&document, "<a>");
        assert_int_equal(pail_xml_escape(&document, text), 0);
        pail_buf_append_string(&document, "</a>");
        assert_int_equal(parse(record, document.data, document.length), 0);
        assert_int_equal(record->buf.length, length + 6);
        assert_memory_equal(record->buf.data + 5, text, length);
}

int main(void)
{
        if (xmlMemSetup(free, library_malloc, library_realloc, library_strdup) != 0)
                return 1;
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_documents, setup, teardown),
                cmocka_unit_test_setup_teardown(test_not_documents, setup, teardown),
                cmocka_unit_test_setup_teardown(test_garbage, setup, teardown),
                cmocka_unit_test_setup_teardown(test_doctype_and_entities, setup, teardown),
                cmocka_unit_test_setup_teardown(test_billion_laughs, setup, teardown),
                cmocka_unit_test_setup_teardown(test_nesting, setup, teardown),
                cmocka_unit_test_setup_teardown(test_text_cap, setup, teardown),
                cmocka_unit_test_setup_teardown(test_long_names, setup, teardown),
                cmocka_unit_test_setup_teardown(test_nul_bytes, setup, teardown),
                cmocka_unit_test_setup_teardown(test_long_document, setup, teardown),
                cmocka_unit_test_setup_teardown(test_truncated_everywhere, setup, teardown),
                cmocka_unit_test_setup_teardown(test_handler_errors_end_the_parse, setup, teardown),
                cmocka_unit_test_setup_teardown(test_nothing_is_printed, setup, teardown),
                cmocka_unit_test_setup_teardown(test_out_of_our_memory, setup, teardown),
                cmocka_unit_test_setup_teardown(test_out_of_the_library_memory, setup, teardown),
                cmocka_unit_test_setup_teardown(test_threads, setup, teardown),
                cmocka_unit_test_setup_teardown(test_escape, setup, teardown),
                cmocka_unit_test_setup_teardown(test_escape_round_trip, setup, teardown),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
