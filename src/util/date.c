/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dates of the protocols. They are scanned by hand: strptime() follows the locale, skips white space and accepts the
 * 31st of February, and all of that would be input from a server.
 */
#include "pail/util/clock.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "pail/util/math.h"
#include "pail/util/str.h"

/* What is left of the text, and whether all of it so far was as expected. */
struct scanner {
        const char *at;
        bool has_failed;
};

static const char weekdays[7][10] = { "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday" };
static const char months[12][4] = {
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"
};

static void scan_literal(struct scanner *scanner, const char *literal)
{
        size_t length = strlen(literal);
        if (strncmp(scanner->at, literal, length) == 0)
                scanner->at += length;
        else
                scanner->has_failed = true;
}

static int scan_number(struct scanner *scanner, int digits)
{
        int value = 0;
        for (int i = 0; i < digits && !scanner->has_failed; i++) {
                if (*scanner->at < '0' || *scanner->at > '9')
                        scanner->has_failed = true;
                else
                        value = value * 10 + (*scanner->at++ - '0');
        }
        return value;
}

/* As struct tm wants it: 0 is January. */
static int scan_month(struct scanner *scanner)
{
        for (int i = 0; i < 12; i++)
                if (strncmp(scanner->at, months[i], 3) == 0) {
                        scanner->at += 3;
                        return i;
                }
        scanner->has_failed = true;
        return 0;
}

static void scan_weekday(struct scanner *scanner, bool whole)
{
        for (int i = 0; i < 7; i++) {
                size_t length = whole ? strlen(weekdays[i]) : 3;
                if (strncmp(scanner->at, weekdays[i], length) == 0) {
                        scanner->at += length;
                        return;
                }
        }
        scanner->has_failed = true;
}

static void scan_time_of_day(struct scanner *scanner, struct tm *time)
{
        time->tm_hour = scan_number(scanner, 2);
        scan_literal(scanner, ":");
        time->tm_min = scan_number(scanner, 2);
        scan_literal(scanner, ":");
        time->tm_sec = scan_number(scanner, 2);
}

