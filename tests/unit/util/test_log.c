/* SPDX-License-Identifier: Apache-2.0 */
/* syslog(3) is redirected by the linker, because its socket has a fixed path that tests may not have. */
#include "pail/util/log.h"

#include <fcntl.h>
#include <pthread.h>
#include <syslog.h>

#include "pail/util/str.h"

#include "../support/test.h"

static struct {
        char ident[64];
        char line[8192];
        int priority;
        unsigned lines;
} journal;

void __wrap_openlog(const char *ident, int option, int facility);
void __wrap_closelog(void);
void __wrap_syslog(int priority, const char *format, ...) __attribute__((format(printf, 2, 3)));
void __wrap___syslog_chk(int priority, int flag, const char *format, ...) __attribute__((format(printf, 3, 4)));

void __wrap_openlog(const char *ident, int option, int facility)
{
        (void)option;
        assert_int_equal(facility, LOG_DAEMON);
        pail_str_copy(journal.ident, sizeof(journal.ident), ident);
}

void __wrap_closelog(void)
{
}

static void record(int priority, const char *format, va_list arguments) __attribute__((format(printf, 2, 0)));

static void record(int priority, const char *format, va_list arguments)
{
        journal.priority = priority;
        journal.lines++;
        vsnprintf(journal.line, sizeof(journal.line), format, arguments);
}

void __wrap_syslog(int priority, const char *format, ...)
{
        va_list arguments;
        va_start(arguments, format);
        record(priority, format, arguments);
        va_end(arguments);
}

void __wrap___syslog_chk(int priority, int flag, const char *format, ...)
{
        (void)flag;
        va_list arguments;
        va_start(arguments, format);
        record(priority, format, arguments);
        va_end(arguments);
}

/* stderr goes to a file between these two. */
static struct {
        FILE *file;
        int saved_fd;
} capture;

static void capture_begin(void)
{
        capture.file = tmpfile();
        assert_non_null(capture.file);
        capture.saved_fd = dup(STDERR_FILENO);
        assert_true(dup2(fileno(capture.file), STDERR_FILENO) >= 0);
}

static size_t capture_end(char *ret_text, size_t size)
{
        dup2(capture.saved_fd, STDERR_FILENO);
        close(capture.saved_fd);
        rewind(capture.file);
        size_t length = fread(ret_text, 1, size - 1, capture.file);
        ret_text[length] = 0;
        fclose(capture.file);
        return length;
}

static int reset(void **state)
{
        (void)state;
        pail_log_to_syslog("pail");
        pail_log_to_stderr();
        pail_log_set_level(PAIL_LOG_INFO);
        memset(&journal, 0, sizeof(journal));
        return 0;
}

static void test_level_names(void **state)
{
        (void)state;
        enum pail_log_level level = PAIL_LOG_INFO;
        assert_int_equal(pail_log_level_parse("trace", &level), 0);
        assert_int_equal(level, PAIL_LOG_TRACE);
        assert_int_equal(pail_log_level_parse("error", &level), 0);
        assert_int_equal(level, PAIL_LOG_ERROR);
        static const char *const bad[] = { "", "ERROR", "errors", "err", "7" };
        for (size_t i = 0; i < TEST_COUNT(bad); i++)
                assert_int_equal(pail_log_level_parse(bad[i], &level), -EINVAL);
        assert_int_equal(level, PAIL_LOG_ERROR);
}

static void test_levels_filter(void **state)
{
        (void)state;
        char text[1000];
        int evaluated = 0;
        capture_begin();
        pail_log_error("%d", 1);
        pail_log_warning("two");
        pail_log_info("three");
        pail_log_debug("four %d", ++evaluated);
        pail_log_set_level(PAIL_LOG_ERROR);
        pail_log_warning("five");
        capture_end(text, sizeof(text));
        assert_string_equal(text, "pail: error: 1\npail: warning: two\npail: info: three\n");
        assert_int_equal(evaluated, 0);
}

static void test_debug_has_time_and_thread(void **state)
{
        (void)state;
        char text[1000];
        pail_log_set_level(PAIL_LOG_DEBUG);
        capture_begin();
        pail_log_debug("here");
        capture_end(text, sizeof(text));
        int hour, minute, second, ms, thread, end = 0;
        assert_int_equal(
                sscanf(text, "pail: %2d:%2d:%2d.%3d [%d] debug: here\n%n", &hour, &minute, &second, &ms, &thread, &end),
                5);
        assert_int_equal((size_t)end, strlen(text));
        assert_int_equal(thread, (int)gettid());
}

