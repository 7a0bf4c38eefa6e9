/* SPDX-License-Identifier: Apache-2.0 */
#include "pail/daemon/proxy.h"

#include "pail/util/cleanup.h"
#include "pail/util/str.h"

#include "../../support/test.h"

static const char *const variables[] = { "http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY",
                                         "all_proxy",  "ALL_PROXY",  "no_proxy",    "NO_PROXY" };

static int clear(void **state)
{
        (void)state;
        for (size_t i = 0; i < TEST_COUNT(variables); i++)
                unsetenv(variables[i]);
        return 0;
}

/* words NULL: none. */
static void assert_proxy(bool https, const char *host, const char *words)
{
        _cleanup_free_ char *found = NULL;
        assert_int_equal(pail_proxy_find(https, host, &found), 0);
        if (!pail_str_equal(found, words))
                fail_msg("%s: %s", host, found ? found : "none");
}

static void test_variables(void **state)
{
        (void)state;
        assert_proxy(true, "s3.example.org", NULL);
        setenv("all_proxy", "socks5://a:1", 1);
        assert_proxy(true, "s3.example.org", "all_proxy (socks5://a:1)");
        assert_proxy(false, "s3.example.org", "all_proxy (socks5://a:1)");
        setenv("HTTP_PROXY", "http://h:1", 1); /* which curl does not look at */
        assert_proxy(false, "s3.example.org", "all_proxy (socks5://a:1)");
        setenv("http_proxy", "h:2", 1);
        assert_proxy(false, "s3.example.org", "http_proxy (h:2)");
        setenv("HTTPS_PROXY", "http://s:3", 1);
        assert_proxy(true, "s3.example.org", "HTTPS_PROXY (http://s:3)");
        setenv("https_proxy", "", 1);
        assert_proxy(true, "s3.example.org", "HTTPS_PROXY (http://s:3)");
        setenv("https_proxy", "http://user:hush@s:4/", 1);
        assert_proxy(true, "s3.example.org", "https_proxy (http://s:4/)");
        setenv("https_proxy", "user:hu@sh@s:4", 1);
        assert_proxy(true, "s3.example.org", "https_proxy (s:4)");
}

static void assert_excepted(const char *list, const char *host, bool is_excepted)
{
        setenv("no_proxy", list, 1);
        assert_proxy(true, host, is_excepted ? NULL : "https_proxy (http://p:1)");
}

static void test_exceptions(void **state)
{
        (void)state;
        setenv("https_proxy", "http://p:1", 1);
        assert_excepted("*", "s3.example.org", true);
        assert_excepted("example.org", "s3.example.org", true);
        assert_excepted(".example.org", "s3.example.org:443", true);
        assert_excepted("EXAMPLE.org", "example.org", true);
        assert_excepted("a, b ,example.org,c", "s3.example.org", true);
        assert_excepted("ample.org", "s3.example.org", false);
        assert_excepted("s3.example.org.", "s3.example.org", false);
        assert_excepted("", "s3.example.org", false);
        assert_excepted(",,", "s3.example.org", false);
        assert_excepted("127.0.0.1", "127.0.0.1:9000", true);
        assert_excepted("127.0.0.0/8", "127.1.2.3", true);
        assert_excepted("127.0.0.0/9", "127.200.2.3", false);
        assert_excepted("10.0.0.0/33", "10.0.0.1", false);
        assert_excepted("0.0.0.0/0", "10.0.0.1", true);
        assert_excepted("fd00::/8", "[fd00::1]:9000", true);
        assert_excepted("fd00::/8", "[fe80::1]", false);
        unsetenv("no_proxy");
        setenv("NO_PROXY", "example.org", 1);
        assert_proxy(true, "s3.example.org", NULL);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup(test_variables, clear),
                cmocka_unit_test_setup(test_exceptions, clear),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
