/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole files and whole ranges: every function here goes on after EINTR and short reads and writes, so that no caller has to.
 * A file is replaced by writing a new one beside it and renaming it over the old one: whoever reads sees the old bytes or the
 * new ones, and after a crash too. (Writing in place was rejected: a full disk would leave half a file.)
 */
#include "pail/util/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pail/util/buf.h"
#include "pail/util/str.h"

enum { READ_CHUNK = 8 * 1024 };

static ssize_t read_retry(int fd, void *data, size_t size)
{
        ssize_t n;
        do
                n = read(fd, data, size);
        while (n < 0 && errno == EINTR);
        return n < 0 ? -errno : n;
}

int pail_file_read(const char *path, struct pail_buf *target)
{
        _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        for (;;) {
                char chunk[READ_CHUNK];
                ssize_t n = read_retry(fd, chunk, sizeof(chunk));
                if (n <= 0)
                        return n < 0 ? (int)n : target->error;
                int r = pail_buf_append(target, chunk, (size_t)n);
                explicit_bzero(chunk, (size_t)n); /* it may be a file of keys */
                if (r < 0)
                        return r;
        }
}

static int require_directory(const char *path)
{
        struct stat status;
        if (stat(path, &status) < 0)
                return -errno;
        return S_ISDIR(status.st_mode) ? 0 : -ENOTDIR;
}

static int make_directory(const char *path, mode_t mode)
{
        if (mkdir(path, mode) == 0)
                return 0;
        int error = errno;
        /* Whatever the error: of a directory that exists, a read-only file system may say EROFS. */
        int r = require_directory(path);
        if (r == -ENOENT)
                r = error == EEXIST ? -ENOTDIR : -error; /* a symbolic link into nothing */
        return r;
}

int pail_file_mkdirs(const char *path, mode_t mode)
{
        if (!*path)
                return -ENOENT;
        _cleanup_free_ char *copy = NULL;
        int r = pail_str_dup(path, &copy);
        if (r < 0)
                return r;
        for (char *at = copy; *at; at++) {
                if (*at != '/' || at == copy || at[-1] == '/')
                        continue;
                *at = 0;
                r = make_directory(copy, mode);
                *at = '/';
                if (r < 0)
                        return r;
        }
        return make_directory(copy, mode);
}

int pail_file_pread_all(int fd, void *data, size_t size, off_t offset)
{
        char *at = data;
        while (size > 0) {
                ssize_t n = pread(fd, at, size, offset);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        return n < 0 ? -errno : -ENODATA;
                at += n;
                size -= (size_t)n;
                offset += n;
        }
        return 0;
}

int pail_file_pwrite_all(int fd, const void *data, size_t size, off_t offset)
{
        const char *at = data;
        while (size > 0) {
                ssize_t n = pwrite(fd, at, size, offset);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        return n < 0 ? -errno : -EIO; /* POSIX lets no write of a byte or more return 0 */
                at += n;
                size -= (size_t)n;
                offset += n;
        }
        return 0;
}

int pail_file_write_all(int fd, const void *data, size_t size)
{
        const char *at = data;
        while (size > 0) {
                ssize_t n = write(fd, at, size);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        return n < 0 ? -errno : -EIO;
                at += n;
                size -= (size_t)n;
        }
        return 0;
}

static int sync_directory(const char *path)
{
        _cleanup_close_ int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        return fsync(fd) < 0 ? -errno : 0;
}

static int write_and_sync(int fd, const void *data, size_t size)
{
        int r = pail_file_pwrite_all(fd, data, size, 0);
        if (r < 0)
                return r;
        return fsync(fd) < 0 ? -errno : 0;
}

/* like NULL: mode 0600 and our own. */
static int copy_owner(int fd, const struct stat *like, mode_t deny)
{
        if (!like)
                return 0;
        /* The mode last: a change of owner clears set-id bits. */
        if (fchown(fd, like->st_uid, like->st_gid) < 0 || fchmod(fd, like->st_mode & 07777 & ~deny) < 0)
                return -errno;
        return 0;
}

static int replace_file(const char *path, const void *data, size_t size, const struct stat *like, mode_t deny)
{
        const char *slash = strrchr(path, '/');
        _cleanup_free_ char *directory = NULL, *temporary = NULL;
        int r = slash ? pail_str_printf(&directory, "%.*s/", (int)(slash - path), path)
                      : pail_str_dup("./", &directory);
        if (r < 0)
                return r;
        /* Not path plus a suffix: the name may be as long as names can be. */
        r = pail_str_printf(&temporary, "%s.pail.XXXXXX", directory);
        if (r < 0)
                return r;

        _cleanup_close_ int fd = mkostemp(temporary, O_CLOEXEC); /* mode 0600 */
        if (fd < 0)
                return -errno;
        r = copy_owner(fd, like, deny);
        if (r == 0)
                r = write_and_sync(fd, data, size);
        if (r == 0 && rename(temporary, path) < 0)
                r = -errno;
        if (r < 0) {
                unlink(temporary);
                return r;
        }
        return sync_directory(directory);
}

int pail_file_replace(const char *path, const void *data, size_t size)
{
        return replace_file(path, data, size, NULL, 0);
}

int pail_file_update(const char *path, const void *data, size_t size, mode_t deny)
{
        struct stat status;
        if (lstat(path, &status) < 0)
                return errno == ENOENT ? replace_file(path, data, size, NULL, 0) : -errno;
        _cleanup_free_ char *real = realpath(path, NULL);
        if (!real)
                return errno == ENOENT ? -ENOLINK : -errno;
        if (stat(real, &status) < 0)
                return -errno;
        return S_ISREG(status.st_mode) ? replace_file(real, data, size, &status, deny) : -EINVAL;
}
