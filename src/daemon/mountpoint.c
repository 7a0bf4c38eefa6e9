/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What fusermount3 and the kernel would refuse is found out before anything is started, because their own words come late and tell little. The checks
 * only read: whether a mount then succeeds is the kernel's to say, and may have changed meanwhile.
 */
#include "mountpoint.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pail/fuse/mountinfo.h"
#include "pail/util/buf.h"
#include "pail/util/cleanup.h"
#include "pail/util/file.h"
#include "pail/util/path.h"
#include "pail/util/str.h"

static int refuse_mountpoint(const char *path, int error_number, struct pail_error *ret_error)
{
        pail_error_set(ret_error, PAIL_ERROR_CONFIG, "mount point %.600s cannot be used: %s; name an empty directory",
                       path, strerror(error_number));
        return -error_number;
}

static int refuse_missing(const char *path, struct pail_error *ret_error)
{
        struct stat status;
        if (!*path)
                pail_error_set(ret_error, PAIL_ERROR_CONFIG, "the mount point is an empty word; name a directory");
        else if (lstat(path, &status) == 0 && S_ISLNK(status.st_mode))
                pail_error_set(ret_error, PAIL_ERROR_CONFIG,
                               "mount point %s is a symbolic link to nothing; make the directory that it leads to, or "
                               "name another",
                               path);
        else
                pail_error_set(ret_error, PAIL_ERROR_CONFIG, "mount point %s does not exist; make it with: mkdir -p %s",
                               path, path);
        return -ENOENT;
}

/* What is left when a daemon was killed. */
static int refuse_dead(const char *path, struct pail_error *ret_error)
{
        pail_error_set(ret_error, PAIL_ERROR_CONFIG,
                       "mount point %s is left over from a mount whose daemon has died; clear it with: %s %s", path,
                       geteuid() == 0 ? "umount" : "fusermount3 -u", path);
        return -ENOTCONN;
}

static int resolve_mountpoint(const char *path, char **ret_path, struct pail_error *ret_error)
{
        char *real = realpath(path, NULL);
        if (real) {
                *ret_path = real;
                return 0;
        }
        int error = errno;
        if (error == ENOENT)
                return refuse_missing(path, ret_error);
        if (error == ENOTCONN || error == ECONNABORTED)
                return refuse_dead(path, ret_error);
        return refuse_mountpoint(path, error, ret_error);
}

static int check_directory(const char *path, struct pail_error *ret_error)
{
        struct stat status;
        if (stat(path, &status) < 0) {
                if (errno == ENOTCONN || errno == ECONNABORTED)
                        return refuse_dead(path, ret_error);
                return refuse_mountpoint(path, errno, ret_error);
        }
        if (!S_ISDIR(status.st_mode)) {
                pail_error_set(ret_error, PAIL_ERROR_CONFIG,
                               "mount point %s is not a directory; name one that is, and that is empty", path);
                return -ENOTDIR;
        }
        /* fusermount3 asks for the same. */
        if (geteuid() != 0 && access(path, W_OK) < 0) {
                pail_error_set(
                        ret_error, PAIL_ERROR_CONFIG,
                        "mount point %s is not writable for you, which fusermount3 asks for; name a directory of yours",
                        path);
                return -EACCES;
        }
        return 0;
}

static int check_empty(const char *path, struct pail_error *ret_error)
{
        _cleanup_closedir_ DIR *directory = opendir(path);
        if (!directory) {
                if (errno == ENOTCONN || errno == ECONNABORTED)
                        return refuse_dead(path, ret_error);
                return refuse_mountpoint(path, errno, ret_error);
        }
        const struct dirent *entry;
        while ((entry = readdir(directory))) {
                if (pail_str_equal(entry->d_name, ".") || pail_str_equal(entry->d_name, ".."))
                        continue;
                pail_error_set(ret_error, PAIL_ERROR_CONFIG,
                               "mount point %s is not empty; -o nonempty mounts over what is in it", path);
                return -ENOTEMPTY;
        }
        return 0;
}

