/* SPDX-License-Identifier: Apache-2.0 */
/*
 * upload_file and download_file. A file is opened without waiting, because the open of a FIFO waits for somebody who writes, and only
 * then looked at: what was looked at is what is sent.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "pail/s3/transfer.h"
#include "pail/util/mime.h"
#include "pail/util/random.h"
#include "pail/util/str.h"
#include "s3/resource/object.h"

enum { NAME_ATTEMPTS = 100 };

static int refuse_kind(const char *path, mode_t mode, struct pail_error *ret_error)
{
        if (S_ISDIR(mode))
                return pail_error_set_errno(ret_error, EISDIR, "%s", path);
        pail_error_set(ret_error, PAIL_ERROR_CONFIG, "%s is no regular file, but a %s", path,
                       S_ISFIFO(mode)   ? "FIFO"
                       : S_ISSOCK(mode) ? "socket"
                                        : "device");
        return -EINVAL;
}

static int open_source(const char *path, int *ret_fd, uint64_t *ret_size, struct pail_error *ret_error)
{
        struct stat status;
        if (stat(path, &status) == 0 && !S_ISREG(status.st_mode)) /* a socket cannot be opened, and a device may act */
                return refuse_kind(path, status.st_mode, ret_error);
        _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        if (fd < 0 || fstat(fd, &status) < 0)
                return pail_error_set_errno(ret_error, errno, "%s", path);
        if (!S_ISREG(status.st_mode))
                return refuse_kind(path, status.st_mode, ret_error);
        *ret_fd = pail_steal_fd(&fd);
        *ret_size = (uint64_t)status.st_size;
        return 0;
}

static int guess_type(const char *path, char **ret_type)
{
        const char *slash = strrchr(path, '/');
        struct pail_mime *mime = NULL;
        int r = pail_mime_new(PAIL_MIME_GLOBS, PAIL_MIME_TYPES, &mime);
        if (r == 0)
                r = pail_str_dup(pail_mime_type(mime, slash ? slash + 1 : path), ret_type);
        pail_mime_free(mime);
        return r;
}

int pail_transfer_upload_file(struct pail_object *object, const char *path, const struct pail_s3_headers *headers,
                              const struct pail_transfer_upload_options *options,
                              char ret_etag[static PAIL_S3_ETAG_SIZE], struct pail_error *ret_error)
{
        _cleanup_(pail_s3_headers_done) struct pail_s3_headers guessed = { 0 };
        _cleanup_close_ int fd = -1;
        uint64_t size_bytes = 0;
        int r = open_source(path, &fd, &size_bytes, ret_error);
        if (r < 0)
                return r;
        if (!headers && guess_type(path, &guessed.content_type) < 0)
                return pail_error_set_errno(ret_error, ENOMEM, "%s", path);
        return pail_transfer_upload(object, fd, size_bytes, headers ? headers : &guessed, options, ret_etag, ret_error);
}

/* Where a download goes. */
struct target {
        char *path;      /* behind links */
        char *temporary; /* NULL: not made as yet */
        int fd;
        bool exists;
        struct stat status; /* of what it replaces */
};

static void target_done(struct target *target)
{
        if (target->fd >= 0)
                close(target->fd);
        if (target->temporary)
                unlink(target->temporary);
        free(target->temporary);
        free(target->path);
}

/* What is to be replaced, if anything. */
static int find_target(const char *path, struct target *target, struct pail_error *ret_error)
{
        struct stat status;
        if (lstat(path, &status) < 0) {
                if (errno != ENOENT)
                        return pail_error_set_errno(ret_error, errno, "%s", path);
                int r = pail_str_dup(path, &target->path);
                return r < 0 ? pail_error_set_errno(ret_error, -r, "%s", path) : 0;
        }
        target->path = realpath(path, NULL);
        if (!target->path)
                return pail_error_set_errno(ret_error, errno == ENOENT ? ENOLINK : errno, "%s", path);
        if (stat(target->path, &target->status) < 0)
                return pail_error_set_errno(ret_error, errno, "%s", path);
        target->exists = true;
        return S_ISREG(target->status.st_mode) ? 0 : refuse_kind(path, target->status.st_mode, ret_error);
}

/* Not mkstemp(3), whose mode is always 0600: that of a new file is for the umask to say. */
static int open_temporary(struct target *target)
{
        const char *slash = strrchr(target->path, '/');
        int directory_length = slash ? (int)(slash + 1 - target->path) : 0;
        for (int i = 0; i < NAME_ATTEMPTS; i++) {
                _cleanup_free_ char *name = NULL;
                unsigned number;
                pail_random_fill(&number, sizeof(number));
                /* Not path plus a suffix: the name may be as long as names can be. */
                int r = pail_str_printf(&name, "%.*s.pail.%08x", directory_length, target->path, number);
                if (r < 0)
                        return r;
                target->fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, target->exists ? 0600 : 0666);
                if (target->fd >= 0) {
                        target->temporary = pail_steal(&name);
                        return 0;
                }
                if (errno != EEXIST)
                        return -errno;
        }
        return -EEXIST;
}

static int replace_target(struct target *target)
{
        if (target->exists) {
                /* Refused unless we are root, or it is ours anyway. The mode last: a change of owner clears bits of it. */
                bool is_kept = fchown(target->fd, target->status.st_uid, target->status.st_gid) == 0;
                if (fchmod(target->fd, target->status.st_mode & (is_kept ? 07777 : 0777)) < 0)
                        return -errno;
        }
        if (fsync(target->fd) < 0 || rename(target->temporary, target->path) < 0)
                return -errno;
        free(pail_steal(&target->temporary));
        return 0;
}

int pail_transfer_download_file(struct pail_object *object, const char *path,
                                const struct pail_download_options *options, struct pail_error *ret_error)
{
        _cleanup_(target_done) struct target target = { .fd = -1 };
        int r = object->is_loaded ? 0 : pail_object_load(object, ret_error);
        if (r >= 0)
                r = find_target(path, &target, ret_error);
        if (r < 0)
                return r;
        r = open_temporary(&target);
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "cannot make a file beside %s", path);
        r = pail_transfer_download(object, target.fd, options, ret_error);
        if (r < 0)
                return r;
        r = replace_target(&target);
        return r < 0 ? pail_error_set_errno(ret_error, -r, "cannot replace %s", path) : 0;
}
