/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/config/url.h"

#include "../../support/test.h"
#include "pail/util/buf.h"

static const struct {
        const char *text;
        bool https;
        const char *host; /* as in the Host header */
        const char *path, *query;
} good[] = {
        { "http://h", false, "h", "", NULL },
        { "https://h/", true, "h", "/", NULL },
        { "HTTPS://Host.Example/Path", true, "host.example", "/Path", NULL },
        { "http://h:80/", false, "h", "/", NULL },
        { "https://h:443/", true, "h", "/", NULL },
        { "http://h:443/", false, "h:443", "/", NULL },
        { "https://h:80", true, "h:80", "", NULL },
        { "http://127.0.0.1:7480", false, "127.0.0.1:7480", "", NULL },
        { "http://[::1]:9000/a", false, "[::1]:9000", "/a", NULL },
        { "https://[FE80::1]", true, "[fe80::1]", "", NULL },
        { "http://my_server.local:65535", false, "my_server.local:65535", "", NULL },
        { "http://h?q", false, "h", "", "q" },
        { "http://h/p?", false, "h", "/p", "" },
        { "http://h/p//a%20b/+;=@:!$&'()*,~?a=b/?c&d", false, "h", "/p//a%20b/+;=@:!$&'()*,~", "a=b/?c&d" },
};

static void test_good(void **state)
{
        (void)state;
        for (size_t i = 0; i < TEST_COUNT(good); i++) {
                const char *reason = "";
                struct pail_url url;
                struct pail_buf host;

                if (pail_url_parse(good[i].text, &url, &reason) < 0)
                        fail_msg("%s: %s", good[i].text, reason);
                pail_buf_init(&host, 300);
                assert_int_equal(pail_url_append_host(&host, &url), 0);
                assert_string_equal(host.data, good[i].host);
                pail_buf_done(&host);
                assert_int_equal(url.is_https, good[i].https);
                assert_int_equal(url.path_length, strlen(good[i].path));
                assert_memory_equal(url.path, good[i].path, url.path_length);
                assert_int_equal(!url.query, !good[i].query);
                if (url.query) {
                        assert_int_equal(url.query_length, strlen(good[i].query));
                        assert_memory_equal(url.query, good[i].query, url.query_length);
                }
        }
}

static const char *const bad[] = {
        "",
        "h",
        "h:80",
        "ftp://h",
        "http:/h",
        "http:h",
        "http://",
        "http:///path",
        "http://:80",
        "http://user@h",
        "http://user:secret@h/",
        "http://a b/",
        "http://h\\x/",
        "http://h\r\nX: y/",
        "http://-h/",
        "http://.h/",
        "http://h:",
        "http://h:0",
        "http://h:65536",
        "http://h:123456",
        "http://h:8x",
        "http://h:+8",
        "http://h:80:80",
        "http://[::1",
        "http://::1/",
        "http://[h]/",
        "http://[::1]x/",
        "http://[]/",
        "http://m\xc3\xbcller/",
        "http://h/a b",
        "http://h/\xc3\xbc",
        "http://h/\"",
        "http://h/p#f",
        "http://h#f",
        "http://h/?a b",
        "http://h/?a\nb",
        "http://h/?a#f",
};

static void test_bad(void **state)
{
        (void)state;
        for (size_t i = 0; i < TEST_COUNT(bad); i++) {
                const char *reason = NULL;
                struct pail_url url;

                if (pail_url_parse(bad[i], &url, &reason) == 0)
                        fail_msg("accepted: %s", bad[i]);
                assert_non_null(reason);
                assert_null(strstr(reason, "secret"));
        }
}

static void test_long_host(void **state)
{
        char text[400] = "http://";
        const char *reason;
        struct pail_url url;

        (void)state;
        memset(text + 7, 'a', 253);
        assert_int_equal(pail_url_parse(text, &url, &reason), 0);
        text[7 + 253] = 'a';
        assert_int_equal(pail_url_parse(text, &url, &reason), -EINVAL);
}

static void test_addresses(void **state)
{
        static const char *const yes[] = { "1.2.3.4", "255.255.255.255", "[::1]", "[fe80::1]", "[::ffff:1.2.3.4]" };
        static const char *const no[] = { "",    "1.2.3", "1.2.3.4.5", "256.1.1.1", "a.b.c.d",
                                          "::1", "[]",    "[1.2.3.4]", "h" };

        (void)state;
        for (size_t i = 0; i < TEST_COUNT(yes); i++)
                assert_true(pail_url_host_is_address(yes[i], strlen(yes[i])));
        for (size_t i = 0; i < TEST_COUNT(no); i++)
                assert_false(pail_url_host_is_address(no[i], strlen(no[i])));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_good),
                cmocka_unit_test(test_bad),
                cmocka_unit_test(test_long_host),
                cmocka_unit_test(test_addresses),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