int pail_mountpoint_check(const char *path, const struct pail_options *options, char **ret_path,
                          struct pail_error *ret_error)
{
        _cleanup_free_ char *real = NULL;
        int r = resolve_mountpoint(path, &real, ret_error);
        if (!real)
                return r;
        r = check_directory(real, ret_error);
        if (r < 0)
                return r;
        _cleanup_(pail_mountinfo_done) struct pail_mountinfo info = { 0 };
        if (!options->nonempty && pail_mountinfo_find(real, &info) == 0 && pail_str_starts_with(info.type, "fuse")) {
                pail_error_set(ret_error, PAIL_ERROR_CONFIG,
                               "mount point %s is in use: %s (%s) is mounted there; unmount it first", real,
                               info.source, info.type);
                return -EBUSY;
        }
        if (!options->nonempty)
                r = check_empty(real, ret_error);
        if (r == 0)
                *ret_path = pail_steal(&real);
        return r;
}

bool pail_mountpoint_conf_allows_other(const char *text)
{
        while (*text) {
                text += strspn(text, " \t\r\n");
                size_t length = strcspn(text, "\n"), end = length;
                while (end > 0 && strchr(" \t\r", text[end - 1]))
                        end--;
                if (end == strlen("user_allow_other") && strncmp(text, "user_allow_other", end) == 0)
                        return true;
                text += length;
        }
        return false;
}

/* fusermount3 refuses it as well, but after everything else was done. */
static int check_allow_other(struct pail_error *ret_error)
{
        _cleanup_buf_ struct pail_buf text = PAIL_BUF_INIT(64 * 1024);
        int r = pail_file_read("/etc/fuse.conf", &text);
        if (r == 0 && pail_mountpoint_conf_allows_other(text.data))
                return 0;
        pail_error_set(
                ret_error, PAIL_ERROR_CONFIG,
                "allow_other and allow_root are for root only, unless /etc/fuse.conf has the line user_allow_other");
        return -EPERM;
}

static bool is_in_path(const char *program)
{
        const char *path = getenv("PATH");
        for (const char *at = path ? path : "/usr/bin:/bin"; at;) {
                size_t length = strcspn(at, ":");
                char file[PATH_MAX];
                snprintf(file, sizeof(file), "%.*s/%s", (int)length, at, program);
                if (access(file, X_OK) == 0)
                        return true;
                at = at[length] ? at + length + 1 : NULL;
        }
        return false;
}

static bool has_fusermount(void)
{
        return access("/usr/bin/fusermount3", X_OK) == 0 || access("/bin/fusermount3", X_OK) == 0 ||
               access("/usr/local/bin/fusermount3", X_OK) == 0 || is_in_path("fusermount3");
}

int pail_mountpoint_check_fuse(const struct pail_options *options, struct pail_error *ret_error)
{
        if (access("/dev/fuse", F_OK) < 0) {
                pail_error_set(
                        ret_error, PAIL_ERROR_CONFIG,
                        "there is no /dev/fuse: load the module with \"modprobe fuse\", or give the device to the "
                        "container (--device /dev/fuse --cap-add SYS_ADMIN)");
                return -ENODEV;
        }
        if (geteuid() == 0)
                return 0;
        if (!has_fusermount()) {
                pail_error_set(
                        ret_error, PAIL_ERROR_CONFIG,
                        "fusermount3 is missing, by which users other than root mount: install the package fuse3");
                return -ENOENT;
        }
        int r = options->allow_other || options->allow_root ? check_allow_other(ret_error) : 0;
        if (r == 0 && access("/dev/fuse", R_OK | W_OK) < 0)
                r = pail_error_set_errno(ret_error, errno, "you may not open /dev/fuse, which is usually open to all");
        return r;
}
