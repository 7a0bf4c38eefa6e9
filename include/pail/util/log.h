/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Logging, for fuse, cli and background workers only: libraries return errors instead.
 * One line a call, to stderr while in the foreground, to the journal (native protocol by syslog(3)) once
 * detached. Thread safe. Never give it a secret; pail_log_redact() exists for headers.
 */
#ifndef PAIL_UTIL_LOG_H
#define PAIL_UTIL_LOG_H

#include <stdbool.h>

enum pail_log_level { PAIL_LOG_ERROR, PAIL_LOG_WARNING, PAIL_LOG_INFO, PAIL_LOG_DEBUG, PAIL_LOG_TRACE };

/* "error", "warning", "info", "debug", "trace"; -EINVAL. */
int pail_log_level_parse(const char *name, enum pail_log_level *ret_level);
void pail_log_set_level(enum pail_log_level level);
bool pail_log_enabled(enum pail_log_level level);
/* identity: shown in each line, copied. Until the first call lines go to stderr, as "pail". */
void pail_log_to_syslog(const char *identity);
void pail_log_to_stderr(void);

/* value, or "[hidden]" when a header of that name carries a secret (signatures, tokens, cookies, customer keys). */
const char *pail_log_redact(const char *header_name, const char *value);

/* Cut to about 4 KiB; control characters are replaced, so that text from outside cannot forge a line. Keeps errno. */
void pail_log_write(enum pail_log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define pail_log(level, ...)                                                                                           \
        do {                                                                                                           \
                if (pail_log_enabled(level))                                                                           \
                        pail_log_write(level, __VA_ARGS__);                                                            \
        } while (0)
#define pail_log_error(...) pail_log(PAIL_LOG_ERROR, __VA_ARGS__)
#define pail_log_warning(...) pail_log(PAIL_LOG_WARNING, __VA_ARGS__)
#define pail_log_info(...) pail_log(PAIL_LOG_INFO, __VA_ARGS__)
#define pail_log_debug(...) pail_log(PAIL_LOG_DEBUG, __VA_ARGS__)

#endif
