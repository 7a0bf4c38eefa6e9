/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lock is a file that is held with flock(2), so that it is free again however the process ends, and not a file that is there or not. A
 * directory in which nothing was done is removed with its lock held. Whoever opened the lock file before it went gets the lock of a file
 * that has no name any more: so the file that was locked is compared with the one that the name leads to, and where they differ all begins anew.
 *
 * A second mount of the same source takes the next slot rather than fail, and never the same directory: two never share unsent bytes.
 */
#include "pail/store/state_directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pail/util/buf.h"
#include "pail/util/cleanup.h"
#include "pail/util/file.h"
#include "pail/util/path.h"
#include "pail/util/str.h"

enum { TRIES_MAX = 10, READABLE_SIZE = 80, HASH_BYTES = 8 };

static const char lock_name[] = "lock", spool_name[] = "spool";

/* given, or its default: "<base>/pail". */
static int find_directory(const char *given, const char *root_default, const char *variable, const char *below_home,
                          char **ret_path)
{
        if (given)
                return pail_path_resolve(given, ret_path);
        if (geteuid() == 0)
                return pail_str_dup(root_default, ret_path);
        _cleanup_free_ char *path = NULL, *home = NULL;
        const char *base = getenv(variable);
        int r;
        if (base && base[0] == '/') {
                r = pail_str_printf(&path, "%s/pail", base);
        } else {
                r = pail_path_home(&home);
                if (r == 0)
                        r = pail_str_printf(&path, "%s/%s/pail", home, below_home);
        }
        return r < 0 ? r : pail_path_resolve(path, ret_path);
}

int pail_state_directory_find_base(const char *given, char **ret_path)
{
        return find_directory(given, "/var/lib/pail", "XDG_STATE_HOME", ".local/state", ret_path);
}

int pail_state_directory_find_cache(const char *given, char **ret_path)
{
        return find_directory(given, "/var/cache/pail", "XDG_CACHE_HOME", ".cache", ret_path);
}

int pail_state_directory_make_base(const char *path)
{
        int r = pail_file_mkdirs(path, 0700);
        if (r == 0 && access(path, R_OK | W_OK | X_OK) < 0)
                r = -errno;
        return r;
}

static int hash_key(const struct pail_state_directory_key *key, unsigned char ret_hash[static EVP_MAX_MD_SIZE])
{
        _cleanup_buf_ struct pail_buf text = PAIL_BUF_INIT(64 * 1024);
        const char *parts[] = { key->endpoint, key->bucket, key->prefix, key->access_key_id };
        for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
                pail_buf_append(&text, parts[i], strlen(parts[i]) + 1);
        if (text.error < 0)
                return text.error;
        if (EVP_Digest(text.data, text.length, ret_hash, NULL, EVP_sha256(), NULL) != 1)
                return -ENOMEM;
        return 0;
}

int pail_state_directory_name(const struct pail_state_directory_key *key, char **ret_name)
{
        unsigned char hash[EVP_MAX_MD_SIZE];
        int r = hash_key(key, hash);
        if (r < 0)
                return r;
        char readable[READABLE_SIZE];
        snprintf(readable, sizeof(readable), "%s/%s", key->bucket, key->prefix);
        for (char *at = readable; *at; at++)
                if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-", *at))
                        *at = '_';
        size_t length = strlen(readable);
        while (length > 1 && readable[length - 1] == '_')
                readable[--length] = '\0';
        _cleanup_buf_ struct pail_buf name = PAIL_BUF_INIT(256);
        pail_buf_printf(&name, "%s-", readable);
        pail_str_hex(&name, hash, HASH_BYTES);
        return name.error < 0 ? name.error : pail_buf_steal(&name, ret_name, NULL);
}

static int name_part(const char *path, const char *name, char **ret_path)
{
        return pail_str_printf(ret_path, "%s/%s", path, name);
}

int pail_state_directory_spool(const char *path, char **ret_path)
{
        return name_part(path, spool_name, ret_path);
}

int pail_state_directory_lost(const char *path, char **ret_path)
{
        return name_part(path, PAIL_STATE_DIRECTORY_LOST, ret_path);
}

/* Whether the file is still there under its name. */
static bool is_file_at(int fd, const char *path)
{
        struct stat ours, there;
        return fstat(fd, &ours) == 0 && stat(path, &there) == 0 && ours.st_dev == there.st_dev &&
               ours.st_ino == there.st_ino;
}

/* 0: ours now. -EWOULDBLOCK: another live mount's. -ESTALE: it was removed meanwhile. */
static int try_lock(const char *path, const char *note, int *ret_fd)
{
        _cleanup_free_ char *lock = NULL;
        if (mkdir(path, 0700) < 0 && errno != EEXIST) /* the one above is there */
                return -errno;
        int r = name_part(path, lock_name, &lock);
        if (r < 0)
                return r;
        _cleanup_close_ int fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0)
                return errno == ENOENT ? -ESTALE : -errno;
        if (flock(fd, LOCK_EX | LOCK_NB) < 0)
                return -errno;
        if (!is_file_at(fd, lock))
                return -ESTALE;
        if (ftruncate(fd, 0) < 0 || dprintf(fd, "%ld %s\n", (long)getpid(), note) < 0)
                return -errno;
        *ret_fd = pail_steal_fd(&fd);
        return 0;
}

static int lock_path(const char *path, const char *note, int *ret_fd)
{
        int r = -ESTALE;
        for (int i = 0; i < TRIES_MAX && r == -ESTALE; i++)
                r = try_lock(path, note, ret_fd);
        return r;
}

int pail_state_directory_lock(const char *base, const char *name, const char *note,
                              struct pail_state_directory *directory)
{
        for (int slot = 1; slot <= PAIL_STATE_DIRECTORY_SLOTS; slot++) {
                _cleanup_free_ char *path = NULL;
                int r = slot == 1 ? pail_str_printf(&path, "%s/%s", base, name)
                                  : pail_str_printf(&path, "%s/%s-%d", base, name, slot);
                if (r == 0)
                        r = lock_path(path, note, &directory->lock_fd);
                if (r != -EWOULDBLOCK) {
                        directory->path = pail_steal(&path);
                        return r;
                }
        }
        return -EWOULDBLOCK;
}

static bool holds_only_lock(const char *path)
{
        _cleanup_closedir_ DIR *directory = opendir(path);
        const struct dirent *entry;
        while (directory && (entry = readdir(directory)))
                if (!pail_str_equal(entry->d_name, ".") && !pail_str_equal(entry->d_name, "..") &&
                    !pail_str_equal(entry->d_name, lock_name))
                        return false;
        return directory != NULL;
}

void pail_state_directory_discard(struct pail_state_directory *directory)
{
        _cleanup_free_ char *lock = NULL;
        if (directory->path && holds_only_lock(directory->path) && name_part(directory->path, lock_name, &lock) == 0 &&
            unlink(lock) == 0)
                rmdir(directory->path);
        pail_state_directory_done(directory);
}

void pail_state_directory_done(struct pail_state_directory *directory)
{
        free(directory->path);
        if (directory->lock_fd >= 0)
                close(directory->lock_fd);
        *directory = (struct pail_state_directory)PAIL_STATE_DIRECTORY_INIT;
}
