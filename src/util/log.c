/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one sink of the process. A line is formatted completely before the lock is taken, and written by one call, so
 * that lines of several threads never mix; text from outside cannot begin a line of its own. The level is read
 * without the lock, because nearly every call ends there.
 */
#include "pail/util/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "pail/util/clock.h"
#include "pail/util/str.h"

enum { LINE_SIZE = 4096, IDENTITY_SIZE = 64 };

static const char *const level_names[] = {
        [PAIL_LOG_ERROR] = "error", [PAIL_LOG_WARNING] = "warning", [PAIL_LOG_INFO] = "info",
        [PAIL_LOG_DEBUG] = "debug", [PAIL_LOG_TRACE] = "trace",
};
enum { LEVELS = sizeof(level_names) / sizeof(level_names[0]) };

static _Atomic(enum pail_log_level) maximum = PAIL_LOG_INFO;

/* pthread's own mutex: it has a static initialiser, and code below pail_mutex may come to log. */
static struct {
        pthread_mutex_t mutex;
        bool is_syslog;
        char identity[IDENTITY_SIZE]; /* openlog() keeps the pointer */
} sink = { .mutex = PTHREAD_MUTEX_INITIALIZER, .identity = "pail" };

int pail_log_level_parse(const char *name, enum pail_log_level *ret_level)
{
        for (unsigned i = 0; i < LEVELS; i++)
                if (pail_str_equal(name, level_names[i])) {
                        *ret_level = (enum pail_log_level)i;
                        return 0;
                }
        return -EINVAL;
}

void pail_log_set_level(enum pail_log_level level)
{
        atomic_store_explicit(&maximum, level, memory_order_relaxed);
}

bool pail_log_enabled(enum pail_log_level level)
{
        return level <= atomic_load_explicit(&maximum, memory_order_relaxed);
}

void pail_log_to_syslog(const char *identity)
{
        pthread_mutex_lock(&sink.mutex);
        closelog();
        pail_str_copy(sink.identity, sizeof(sink.identity), identity);
        openlog(sink.identity, LOG_PID, LOG_DAEMON);
        sink.is_syslog = true;
        pthread_mutex_unlock(&sink.mutex);
}

void pail_log_to_stderr(void)
{
        pthread_mutex_lock(&sink.mutex);
        closelog();
        sink.is_syslog = false;
        pthread_mutex_unlock(&sink.mutex);
}

const char *pail_log_redact(const char *header_name, const char *value)
{
        /* Parts of names, so that a relative of a known header is hidden too: better one too many than one too few. */
        static const char *const secret[] = { "authorization", "token",    "cookie",      "secret",
                                              "signature",     "password", "customer-key" };
        for (size_t i = 0; i < sizeof(secret) / sizeof(secret[0]); i++)
                if (strcasestr(header_name, secret[i]))
                        return "[hidden]";
        return value;
}

/* Whoever debugs wants to know when and in which thread; in other logs the journal knows the time. */
static int format_prefix(char *target, size_t size, enum pail_log_level level)
{
        const char *name = (unsigned)level < LEVELS ? level_names[level] : "?";
        if (!pail_log_enabled(PAIL_LOG_DEBUG))
                return snprintf(target, size, "%s: ", name);
        struct timespec now = pail_clock_now();
        struct tm fields = { 0 };
        gmtime_r(&now.tv_sec, &fields);
        return snprintf(target, size, "%02d:%02d:%02d.%03ld [%d] %s: ", fields.tm_hour, fields.tm_min, fields.tm_sec,
                        now.tv_nsec / 1000000, (int)gettid(), name);
}

static void write_stderr(const char *text)
{
        char line[LINE_SIZE + IDENTITY_SIZE];
        int length = snprintf(line, sizeof(line), "%s: %s\n", sink.identity, text);
        if (length <= 0)
                return;
        size_t size = (size_t)length < sizeof(line) ? (size_t)length : sizeof(line) - 1;
        ssize_t written;
        do
                written = write(STDERR_FILENO, line, size);
        while (written < 0 && errno == EINTR);
        /* There is nobody to tell that the log is broken. */
}

void pail_log_write(enum pail_log_level level, const char *format, ...)
{
        static const int priorities[LEVELS] = { LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG, LOG_DEBUG };
        int saved_errno = errno;
        char text[LINE_SIZE];
        int prefix = format_prefix(text, sizeof(text), level);
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(text + prefix, sizeof(text) - (size_t)prefix, format, arguments);
        va_end(arguments);
        pail_str_trim_utf8(text);
        pail_str_make_printable(text);

        pthread_mutex_lock(&sink.mutex);
        if (sink.is_syslog)
                syslog(priorities[(unsigned)level < LEVELS ? level : PAIL_LOG_TRACE], "%s", text);
        else
                write_stderr(text);
        pthread_mutex_unlock(&sink.mutex);
        errno = saved_errno;
}