static int days_of_month(int year, int month)
{
        static const signed char days[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
        bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        return days[month] + (month == 1 && is_leap);
}

/* Ends a scan: all text used, each field in its range (a leap second is the next minute's first). */
static int finish_date(const struct scanner *scanner, struct tm *time, time_t *ret_time)
{
        if (scanner->has_failed || *scanner->at || time->tm_mon < 0 || time->tm_mon > 11 || time->tm_mday < 1 ||
            time->tm_mday > days_of_month(time->tm_year + 1900, time->tm_mon) || time->tm_hour > 23 ||
            time->tm_min > 59 || time->tm_sec > 60)
                return -EINVAL;
        *ret_time = timegm(time);
        return 0;
}

static void put_digits(char *target, unsigned value, unsigned digits)
{
        while (digits-- > 0) {
                target[digits] = (char)('0' + value % 10);
                value /= 10;
        }
}

void pail_clock_format_amz(time_t time, char ret_text[static 17])
{
        const time_t last = 253402300799; /* 9999-12-31T23:59:59Z: the year must have four digits */
        time = pail_max(pail_min(time, last), (time_t)0);
        struct tm fields = { 0 };
        gmtime_r(&time, &fields);
        put_digits(ret_text, (unsigned)fields.tm_year + 1900, 4);
        put_digits(ret_text + 4, (unsigned)fields.tm_mon + 1, 2);
        put_digits(ret_text + 6, (unsigned)fields.tm_mday, 2);
        ret_text[8] = 'T';
        put_digits(ret_text + 9, (unsigned)fields.tm_hour, 2);
        put_digits(ret_text + 11, (unsigned)fields.tm_min, 2);
        put_digits(ret_text + 13, (unsigned)fields.tm_sec, 2);
        ret_text[15] = 'Z';
        ret_text[16] = 0;
}

/* ".123": digits beyond the ninth are dropped. */
static long scan_fraction_ns(struct scanner *scanner)
{
        if (*scanner->at != '.')
                return 0;
        scanner->at++;
        scanner->has_failed |= *scanner->at < '0' || *scanner->at > '9';
        long ns = 0;
        for (long weight = 100000000; *scanner->at >= '0' && *scanner->at <= '9'; weight /= 10)
                ns += (*scanner->at++ - '0') * weight;
        return ns;
}

/* "Z", or "+02:00" as some sources of credentials write it; in seconds. */
static int scan_zone(struct scanner *scanner)
{
        if (*scanner->at != '+' && *scanner->at != '-') {
                scan_literal(scanner, "Z");
                return 0;
        }
        int sign = *scanner->at++ == '-' ? -1 : 1;
        int hours = scan_number(scanner, 2);
        scan_literal(scanner, ":");
        int minutes = scan_number(scanner, 2);
        scanner->has_failed |= hours > 23 || minutes > 59;
        return sign * (hours * 3600 + minutes * 60);
}

int pail_clock_parse_iso8601(const char *text, struct timespec *ret_time)
{
        struct scanner scanner = { .at = text };
        struct tm fields = { 0 };
        fields.tm_year = scan_number(&scanner, 4) - 1900;
        scan_literal(&scanner, "-");
        fields.tm_mon = scan_number(&scanner, 2) - 1;
        scan_literal(&scanner, "-");
        fields.tm_mday = scan_number(&scanner, 2);
        scan_literal(&scanner, "T");
        scan_time_of_day(&scanner, &fields);
        long ns = scan_fraction_ns(&scanner);
        int zone_s = scan_zone(&scanner);

        time_t seconds;
        int r = finish_date(&scanner, &fields, &seconds);
        if (r < 0)
                return r;
        *ret_time = (struct timespec){ .tv_sec = seconds - zone_s, .tv_nsec = ns };
        return 0;
}

static bool skip_literal(struct scanner *scanner, const char *literal)
{
        bool is_there = pail_str_starts_with(scanner->at, literal);
        scanner->at += is_there ? strlen(literal) : 0;
        return is_there;
}

static int scan_lenient_zone(struct scanner *scanner)
{
        skip_literal(scanner, " ");
        if (skip_literal(scanner, "UTC") || skip_literal(scanner, "GMT") || skip_literal(scanner, "Z"))
                return 0;
        int sign = *scanner->at == '-' ? -1 : 1;
        scanner->has_failed |= *scanner->at != '+' && *scanner->at != '-';
        scanner->at += !scanner->has_failed;
        int hours = scan_number(scanner, 2), minutes = 0;
        if (skip_literal(scanner, ":") || *scanner->at)
                minutes = scan_number(scanner, 2);
        scanner->has_failed |= hours > 23 || minutes > 59;
        return sign * (hours * 3600 + minutes * 60);
}

static void scan_lenient_iso8601(struct scanner *scanner, struct tm *fields)
{
        fields->tm_year = scan_number(scanner, 4) - 1900;
        bool is_basic = !skip_literal(scanner, "-");
        fields->tm_mon = scan_number(scanner, 2) - 1;
        if (!is_basic)
                scan_literal(scanner, "-");
        fields->tm_mday = scan_number(scanner, 2);
        if (!skip_literal(scanner, "T"))
                scan_literal(scanner, " ");
        if (!is_basic) {
                scan_time_of_day(scanner, fields);
                return;
        }
        fields->tm_hour = scan_number(scanner, 2);
        fields->tm_min = scan_number(scanner, 2);
        fields->tm_sec = scan_number(scanner, 2);
}

static void scan_rfc1123(struct scanner *scanner, struct tm *fields)
{
        scan_weekday(scanner, false);
        scan_literal(scanner, ", ");
        fields->tm_mday = scan_number(scanner, 2);
        scan_literal(scanner, " ");
        fields->tm_mon = scan_month(scanner);
        scan_literal(scanner, " ");
        fields->tm_year = scan_number(scanner, 4) - 1900;
        scan_literal(scanner, " ");
        scan_time_of_day(scanner, fields);
}

int pail_clock_parse_lenient(const char *text, struct timespec *ret_time)
{
        struct scanner scanner = { .at = text };
        struct tm fields = { 0 };
        if (*text >= '0' && *text <= '9')
                scan_lenient_iso8601(&scanner, &fields);
        else
                scan_rfc1123(&scanner, &fields);
        long ns = scan_fraction_ns(&scanner);
        int zone_s = scan_lenient_zone(&scanner);
        time_t seconds;
        int r = finish_date(&scanner, &fields, &seconds);
        if (r < 0)
                return r;
        *ret_time = (struct timespec){ .tv_sec = seconds - zone_s, .tv_nsec = ns };
        return 0;
}

/* "Sun, 06 Nov 1994 08:49:37 GMT" */
static int parse_fixdate(const char *text, time_t *ret_time)
{
        struct scanner scanner = { .at = text };
        struct tm fields = { 0 };
        scan_rfc1123(&scanner, &fields);
        scan_literal(&scanner, " GMT");
        return finish_date(&scanner, &fields, ret_time);
}

/* "Sunday, 06-Nov-94 08:49:37 GMT": a year that looks more than 50 years ahead is the past one with these digits. */
static int parse_rfc850(const char *text, time_t *ret_time)
{
        struct scanner scanner = { .at = text };
        struct tm fields = { 0 }, today = { 0 };
        scan_weekday(&scanner, true);
        scan_literal(&scanner, ", ");
        fields.tm_mday = scan_number(&scanner, 2);
        scan_literal(&scanner, "-");
        fields.tm_mon = scan_month(&scanner);
        scan_literal(&scanner, "-");
        int year = scan_number(&scanner, 2);
        scan_literal(&scanner, " ");
        scan_time_of_day(&scanner, &fields);
        scan_literal(&scanner, " GMT");

        time_t now = pail_clock_now().tv_sec;
        gmtime_r(&now, &today);
        fields.tm_year = today.tm_year - today.tm_year % 100 + year;
        if (fields.tm_year > today.tm_year + 50)
                fields.tm_year -= 100;
        return finish_date(&scanner, &fields, ret_time);
}

/* "Sun Nov  6 08:49:37 1994" */
static int parse_asctime(const char *text, time_t *ret_time)
{
        struct scanner scanner = { .at = text };
        struct tm fields = { 0 };
        scan_weekday(&scanner, false);
        scan_literal(&scanner, " ");
        fields.tm_mon = scan_month(&scanner);
        scan_literal(&scanner, " ");
        bool is_padded = *scanner.at == ' ';
        if (is_padded)
                scanner.at++;
        fields.tm_mday = scan_number(&scanner, is_padded ? 1 : 2);
        scan_literal(&scanner, " ");
        scan_time_of_day(&scanner, &fields);
        scan_literal(&scanner, " ");
        fields.tm_year = scan_number(&scanner, 4) - 1900;
        return finish_date(&scanner, &fields, ret_time);
}

int pail_clock_parse_http(const char *text, time_t *ret_time)
{
        /* Recipients must accept all three (RFC 9110 §5.6.7). */
        int r = parse_fixdate(text, ret_time);
        if (r < 0)
                r = parse_rfc850(text, ret_time);
        return r < 0 ? parse_asctime(text, ret_time) : r;
}
