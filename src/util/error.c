/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages may quote what a server sent: they are cut at a character boundary and lose their control characters,
 * so that a hostile answer can neither break a log line nor drive a terminal. Every message is formatted into a
 * buffer of its own first, because its arguments may point into the very error that it replaces.
 */
#include "pail/util/error.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "pail/util/str.h"

enum { MESSAGE_SIZE = sizeof(((struct pail_error *)NULL)->message) };

static void format_message(char *target, size_t size, const char *format, va_list arguments)
        __attribute__((format(printf, 3, 0)));

static void format_message(char *target, size_t size, const char *format, va_list arguments)
{
        if (vsnprintf(target, size, format, arguments) < 0)
                target[0] = 0;
        pail_str_trim_utf8(target);
        pail_str_make_printable(target);
}

void pail_error_set(struct pail_error *error, enum pail_error_class class, const char *format, ...)
{
        if (!error)
                return;

        char message[MESSAGE_SIZE];
        va_list arguments;
        va_start(arguments, format);
        format_message(message, sizeof(message), format, arguments);
        va_end(arguments);

        *error = PAIL_ERROR_INIT;
        error->class = class;
        pail_str_copy(error->message, sizeof(error->message), message);
}

int pail_error_set_errno(struct pail_error *error, int error_number, const char *format, ...)
{
        if (!error)
                return -error_number;

        char reason_buffer[128];
        const char *reason = strerror_r(error_number, reason_buffer, sizeof(reason_buffer));
        char message[MESSAGE_SIZE];
        size_t reserved = strnlen(reason, 100) + 2; /* a long context must not push the reason out */
        va_list arguments;
        va_start(arguments, format);
        format_message(message, sizeof(message) - reserved, format, arguments);
        va_end(arguments);

        *error = PAIL_ERROR_INIT;
        error->class = PAIL_ERROR_SYSTEM;
        error->error_number = error_number;
        size_t length = strlen(message);
        memcpy(error->message, message, length);
        pail_str_copy(error->message + length, sizeof(error->message) - length, ": ");
        pail_str_copy(error->message + length + 2, sizeof(error->message) - length - 2, reason);
        return -error_number;
}

void pail_error_prefix(struct pail_error *error, const char *format, ...)
{
        if (!error)
                return;

        char prefix[MESSAGE_SIZE];
        va_list arguments;
        va_start(arguments, format);
        format_message(prefix, sizeof(prefix), format, arguments);
        va_end(arguments);

        char message[MESSAGE_SIZE];
        pail_str_copy(message, sizeof(message), error->message);
        int length = snprintf(error->message, sizeof(error->message), "%s: %s", prefix, message);
        if (length >= MESSAGE_SIZE)
                pail_str_trim_utf8(error->message);
}

const char *pail_error_class_name(enum pail_error_class class)
{
        static const char *const names[] = {
                [PAIL_ERROR_NONE] = "none",         [PAIL_ERROR_CONFIG] = "config",
                [PAIL_ERROR_RESOLVE] = "resolve",   [PAIL_ERROR_CREDENTIALS] = "credentials",
                [PAIL_ERROR_CONNECT] = "connect",   [PAIL_ERROR_TLS] = "tls",
                [PAIL_ERROR_TIMEOUT] = "timeout",   [PAIL_ERROR_TRANSFER] = "transfer",
                [PAIL_ERROR_PROTOCOL] = "protocol", [PAIL_ERROR_SERVICE] = "service",
                [PAIL_ERROR_SYSTEM] = "system",     [PAIL_ERROR_CANCELLED] = "cancelled",
        };
        return (size_t) class < sizeof(names) / sizeof(names[0]) ? names[class] : "unknown";
}