static void test_no_forged_lines(void **state)
{
        (void)state;
        char text[1000];
        capture_begin();
        pail_log_error("key %s", "a\npail: error: forged\x1b[2J");
        capture_end(text, sizeof(text));
        assert_string_equal(text, "pail: error: key a?pail: error: forged?[2J\n");
}

static void test_long_lines_are_cut(void **state)
{
        (void)state;
        static char text[20000], message[10001];
        memset(message, 'x', 10000);
        capture_begin();
        pail_log_error("%s", message);
        size_t length = capture_end(text, sizeof(text));
        assert_in_range(length, 4000, 4200);
        assert_true(strchr(text, '\n') == text + length - 1);
}

static void test_keeps_errno(void **state)
{
        (void)state;
        char text[1000];
        capture_begin();
        int null_fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
        assert_true(null_fd >= 0);
        dup2(null_fd, STDERR_FILENO); /* so that the write fails */
        close(null_fd);
        errno = EXDEV;
        pail_log_error("lost");
        int after = errno;
        capture_end(text, sizeof(text));
        assert_int_equal(after, EXDEV);
}

static void test_syslog(void **state)
{
        (void)state;
        char identity[] = "pail(bucket)";
        pail_log_to_syslog(identity);
        identity[0] = 'X'; /* it was copied */
        pail_log_warning("100%% %s", "%n");
        assert_string_equal(journal.ident, "pail(bucket)");
        assert_string_equal(journal.line, "warning: 100% %n");
        assert_int_equal(journal.priority, LOG_WARNING);
        pail_log_error("e");
        assert_int_equal(journal.priority, LOG_ERR);
        pail_log_debug("d");
        assert_int_equal(journal.lines, 2);
        pail_log_set_level(PAIL_LOG_TRACE);
        pail_log(PAIL_LOG_TRACE, "t");
        assert_int_equal(journal.lines, 3);
        assert_int_equal(journal.priority, LOG_DEBUG);
}

static void test_redact(void **state)
{
        (void)state;
        static const char *const secret[] = {
                "Authorization",
                "Proxy-Authorization",
                "x-amz-security-token",
                "X-Amz-S3session-Token",
                "x-aws-ec2-metadata-token",
                "x-amz-sso_bearer_token",
                "Cookie",
                "Set-Cookie",
                "x-amz-server-side-encryption-customer-key",
                "x-amz-copy-source-server-side-encryption-customer-key",
        };
        static const char *const open[] = { "Host", "x-amz-date",        "x-amz-meta-mode",
                                            "ETag", "x-amz-copy-source", "x-amz-content-sha256" };
        for (size_t i = 0; i < TEST_COUNT(secret); i++)
                assert_string_equal(pail_log_redact(secret[i], "value"), "[hidden]");
        for (size_t i = 0; i < TEST_COUNT(open); i++)
                assert_string_equal(pail_log_redact(open[i], "value"), "value");
}

enum { THREADS = 4, LINES = 500 };

static void *log_lines(void *argument)
{
        const char *text = argument;
        for (int i = 0; i < LINES; i++)
                pail_log_info("%s%s%s%s", text, text, text, text);
        return NULL;
}

static void test_threads_do_not_mix_lines(void **state)
{
        (void)state;
        static char text[THREADS * LINES * 100];
        static char words[THREADS][10] = { "aaaaaaaa", "bbbbbbbb", "cccccccc", "dddddddd" };
        pthread_t threads[THREADS];
        capture_begin();
        for (int i = 0; i < THREADS; i++)
                assert_int_equal(pthread_create(&threads[i], NULL, log_lines, words[i]), 0);
        for (int i = 0; i < 100; i++)
                pail_log_to_stderr();
        for (int i = 0; i < THREADS; i++)
                pthread_join(threads[i], NULL);
        capture_end(text, sizeof(text));

        unsigned lines = 0;
        for (const char *at = text; *at; at = strchr(at, '\n') + 1, lines++) {
                assert_true(pail_str_starts_with(at, "pail: info: "));
                for (int i = 1; i < 32; i++)
                        assert_int_equal(at[12 + i], at[12]);
                assert_int_equal(at[12 + 32], '\n');
        }
        assert_int_equal(lines, THREADS * LINES);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup(test_level_names, reset),
                cmocka_unit_test_setup(test_levels_filter, reset),
                cmocka_unit_test_setup(test_debug_has_time_and_thread, reset),
                cmocka_unit_test_setup(test_no_forged_lines, reset),
                cmocka_unit_test_setup(test_long_lines_are_cut, reset),
                cmocka_unit_test_setup(test_keeps_errno, reset),
                cmocka_unit_test_setup(test_syslog, reset),
                cmocka_unit_test_setup(test_redact, reset),
                cmocka_unit_test_setup(test_threads_do_not_mix_lines, reset),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
