/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The spool directory: its limit, which others may share, and what a dead process left in it.
 *
 * Space is charged by present ranges, not by asking the disk: the limit then holds at the moment of the write, on every file system.
 * The disk's own ENOSPC is passed on all the same.
 */
#include "spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "pail/util/buf.h"
#include "pail/util/cleanup.h"
#include "pail/util/clock.h"
#include "pail/util/file.h"
#include "pail/util/mutex.h"
#include "pail/util/str.h"

enum { KEY_MAX = 2048 };

PAIL_DEFINE_CLEANUP(struct pail_spool, pail_spool_free);

void pail_spool_free(struct pail_spool *spool)
{
        if (!spool)
                return;
        free(spool->directory);
        free(spool->lost);
        free(spool);
}

/*
 * A name in lost that is free: time and a number, so that a person sees the order. It is looked at, because a container gives each
 * process the same id: two within a second would choose the same name, and what is there may be the only copy.
 */
static int find_lost_path(struct pail_spool *spool, char **ret_path)
{
        char stamp[17];

        pail_clock_format_amz(pail_clock_now().tv_sec, stamp);
        for (;;) {
                _cleanup_free_ char *path = NULL;
                struct stat status;
                int r = pail_str_printf(&path, "%s/%s-%d-%llu", spool->lost, stamp, (int)getpid(),
                                        (unsigned long long)atomic_fetch_add(&spool->serial, 1));

                if (r < 0)
                        return r;
                if (lstat(path, &status) == 0)
                        continue;
                if (errno != ENOENT)
                        return -errno;
                *ret_path = pail_steal(&path);
                return 0;
        }
}

int pail_spool_keep_path(struct pail_spool *spool, const char *path, const char *note)
{
        _cleanup_free_ char *target = NULL, *note_path = NULL;
        int r;

        r = find_lost_path(spool, &target);
        if (r < 0)
                return r;
        r = pail_str_printf(&note_path, "%s.txt", target);
        if (r < 0)
                return r;
        if (rename(path, target) < 0)
                return -errno;
        /* On a full disk the bytes are kept all the same. */
        (void)pail_file_replace(note_path, note, strlen(note));
        return 0;
}

/* Asked of the file, not by its blocks: an attribute may take one, and a small file none. true where the disk cannot tell. */
static bool has_data(const char *path)
{
        _cleanup_close_ int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

        return fd < 0 || lseek(fd, 0, SEEK_DATA) >= 0 || errno != ENXIO;
}

static int recover_file(struct pail_spool *spool, const char *path)
{
        char key[KEY_MAX + 1];
        _cleanup_free_ char *note = NULL;
        struct stat status;
        ssize_t length;
        int r;

        if (lstat(path, &status) < 0)
                return -errno;
        if (!S_ISREG(status.st_mode))
                return 0; /* not of the spool */
        if (!has_data(path))
                return unlink(path) < 0 ? -errno : 0;
        length = getxattr(path, PAIL_SPOOL_KEY_ATTRIBUTE, key, KEY_MAX);
        key[length > 0 ? length : 0] = 0;
        r = pail_str_printf(
                &note,
                "Key: %s\nThe process that wrote these bytes ended before they were sent. Holes may be bytes that it never wrote.\n",
                length > 0 ? key : "(unknown)");
        if (r < 0)
                return r;
        r = pail_spool_keep_path(spool, path, note);
        return r < 0 ? r : 1;
}

static int recover_directory(struct pail_spool *spool, unsigned *ret_recovered)
{
        _cleanup_closedir_ DIR *directory = opendir(spool->directory);
        unsigned recovered = 0;
        struct dirent *entry;

        if (!directory)
                return -errno;
        while (errno = 0, (entry = readdir(directory))) {
                _cleanup_free_ char *path = NULL;
                int r;

                if (entry->d_name[0] == '.')
                        continue;
                r = pail_str_printf(&path, "%s/%s", spool->directory, entry->d_name);
                if (r == 0)
                        r = recover_file(spool, path);
                if (r < 0)
                        return r;
                recovered += (unsigned)r;
        }
        if (errno)
                return -errno;
        *ret_recovered = recovered;
        return 0;
}

int pail_spool_new(const char *directory, const char *lost, struct pail_spool_budget *budget,
                   struct pail_spool **ret_spool, unsigned *ret_recovered)
{
        _cleanup_(pail_spool_free_p) struct pail_spool *spool = calloc(1, sizeof(*spool));
        int r;

        if (!spool)
                return -ENOMEM;
        spool->budget = budget;
        r = pail_str_dup(directory, &spool->directory);
        if (r == 0)
                r = pail_str_dup(lost, &spool->lost);
        if (r == 0)
                r = pail_file_mkdirs(directory, 0700);
        if (r == 0)
                r = pail_file_mkdirs(lost, 0700);
        if (r == 0)
                r = recover_directory(spool, ret_recovered);
        if (r < 0)
                return r;
        *ret_spool = pail_steal(&spool);
        return 0;
}

int pail_spool_budget_new(uint64_t limit_bytes, struct pail_spool_budget **ret_budget)
{
        struct pail_spool_budget *budget = calloc(1, sizeof(*budget));

        if (!budget)
                return -ENOMEM;
        pail_mutex_init(&budget->guarded.mutex);
        budget->limit_bytes = limit_bytes ? limit_bytes : UINT64_MAX;
        *ret_budget = budget;
        return 0;
}

void pail_spool_budget_free(struct pail_spool_budget *budget)
{
        if (!budget)
                return;
        pail_mutex_done(&budget->guarded.mutex);
        free(budget);
}

uint64_t pail_spool_budget_used_bytes(struct pail_spool_budget *budget)
{
        PAIL_LOCK(&budget->guarded.mutex);
        return budget->guarded.used_bytes;
}

int pail_spool_charge(struct pail_spool *spool, uint64_t bytes)
{
        struct pail_spool_budget *budget = spool->budget;

        if (!budget)
                return 0;
        PAIL_LOCK(&budget->guarded.mutex);
        if (bytes > budget->limit_bytes - budget->guarded.used_bytes)
                return -ENOSPC;
        budget->guarded.used_bytes += bytes;
        return 0;
}

void pail_spool_refund(struct pail_spool *spool, uint64_t bytes)
{
        struct pail_spool_budget *budget = spool->budget;

        if (!budget)
                return;
        PAIL_LOCK(&budget->guarded.mutex);
        budget->guarded.used_bytes -= bytes;
}

void pail_spool_note_written(struct pail_spool *spool)
{
        if (!spool->budget)
                return;
        PAIL_LOCK(&spool->budget->guarded.mutex);
        spool->budget->guarded.steps++;
}

void pail_spool_note_removed(struct pail_spool *spool, uint64_t bytes)
{
        pail_spool_refund(spool, bytes);
        pail_spool_note_written(spool);
}

uint64_t pail_spool_budget_steps(struct pail_spool_budget *budget)
{
        PAIL_LOCK(&budget->guarded.mutex);
        return budget->guarded.steps;
}
