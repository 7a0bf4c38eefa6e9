/* SPDX-License-Identifier: Apache-2.0 */
#include "pail/util/clock.h"

#include "../support/test.h"

static int64_t wall_ms(void)
{
        struct timespec now = pail_clock_now();
        assert_true(now.tv_nsec >= 0 && now.tv_nsec < 1000000000);
        return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void test_advance(void **state)
{
        (void)state;
        static const int64_t steps_ms[] = { 3600 * 1000, 86400 * 1000 - 1, -1800 * 1000 - 999,
                                            -20 * INT64_C(86400000) };
        for (size_t i = 0; i < TEST_COUNT(steps_ms); i++) {
                int64_t monotonic = pail_clock_monotonic_ms(), wall = wall_ms();
                pail_clock_test_advance(steps_ms[i]);
                /* The margin is the time that the test itself takes, on a busy machine. */
                assert_in_range(pail_clock_monotonic_ms() - monotonic - steps_ms[i] + 1, 0, 60000);
                assert_in_range(wall_ms() - wall - steps_ms[i] + 1, 0, 60000);
                for (int j = 0; j < 1000; j++) { /* seconds carry, both ways */
                        pail_clock_test_advance(1);
                        wall_ms();
                }
        }
}

static void test_format_amz(void **state)
{
        (void)state;
        static const struct {
                time_t time;
                const char *text;
        } cases[] = {
                { 1369353600, "20130524T000000Z" },   { 0, "19700101T000000Z" },
                { 951782399, "20000228T235959Z" },    { 951782400, "20000229T000000Z" },
                { -1, "19700101T000000Z" },           { INT64_MIN, "19700101T000000Z" },
                { 253402300799, "99991231T235959Z" }, { INT64_MAX, "99991231T235959Z" },
        };
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                char text[17];
                pail_clock_format_amz(cases[i].time, text);
                assert_string_equal(text, cases[i].text);
        }
}

static void test_iso8601(void **state)
{
        (void)state;
        static const struct {
                const char *text;
                time_t seconds;
                long ns;
        } cases[] = {
                { "2009-10-12T17:50:30.000Z", 1255369830, 0 },
                { "2009-10-12T17:50:30Z", 1255369830, 0 },
                { "2009-10-12T17:50:30.5Z", 1255369830, 500000000 },
                { "2009-10-12T17:50:30.123456789Z", 1255369830, 123456789 },
                { "2009-10-12T17:50:30.123456789999Z", 1255369830, 123456789 },
                { "2009-10-12T19:50:30+02:00", 1255369830, 0 },
                { "2009-10-12T12:20:30-05:30", 1255369830, 0 },
                { "1969-12-31T23:59:59Z", -1, 0 },
                { "2000-02-29T00:00:00Z", 951782400, 0 },
                { "2016-12-31T23:59:60Z", 1483228800, 0 }, /* a leap second */
                { "0001-01-01T00:00:00Z", -62135596800, 0 },
        };
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                struct timespec time = { 0 };
                assert_int_equal(pail_clock_parse_iso8601(cases[i].text, &time), 0);
                assert_true(time.tv_sec == cases[i].seconds);
                assert_int_equal(time.tv_nsec, cases[i].ns);
        }
}

static void test_iso8601_malformed(void **state)
{
        (void)state;
        static const char *const bad[] = {
                "",
                "2009",
                "2009-10-12",
                "2009-10-12T17:50:30",
                "2009-10-12 17:50:30Z",
                "2009-10-12T17:50:30.Z",
                "2009-10-12T17:50:30.1",
                "2009-10-12T17:50:30Zx",
                " 2009-10-12T17:50:30Z",
                "2009-1-12T17:50:30Z",
                "2009-13-12T17:50:30Z",
                "2009-00-12T17:50:30Z",
                "2009-10-00T17:50:30Z",
                "2009-10-32T17:50:30Z",
                "2009-02-29T17:50:30Z",
                "1900-02-29T17:50:30Z",
                "2009-04-31T17:50:30Z",
                "2009-10-12T24:50:30Z",
                "2009-10-12T17:60:30Z",
                "2009-10-12T17:50:61Z",
                "2009-10-12T-7:50:30Z",
                "2009-10-12T17:50:30+2:00",
                "2009-10-12T17:50:30+24:00",
                "2009-10-12T17:50:30+02:60",
                "99999-10-12T17:50:30Z",
        };
        for (size_t i = 0; i < TEST_COUNT(bad); i++) {
                struct timespec time = { .tv_sec = 42, .tv_nsec = 43 };
                assert_int_equal(pail_clock_parse_iso8601(bad[i], &time), -EINVAL);
                assert_true(time.tv_sec == 42 && time.tv_nsec == 43);
        }
}

