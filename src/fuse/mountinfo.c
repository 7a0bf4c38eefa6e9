/* SPDX-License-Identifier: Apache-2.0 */
#include "pail/fuse/mountinfo.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pail/util/cleanup.h"
#include "pail/util/str.h"

void pail_mountinfo_done(struct pail_mountinfo *info)
{
        free(info->mountpoint);
        free(info->type);
        free(info->source);
        free(info->options);
        *info = (struct pail_mountinfo){ 0 };
}

static bool is_octal_escape(const char *at)
{
        return at[0] == '\\' && at[1] >= '0' && at[1] <= '3' && at[2] >= '0' && at[2] <= '7' && at[3] >= '0' &&
               at[3] <= '7';
}

/* The kernel writes space, tab, newline and backslash as \ooo. */
static void unescape(char *text)
{
        char *to = text;
        for (const char *at = text; *at; to++) {
                if (is_octal_escape(at)) {
                        *to = (char)((at[1] - '0') * 64 + (at[2] - '0') * 8 + (at[3] - '0'));
                        at += 4;
                } else {
                        *to = *at++;
                }
        }
        *to = '\0';
}

/* "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw": optional fields stand before the "-". */
static int parse_fields(char *line, struct pail_mountinfo *info)
{
        char *save = NULL, *field[32];
        size_t count = 0, dash = 0;
        for (char *at = strtok_r(line, " \n", &save); at && count < 32; at = strtok_r(NULL, " \n", &save)) {
                if (count >= 6 && dash == 0 && pail_str_equal(at, "-"))
                        dash = count;
                field[count++] = at;
        }
        if (dash == 0 || count < dash + 4 || sscanf(field[2], "%u:%u", &info->device_major, &info->device_minor) != 2)
                return -EINVAL;
        unescape(field[4]);
        unescape(field[dash + 2]);
        int r = pail_str_dup(field[4], &info->mountpoint);
        if (r == 0)
                r = pail_str_dup(field[dash + 1], &info->type);
        if (r == 0)
                r = pail_str_dup(field[dash + 2], &info->source);
        if (r == 0)
                r = pail_str_dup(field[dash + 3], &info->options);
        return r;
}

int pail_mountinfo_parse(const char *line, struct pail_mountinfo *ret_info)
{
        _cleanup_free_ char *copy = NULL;
        int r = pail_str_dup(line, &copy);
        if (r < 0)
                return r;
        struct pail_mountinfo info = { 0 };
        r = parse_fields(copy, &info);
        if (r < 0)
                pail_mountinfo_done(&info);
        else
                *ret_info = info;
        return r;
}

int pail_mountinfo_find(const char *mountpoint, struct pail_mountinfo *ret_info)
{
        _cleanup_fclose_ FILE *file = fopen("/proc/self/mountinfo", "re");
        if (!file)
                return -errno;
        _cleanup_(pail_mountinfo_done) struct pail_mountinfo found = { 0 };
        _cleanup_free_ char *line = NULL;
        size_t size = 0;
        while (getline(&line, &size, file) > 0) {
                struct pail_mountinfo info;
                if (pail_mountinfo_parse(line, &info) < 0)
                        continue;
                if (pail_str_equal(info.mountpoint, mountpoint)) {
                        /* A later line lies on top of an earlier one. */
                        pail_mountinfo_done(&found);
                        found = info;
                } else {
                        pail_mountinfo_done(&info);
                }
        }
        if (!found.mountpoint)
                return -ENOENT;
        *ret_info = found;
        found = (struct pail_mountinfo){ 0 };
        return 0;
}
