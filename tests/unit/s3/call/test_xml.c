/* SPDX-License-Identifier: Apache-2.0 */
/* Small answers, root elements, and XML with characters that it does not allow. */
#include "../../support/test.h"
#include "pail/util/buf.h"
#include "pail/util/cleanup.h"
#include "s3/call/xml_fields.h"
#include "s3/call/xml_lenient.h"
#include "s3/ops/acl.h"

static void assert_root(const char *document, const char *expected)
{
        char root[16];
        pail_s3_xml_root(document, strlen(document), root, sizeof(root));
        assert_string_equal(root, expected);
}

static void test_root(void **state)
{
        (void)state;
        assert_root("<A/>", "A");
        assert_root("<?xml version=\"1.0\"?>\n<A xmlns=\"x\">", "A");
        assert_root("\xEF\xBB\xBF<?xml version=\"1.0\"?><!-- <B> --><A>", "A");
        assert_root("  \r\n\t<ns:A>", "A");
        assert_root("<!DOCTYPE html><html>", "!DOCTYPE");
        assert_root("<html", "html");
        assert_root("", "");
        assert_root("   ", "");
        assert_root("{\"a\":1}", "");
        assert_root("<?xml", "");
        assert_root("<!--", "");
        assert_root("<averyveryverylongname/>", "averyveryverylo");
}

static void test_fields(void **state)
{
        (void)state;
        static const char document[] = "<R><A>1</A><B><A>2</A></B><A>3</A><C></C></R>";
        _cleanup_free_ char *a = NULL;
        _cleanup_free_ char *ba = NULL;
        _cleanup_free_ char *c = NULL;
        _cleanup_free_ char *d = NULL;
        const struct pail_s3_field fields[] = { { "R/A", &a }, { "R/B/A", &ba }, { "R/C", &c }, { "R/D", &d } };
        assert_int_equal(pail_s3_parse_fields(document, strlen(document), fields, 4), 0);
        assert_string_equal(a, "1");
        assert_string_equal(ba, "2");
        assert_string_equal(c, "");
        assert_null(d);
        assert_int_equal(pail_s3_parse_fields(document, 20, fields, 4), -EBADMSG);
}

static int collect(void *context, const char *path, const char *text, size_t length)
{
        (void)path;
        return pail_buf_append(context, text, length);
}

static void assert_text(const char *document, const char *expected, size_t length)
{
        static const struct pail_xml_handler handler = { .on_end = collect };
        _cleanup_buf_ struct pail_buf text = PAIL_BUF_INIT(1000);
        assert_int_equal(pail_s3_xml_parse(document, strlen(document), &handler, &text), 0);
        assert_int_equal(text.length, length);
        assert_memory_equal(text.data, expected, length);
}

static void test_forbidden_characters(void **state)
{
        (void)state;
        assert_text("<R>bell&#x07;</R>", "bell\x07", 5);
        assert_text("<R>&#7;&#x7;&#x1F;&#31;\x01\x1b</R>", "\x07\x07\x1f\x1f\x01\x1b", 6);
        assert_text("<R>&#x0;x</R>", "\0x", 2);
        assert_text("<R>&#9;&#xA;&#13; &#x07;</R>", "\t\n\r \x07", 5);
        assert_text("<R>\xEF\xB7\xB2&lt;&#x20;&#65;</R>", "\xEF\xB7\xB2< A", 6);
        assert_text("<R>\xC3\xBC&#x1;&amp;</R>", "\xC3\xBC\x01&", 4);
}

static void test_still_an_error(void **state)
{
        (void)state;
        static const struct pail_xml_handler handler = { .on_end = collect };
        static const char *const bad[] = { "<R>&#x7</R>",
                                           "<R>&#x;</R>",
                                           "<R>&#xG;</R>",
                                           "<R>&#x110000;</R>",
                                           "<R>&#",
                                           "<R>\x01",
                                           "\x01",
                                           "&#1;",
                                           "<R>&e;</R>",
                                           "<\x01R></R>",
                                           "<!DOCTYPE x [<!ENTITY e \"e\">]><R>\x01&e;</R>" };
        for (size_t i = 0; i < TEST_COUNT(bad); i++) {
                _cleanup_buf_ struct pail_buf text = PAIL_BUF_INIT(1000);
                assert_int_equal(pail_s3_xml_parse(bad[i], strlen(bad[i]), &handler, &text), -EBADMSG);
        }
}

#define OWNER "<Owner><ID>me</ID></Owner>"
#define GRANT(grantee, permission)                                                                                     \
        "<Grant><Grantee>" grantee "</Grantee><Permission>" permission "</Permission></Grant>"
#define POLICY(owner, grants)                                                                                          \
        "<AccessControlPolicy>" owner "<AccessControlList>" grants "</AccessControlList></AccessControlPolicy>"

static void test_default_acl(void **state)
{
        (void)state;
        assert_true(pail_s3_acl_is_default(POLICY(OWNER, GRANT("<ID>me</ID>", "FULL_CONTROL"))));
        assert_false(pail_s3_acl_is_default(POLICY(OWNER, GRANT("<ID>me</ID>", "READ"))));
        assert_false(pail_s3_acl_is_default(POLICY(OWNER, GRANT("<ID>you</ID>", "FULL_CONTROL"))));
        assert_false(pail_s3_acl_is_default(POLICY(OWNER, GRANT("<URI>all</URI>", "FULL_CONTROL"))));
        assert_false(pail_s3_acl_is_default(
                POLICY(OWNER, GRANT("<URI>all</URI>", "READ") GRANT("<ID>me</ID>", "FULL_CONTROL"))));
        assert_false(pail_s3_acl_is_default(POLICY(OWNER, "")));
        assert_false(pail_s3_acl_is_default(POLICY("", GRANT("<ID></ID>", "FULL_CONTROL"))));
        assert_false(pail_s3_acl_is_default("no XML"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_root),
                cmocka_unit_test(test_fields),
                cmocka_unit_test(test_forbidden_characters),
                cmocka_unit_test(test_still_an_error),
                cmocka_unit_test(test_default_acl),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