static void test_lenient(void **state)
{
        (void)state;
        static const char *const good[] = {
                "2009-10-12T17:50:30Z",
                "2009-10-12T17:50:30.25Z",
                "2009-10-12 17:50:30Z",
                "2009-10-12T17:50:30UTC",
                "2009-10-12T17:50:30 UTC",
                "2009-10-12 17:50:30 UTC",
                "2009-10-12T17:50:30 GMT",
                "2009-10-12T19:50:30+0200",
                "2009-10-12T19:50:30+02:00",
                "2009-10-12T19:50:30+02",
                "2009-10-12 12:20:30 -0530",
                "2009-10-12 17:50:30.123456+00:00",
                "20091012T175030Z",
                "20091012T175030.5Z",
                "20091012T195030+0200",
                "Mon, 12 Oct 2009 17:50:30 GMT",
                "Mon, 12 Oct 2009 17:50:30 UTC",
                "Mon, 12 Oct 2009 19:50:30 +0200",
        };
        static const char *const bad[] = {
                "",
                "soon",
                "2009-10-12",
                "2009-10-12T17:50:30",
                "20091012T175030",
                "2009-10-12T175030Z",
                "20091012T17:50:30Z",
                "200910-12T175030Z",
                "2009-10-12T17:50:30 EST",
                "2009-10-12T17:50:30  UTC",
                "2009-10-12T17:50:30UTC+1",
                "2009-10-12T17:50:30+2",
                "2009-10-12T17:50:30+020",
                "2009-10-12T17:50:30+02:",
                "2009-10-12T17:50:30+2400",
                "2009-10-12T17:50:30+0260",
                "2009-02-30T17:50:30Z",
                "20090230T175030Z",
                "Mon, 12 Oct 2009 17:50:30",
                "Mon 12 Oct 2009 17:50:30 GMT",
                "1255369830",
                " 2009-10-12T17:50:30Z",
        };
        for (size_t i = 0; i < TEST_COUNT(good); i++) {
                struct timespec time = { 0 };
                if (pail_clock_parse_lenient(good[i], &time) != 0 || time.tv_sec != 1255369830)
                        fail_msg("%s: %lld", good[i], (long long)time.tv_sec);
        }
        for (size_t i = 0; i < TEST_COUNT(bad); i++) {
                struct timespec time = { .tv_sec = 42, .tv_nsec = 43 };
                if (pail_clock_parse_lenient(bad[i], &time) != -EINVAL || time.tv_sec != 42 || time.tv_nsec != 43)
                        fail_msg("%s", bad[i]);
        }
}

static void test_http(void **state)
{
        (void)state;
        static const char *const good[] = {
                "Sun, 06 Nov 1994 08:49:37 GMT",
                "Sunday, 06-Nov-94 08:49:37 GMT",
                "Sun Nov  6 08:49:37 1994",
                "Sun Nov 06 08:49:37 1994",
        };
        for (size_t i = 0; i < TEST_COUNT(good); i++) {
                time_t time = 0;
                assert_int_equal(pail_clock_parse_http(good[i], &time), 0);
                assert_true(time == 784111777);
        }
        /* Two digits of a year: not more than 50 years ahead. */
        time_t time = 0;
        assert_int_equal(pail_clock_parse_http("Thursday, 01-Jan-70 00:00:00 GMT", &time), 0);
        assert_true(time == 0 || time == 3155760000);
        assert_int_equal(pail_clock_parse_http("Saturday, 01-Jan-00 00:00:00 GMT", &time), 0);
        assert_true(time == 946684800 || time == 4102444800);
}

static void test_http_malformed(void **state)
{
        (void)state;
        static const char *const bad[] = {
                "",
                "Sun",
                "Sun, 06 Nov 1994 08:49:37",
                "Sun, 06 Nov 1994 08:49:37 CET",
                "Sun, 06 Nov 1994 08:49:37 GMT ",
                "Sun, 6 Nov 1994 08:49:37 GMT",
                "Sun, 31 Feb 1994 08:49:37 GMT",
                "Sun, 06 nov 1994 08:49:37 GMT",
                "Xyz, 06 Nov 1994 08:49:37 GMT",
                "Sun, 06 Nov 94 08:49:37 GMT",
                "Sunday, 06-Nov-1994 08:49:37 GMT",
                "Sun, 06-Nov-94 08:49:37 GMT",
                "Sun Nov 31 08:49:37 1994",
                "Sun Nov  6 08:49:37 94",
                "784111777",
        };
        for (size_t i = 0; i < TEST_COUNT(bad); i++) {
                time_t time = 42;
                assert_int_equal(pail_clock_parse_http(bad[i], &time), -EINVAL);
                assert_true(time == 42);
        }
}

/* Every day of 800 years, there and back through the system's own calendar. */
static void test_every_day(void **state)
{
        (void)state;
        for (time_t day = -135140; day < 157054; day++) {
                time_t seconds = day * 86400 + 3661;
                struct tm fields;
                gmtime_r(&seconds, &fields);
                char text[64];
                strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &fields);
                struct timespec time;
                assert_int_equal(pail_clock_parse_iso8601(text, &time), 0);
                assert_true(time.tv_sec == seconds);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_advance),           cmocka_unit_test(test_format_amz),
                cmocka_unit_test(test_iso8601),           cmocka_unit_test(test_lenient),
                cmocka_unit_test(test_iso8601_malformed), cmocka_unit_test(test_http),
                cmocka_unit_test(test_http_malformed),    cmocka_unit_test(test_every_day),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
