/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values of options. Each type has one function that turns the text into the member; what it says when it cannot is
 * always: what was given, and what is expected.
 */
#include "option_value.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pail/util/cleanup.h"
#include "pail/util/path.h"
#include "pail/util/str.h"

static int refuse_value(const struct pail_option *option, const char *value, const char *expected,
                        struct pail_error *ret_error)
{
        pail_error_set(ret_error, PAIL_ERROR_CONFIG, "option %s=%s: expected %s", option->name, value, expected);
        return -EINVAL;
}

static void format_size(uint64_t bytes, char *text, size_t size)
{
        static const char units[] = "KMGT";
        int unit = -1;
        while (bytes > 0 && bytes % 1024 == 0 && unit < 3) {
                bytes /= 1024;
                unit++;
        }
        if (unit < 0)
                snprintf(text, size, "%llu", (unsigned long long)bytes);
        else
                snprintf(text, size, "%llu%c", (unsigned long long)bytes, units[unit]);
}

static int set_string(const struct pail_option *option, const char *value, void *member, struct pail_error *ret_error)
{
        int r = pail_str_replace(member, value);
        return r < 0 ? pail_error_set_errno(ret_error, -r, "option %s", option->name) : 0;
}

static int set_path(const struct pail_option *option, const char *value, void *member, struct pail_error *ret_error)
{
        _cleanup_free_ char *path = NULL;
        int r = pail_path_absolute(value, &path);
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "option %s=%s", option->name, value);
        free(*(char **)member);
        *(char **)member = pail_steal(&path);
        return 0;
}

/* Where 0 is the default it means "as the program finds best". */
static bool is_in_range(const struct pail_option *option, uint64_t number)
{
        if (number == 0 && pail_str_equal(option->default_value, "0"))
                return true;
        return number >= option->min && (option->max == 0 || number <= option->max);
}

static int set_size(const struct pail_option *option, const char *value, void *member, struct pail_error *ret_error)
{
        uint64_t bytes;
        if (pail_str_to_size(value, &bytes) < 0)
                return refuse_value(option, value, "a size such as 512K, 8M or 1G", ret_error);
        if (!is_in_range(option, bytes)) {
                char expected[80], min[24], max[24];
                format_size(option->min, min, sizeof(min));
                format_size(option->max, max, sizeof(max));
                snprintf(expected, sizeof(expected), "a size from %s to %s", min, max);
                return refuse_value(option, value, expected, ret_error);
        }
        *(uint64_t *)member = bytes;
        return 0;
}

static int set_count(const struct pail_option *option, const char *value, void *member, struct pail_error *ret_error)
{
        uint64_t number;
        if (pail_str_to_u64(value, &number) < 0 || !is_in_range(option, number)) {
                char expected[80];
                snprintf(expected, sizeof(expected), "a number from %llu to %llu", (unsigned long long)option->min,
                         (unsigned long long)option->max);
                return refuse_value(option, value, expected, ret_error);
        }
        *(uint64_t *)member = number;
        return 0;
}

static int set_octal(const struct pail_option *option, const char *value, void *member, struct pail_error *ret_error)
{
        unsigned number;
        if (pail_str_to_octal(value, &number) < 0 || !is_in_range(option, number)) {
                char expected[80];
                snprintf(expected, sizeof(expected), "an octal number up to %llo", (unsigned long long)option->max);
                return refuse_value(option, value, expected, ret_error);
        }
        *(uint64_t *)member = number;
        return 0;
}

static int set_duration(const struct pail_option *option, const char *value, void *member, struct pail_error *ret_error)
{
        int64_t ms;
        if (pail_str_to_duration_ms(value, &ms) < 0 || ms < 0)
                return refuse_value(option, value, "a time in seconds, or with a unit: 500ms, 30s, 5m, 1h", ret_error);
        if (!is_in_range(option, (uint64_t)ms)) {
                char expected[80];
                snprintf(expected, sizeof(expected), "a time from %llu s to %llu s",
                         (unsigned long long)option->min / 1000, (unsigned long long)option->max / 1000);
                return refuse_value(option, value, expected, ret_error);
        }
        *(int64_t *)member = ms;
        return 0;
}

static int set_choice(const struct pail_option *option, const char *value, void *member, struct pail_error *ret_error)
{
        size_t length = strlen(value);
        uint64_t index = 0;
        for (const char *at = option->choices; *at; index++) {
                size_t choice_length = strcspn(at, " ");
                if (choice_length == length && strncmp(at, value, length) == 0) {
                        *(uint64_t *)member = index;
                        return 0;
                }
                at += choice_length;
                at += strspn(at, " ");
        }
        char expected[80];
        snprintf(expected, sizeof(expected), "one of: %s", option->choices);
        return refuse_value(option, value, expected, ret_error);
}

static int set_user(const struct pail_option *option, const char *value, void *member, struct pail_error *ret_error)
{
        uint64_t number;
        const struct passwd *entry;
        if (pail_str_to_u64(value, &number) == 0 && is_in_range(option, number))
                *(int64_t *)member = (int64_t)number;
        else if ((entry = getpwnam(value)))
                *(int64_t *)member = entry->pw_uid;
        else
                return refuse_value(option, value, "the number or name of a user of this machine", ret_error);
        return 0;
}

static int set_group(const struct pail_option *option, const char *value, void *member, struct pail_error *ret_error)
{
        uint64_t number;
        const struct group *entry;
        if (pail_str_to_u64(value, &number) == 0 && is_in_range(option, number))
                *(int64_t *)member = (int64_t)number;
        else if ((entry = getgrnam(value)))
                *(int64_t *)member = entry->gr_gid;
        else
                return refuse_value(option, value, "the number or name of a group of this machine", ret_error);
        return 0;
}

static int set_flag(const struct pail_option *option, const char *value, void *member, struct pail_error *ret_error)
{
        if (!value)
                *(bool *)member = true;
        else if (pail_str_to_bool(value, member) < 0)
                return refuse_value(option, value, "yes or no, or the option alone", ret_error);
        return 0;
}

int pail_option_set(struct pail_options *options, const struct pail_option *option, const char *value,
                    struct pail_error *ret_error)
{
        static int (*const setters[])(const struct pail_option *, const char *, void *, struct pail_error *) = {
                [PAIL_OPTION_FLAG] = set_flag,         [PAIL_OPTION_STRING] = set_string,
                [PAIL_OPTION_PATH] = set_path,         [PAIL_OPTION_SIZE] = set_size,
                [PAIL_OPTION_COUNT] = set_count,       [PAIL_OPTION_OCTAL] = set_octal,
                [PAIL_OPTION_DURATION] = set_duration, [PAIL_OPTION_CHOICE] = set_choice,
                [PAIL_OPTION_USER] = set_user,         [PAIL_OPTION_GROUP] = set_group,
        };
        if (option->type != PAIL_OPTION_FLAG && pail_str_is_empty(value)) {
                pail_error_set(ret_error, PAIL_ERROR_CONFIG, "option %s needs a value: %s=%s", option->name,
                               option->name, option->argument);
                return -EINVAL;
        }
        return setters[option->type](option, value, (char *)options + option->offset, ret_error);
}
