/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading /proc. Descriptors are compared by the inode number in fdinfo and by the last component of the link: a stat of the link would be a
 * request to ourselves.
 */
#include "proc_fd.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pail/util/buf.h"
#include "pail/util/cleanup.h"
#include "pail/util/file.h"
#include "pail/util/str.h"

enum { STATUS_LIMIT = 16384 };

/* The number behind a label that begins a line; 0: none. */
static uint64_t read_field(const char *path, const char *label)
{
        _cleanup_buf_ struct pail_buf text = PAIL_BUF_INIT(STATUS_LIMIT);
        const char *found;

        if (pail_file_read(path, &text) < 0)
                return 0;
        found = strstr(text.data, label);
        return found ? strtoull(found + strlen(label), NULL, 10) : 0;
}

pid_t pail_proc_fd_process(pid_t thread)
{
        _cleanup_free_ char *path = NULL;

        if (thread <= 0 || pail_str_printf(&path, "/proc/%d/status", (int)thread) < 0)
                return 0;
        return (pid_t)read_field(path, "\nTgid:");
}

static bool is_descriptor_of(pid_t process, const char *number, uint64_t ino, const char *name)
{
        _cleanup_free_ char *info = NULL, *link = NULL;
        char target[PATH_MAX];
        const char *base;
        ssize_t length;

        if (pail_str_printf(&info, "/proc/%d/fdinfo/%s", (int)process, number) < 0 ||
            pail_str_printf(&link, "/proc/%d/fd/%s", (int)process, number) < 0)
                return false;
        if (read_field(info, "\nino:") != ino)
                return false;
        length = readlink(link, target, sizeof(target) - 1);
        if (length <= 0)
                return false;
        target[length] = 0;
        base = strrchr(target, '/');
        return base && pail_str_equal(base + 1, name);
}

bool pail_proc_fd_is_held(pid_t process, uint64_t ino, const char *name)
{
        _cleanup_free_ char *path = NULL;
        _cleanup_closedir_ DIR *directory = NULL;
        struct dirent *entry;

        if (pail_str_printf(&path, "/proc/%d/fdinfo", (int)process) < 0)
                return false;
        directory = opendir(path);
        while (directory && (entry = readdir(directory)))
                if (entry->d_name[0] != '.' && is_descriptor_of(process, entry->d_name, ino, name))
                        return true;
        return false;
}
