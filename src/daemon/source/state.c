/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state_dir/<name>/lock is held with flock(2) by the daemon, so that it is free again however the daemon
 * ends. A second mount of the same source takes the next slot, "<name>-2": two never share unsent bytes.
 */
#include "pail/daemon/state.h"

#include <assert.h>
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

enum { MAX_SLOTS = 99, MAX_TRIES = 10, READABLE_MAX = 80, HASH_BYTES = 8 };

static int hash_key(const struct pail_state_key *key, unsigned char ret_hash[static EVP_MAX_MD_SIZE])
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

int pail_state_name(const struct pail_state_key *key, char **ret_name)
{
        unsigned char hash[EVP_MAX_MD_SIZE];
        int r = hash_key(key, hash);
        if (r < 0)
                return r;
        char readable[READABLE_MAX];
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

/* The directory that an option names, or its default: "<base>/pail". */
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

static int make_directory(const char *option, const char *path, const char *mountpoint, struct pail_error *ret_error)
{
        if (mountpoint && pail_path_is_inside(path, mountpoint)) {
                pail_error_set(ret_error, PAIL_ERROR_CONFIG,
                               "%s %s lies inside the mount point %s; name another with -o %s=", option, path,
                               mountpoint, option);
                return -EINVAL;
        }
        int r = pail_file_mkdirs(path, 0700);
        if (r == 0 && access(path, R_OK | W_OK | X_OK) < 0)
                r = -errno;
        if (r < 0)
                pail_error_set(ret_error, PAIL_ERROR_CONFIG,
                               "%s %s cannot be used: %s; name another with -o %s=", option, path, strerror(-r),
                               option);
        return r;
}

/* Whether the file is still there under its name: see pail_state_discard(). */
static bool is_file_at(int fd, const char *path)
{
        struct stat ours, there;
        return fstat(fd, &ours) == 0 && stat(path, &there) == 0 && ours.st_dev == there.st_dev &&
               ours.st_ino == there.st_ino;
}

/* 0: ours now. -EWOULDBLOCK: another live mount's. -ESTALE: it was taken away meanwhile. */
static int try_slot(const char *directory, const char *mountpoint, int *ret_fd)
{
        _cleanup_free_ char *path = NULL;
        if (mkdir(directory, 0700) < 0 && errno != EEXIST) /* the one above is there */
                return -errno;
        int r = pail_str_printf(&path, "%s/lock", directory);
        if (r < 0)
                return r;
        _cleanup_close_ int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0)
                return errno == ENOENT ? -ESTALE : -errno;
        if (flock(fd, LOCK_EX | LOCK_NB) < 0)
                return -errno;
        if (!is_file_at(fd, path))
                return -ESTALE;
        /* For people who look. */
        if (ftruncate(fd, 0) < 0 || dprintf(fd, "%ld %s\n", (long)getpid(), mountpoint ? mountpoint : "-") < 0)
                return -errno;
        *ret_fd = pail_steal_fd(&fd);
        return 0;
}

static int lock_slot(const char *directory, const char *mountpoint, int *ret_fd)
{
        int r = -ESTALE;
        for (int i = 0; i < MAX_TRIES && r == -ESTALE; i++)
                r = try_slot(directory, mountpoint, ret_fd);
        return r;
}

static int take_slot(const char *base, const char *name, const char *mountpoint, struct pail_state *state,
                     struct pail_error *ret_error)
{
        for (int slot = 1; slot <= MAX_SLOTS; slot++) {
                _cleanup_free_ char *directory = NULL;
                int r = slot == 1 ? pail_str_printf(&directory, "%s/%s", base, name)
                                  : pail_str_printf(&directory, "%s/%s-%d", base, name, slot);
                if (r == 0)
                        r = lock_slot(directory, mountpoint, &state->lock_fd);
                if (r == 0) {
                        state->directory = pail_steal(&directory);
                        return 0;
                }
                if (r != -EWOULDBLOCK) {
                        pail_error_set(ret_error, PAIL_ERROR_CONFIG,
                                       "state_dir %s cannot be used: %s; name another with -o state_dir=",
                                       directory ? directory : base, strerror(-r));
                        return r;
                }
        }
        pail_error_set(ret_error, PAIL_ERROR_CONFIG, "state_dir %s: %d mounts of this source exist already", base,
                       MAX_SLOTS);
        return -EBUSY;
}

int pail_state_find_directories(const struct pail_options *options, const char *mountpoint, char **ret_cache_dir,
                                char **ret_state_dir, struct pail_error *ret_error)
{
        _cleanup_free_ char *cache = NULL, *base = NULL;
        int r = find_directory(options->cache_dir, "/var/cache/pail", "XDG_CACHE_HOME", ".cache", &cache);
        if (r == 0)
                r = find_directory(options->state_dir, "/var/lib/pail", "XDG_STATE_HOME", ".local/state", &base);
        if (r < 0)
                return pail_error_set_errno(ret_error, -r,
                                            "cache_dir and state_dir: no home directory; name both with -o");
        assert(cache && base);
        r = make_directory("cache_dir", cache, mountpoint, ret_error);
        if (r == 0)
                r = make_directory("state_dir", base, mountpoint, ret_error);
        if (r < 0)
                return r;
        *ret_cache_dir = pail_steal(&cache);
        *ret_state_dir = pail_steal(&base);
        return 0;
}

int pail_state_open(const struct pail_options *options, const struct pail_state_key *key, const char *mountpoint,
                    struct pail_state *ret_state, struct pail_error *ret_error)
{
        _cleanup_(pail_state_close) struct pail_state state = { .lock_fd = -1 };
        _cleanup_free_ char *base = NULL, *name = NULL;
        int r = pail_state_find_directories(options, mountpoint, &state.cache_dir, &base, ret_error);
        if (r < 0)
                return r;
        r = pail_state_name(key, &name);
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "state_dir");
        r = take_slot(base, name, mountpoint, &state, ret_error);
        if (r < 0)
                return r;
        *ret_state = state;
        state = (struct pail_state){ .lock_fd = -1 };
        return 0;
}

static bool holds_only_lock(const char *path)
{
        _cleanup_closedir_ DIR *directory = opendir(path);
        const struct dirent *entry;
        while (directory && (entry = readdir(directory)))
                if (!pail_str_equal(entry->d_name, ".") && !pail_str_equal(entry->d_name, "..") &&
                    !pail_str_equal(entry->d_name, "lock"))
                        return false;
        return directory != NULL;
}

/* With the lock held: who opened the file before it went finds that out once it has the lock, and begins anew. */
void pail_state_discard(struct pail_state *state)
{
        _cleanup_free_ char *lock = NULL;
        if (state->directory && holds_only_lock(state->directory) &&
            pail_str_printf(&lock, "%s/lock", state->directory) == 0 && unlink(lock) == 0)
                rmdir(state->directory);
        pail_state_close(state);
}

void pail_state_close(struct pail_state *state)
{
        free(state->cache_dir);
        free(state->directory);
        if (state->lock_fd >= 0)
                close(state->lock_fd);
        *state = (struct pail_state){ .lock_fd = -1 };
}
