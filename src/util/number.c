/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text to numbers, strictly: the whole string, nothing but the number. strtol() and its kin are not used because
 * they skip white space, take signs for unsigned numbers, follow the locale and report errors in three places.
 * Text that is malformed is -EINVAL even where its digits alone would be -ERANGE.
 */
#include "pail/util/str.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

static bool is_digit(char c)
{
        return c >= '0' && c <= '9';
}

/* Reads the digits at *at and moves it behind them. Needs at least one. */
static int scan_digits(const char **at, unsigned base, uint64_t *ret_value)
{
        const char *start = *at;
        uint64_t value = 0;
        bool has_overflowed = false;
        for (; is_digit(**at) && (unsigned)(**at - '0') < base; (*at)++)
                has_overflowed |= __builtin_mul_overflow(value, base, &value) ||
                                  __builtin_add_overflow(value, (unsigned)(**at - '0'), &value);
        if (*at == start)
                return -EINVAL;
        *ret_value = value;
        return has_overflowed ? -ERANGE : 0;
}

static int parse_whole(const char *string, unsigned base, uint64_t *ret_value)
{
        uint64_t value = 0;
        int r = scan_digits(&string, base, &value);
        if (*string)
                return -EINVAL;
        if (r < 0)
                return r;
        *ret_value = value;
        return 0;
}

int pail_str_to_u64(const char *string, uint64_t *ret_value)
{
        return parse_whole(string, 10, ret_value);
}

int pail_str_to_i64(const char *string, int64_t *ret_value)
{
        bool is_negative = *string == '-';
        uint64_t magnitude;
        int r = parse_whole(string + is_negative, 10, &magnitude);
        if (r < 0)
                return r;
        if (magnitude > (uint64_t)INT64_MAX + is_negative)
                return -ERANGE;
        *ret_value = is_negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
        return 0;
}

int pail_str_to_octal(const char *string, unsigned *ret_value)
{
        uint64_t value;
        int r = parse_whole(string, 8, &value);
        if (r < 0)
                return r;
        if (value > UINT32_MAX)
                return -ERANGE;
        *ret_value = (unsigned)value;
        return 0;
}

/* The power of two that a unit stands for ("", "K", "KB", "KiB", "B"…). */
static int parse_size_unit(const char *unit, unsigned *ret_shift)
{
        static const char letters[] = "kmgt";
        unsigned shift = 0;
        const char *letter = *unit ? strchr(letters, *unit | 0x20) : NULL;
        if (letter) {
                shift = 10 * (unsigned)(letter - letters + 1);
                unit++;
                if (*unit == 'i')
                        unit++;
        }
        if (*unit == 'B' || *unit == 'b')
                unit++;
        if (*unit)
                return -EINVAL;
        *ret_shift = shift;
        return 0;
}

int pail_str_to_size(const char *string, uint64_t *ret_bytes)
{
        uint64_t value = 0;
        unsigned shift;
        int range = scan_digits(&string, 10, &value);
        if (range == -EINVAL)
                return range;
        int r = parse_size_unit(string, &shift);
        if (r < 0)
                return r;
        if (range < 0 || __builtin_mul_overflow(value, UINT64_C(1) << shift, &value))
                return -ERANGE;
        *ret_bytes = value;
        return 0;
}

enum { FRACTION_UNIT = 1000000000 };

/* The digits after a decimal point, in billionths, rounded up. */
static int scan_fraction(const char **at, uint64_t *ret_billionths)
{
        if (!is_digit(**at))
                return -EINVAL;
        uint64_t billionths = 0, weight = FRACTION_UNIT;
        bool has_rest = false;
        for (; is_digit(**at); (*at)++) {
                weight /= 10;
                billionths += (uint64_t)(**at - '0') * weight;
                has_rest |= weight == 0 && **at != '0';
        }
        *ret_billionths = billionths + has_rest;
        return 0;
}

static int parse_time_unit(const char *unit, uint64_t *ret_unit_ms)
{
        static const struct {
                const char *name;
                uint64_t ms;
        } units[] = { { "", 1000 }, { "ms", 1 }, { "s", 1000 }, { "m", 60 * 1000 }, { "h", 3600 * 1000 } };
        for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
                if (pail_str_equal(unit, units[i].name)) {
                        *ret_unit_ms = units[i].ms;
                        return 0;
                }
        return -EINVAL;
}

int pail_str_to_duration_ms(const char *string, int64_t *ret_ms)
{
        uint64_t whole = 0, billionths = 0, unit_ms = 0, ms;
        int range = scan_digits(&string, 10, &whole);
        if (range == -EINVAL)
                return range;
        if (*string == '.') {
                string++;
                int r = scan_fraction(&string, &billionths);
                if (r < 0)
                        return r;
        }
        int r = parse_time_unit(string, &unit_ms);
        if (r < 0)
                return r;
        /* Rounded up: a time that somebody asked for never becomes "none". */
        uint64_t fraction_ms = (billionths * unit_ms + FRACTION_UNIT - 1) / FRACTION_UNIT;
        if (range < 0 || __builtin_mul_overflow(whole, unit_ms, &ms) || __builtin_add_overflow(ms, fraction_ms, &ms) ||
            ms > INT64_MAX)
                return -ERANGE;
        *ret_ms = (int64_t)ms;
        return 0;
}

int pail_str_to_bool(const char *string, bool *ret_value)
{
        static const char *const words[][2] = { { "0", "1" }, { "no", "yes" }, { "false", "true" }, { "off", "on" } };
        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
                for (int value = 0; value < 2; value++)
                        if (strcasecmp(string, words[i][value]) == 0) {
                                *ret_value = value;
                                return 0;
                        }
        return -EINVAL;
}
