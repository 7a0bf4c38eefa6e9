/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One spool file: a sparse file and the set of its present ranges. The charge always equals the total of that set.
 */
#include "pail/store/spool_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "pail/util/cleanup.h"
#include "pail/util/file.h"
#include "pail/util/str.h"
#include "spool.h"

struct pail_spool_file {
        struct pail_spool *spool;
        char *path;
        int fd;
        struct pail_extents present;
};

PAIL_DEFINE_CLEANUP(struct pail_spool_file, pail_spool_file_free);

int pail_spool_file_new(struct pail_spool *spool, const char *key, struct pail_spool_file **ret_file)
{
        _cleanup_(pail_spool_file_free_p) struct pail_spool_file *file = calloc(1, sizeof(*file));
        int r;

        if (!file)
                return -ENOMEM;
        file->fd = -1;
        file->spool = spool;
        r = pail_str_printf(&file->path, "%s/%d-%llu", spool->directory, (int)getpid(),
                            (unsigned long long)atomic_fetch_add(&spool->serial, 1));
        if (r < 0)
                return r;
        file->fd = open(file->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (file->fd < 0)
                return -errno;
        /* For the note in lost+found only; a disk without extended attributes does without. */
        (void)fsetxattr(file->fd, PAIL_SPOOL_KEY_ATTRIBUTE, key, strlen(key), 0);
        *ret_file = pail_steal(&file);
        return 0;
}

static void free_file(struct pail_spool_file *file)
{
        pail_spool_note_removed(file->spool, pail_extents_total(&file->present));
        pail_extents_done(&file->present);
        if (file->fd >= 0)
                close(file->fd);
        free(file->path);
        free(file);
}

void pail_spool_file_free(struct pail_spool_file *file)
{
        if (!file)
                return;
        if (file->fd >= 0)
                unlink(file->path);
        free_file(file);
}

int pail_spool_file_keep(struct pail_spool_file *file, const char *note)
{
        int r = pail_spool_keep_path(file->spool, file->path, note);

        if (r == 0)
                free_file(file);
        return r;
}

int pail_spool_file_fd(const struct pail_spool_file *file)
{
        return file->fd;
}

const struct pail_extents *pail_spool_file_present(const struct pail_spool_file *file)
{
        return &file->present;
}

/* Bytes of [start, end) that are not present. */
static uint64_t missing_bytes(const struct pail_extents *present, uint64_t start, uint64_t end)
{
        uint64_t missing = 0;

        while (start < end) {
                bool is_inside;
                uint64_t until = pail_extents_stretch(present, start, end, &is_inside);

                if (!is_inside)
                        missing += until - start;
                start = until;
        }
        return missing;
}

/* Writes those stretches of [start, end) that are present, or those that are not. */
static int write_stretches(const struct pail_spool_file *file, const char *data, uint64_t start, uint64_t end,
                           bool present)
{
        uint64_t until;

        for (uint64_t at = start; at < end; at = until) {
                bool is_inside;
                int r = 0;

                until = pail_extents_stretch(&file->present, at, end, &is_inside);
                if (is_inside == present)
                        r = pail_file_pwrite_all(file->fd, data + (at - start), until - at, (off_t)at);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int punch_hole(const struct pail_spool_file *file, uint64_t start, uint64_t end)
{
        return fallocate(file->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)start, (off_t)(end - start)) < 0
                       ? -errno
                       : 0;
}

/* What a failed write left where nothing is present; it would take room, and be read where zeros are meant. */
static void erase_missing(const struct pail_spool_file *file, uint64_t start, uint64_t end)
{
        uint64_t until;

        for (uint64_t at = start; at < end; at = until) {
                bool is_inside;

                until = pail_extents_stretch(&file->present, at, end, &is_inside);
                if (!is_inside)
                        (void)punch_hole(file, at, until);
        }
}

/* The missing stretches first: they alone need room, and when there is none, what is present has not changed yet. */
static int write_range(const struct pail_spool_file *file, const char *data, uint64_t start, uint64_t end)
{
        int r = write_stretches(file, data, start, end, false);

        if (r == 0)
                r = write_stretches(file, data, start, end, true);
        if (r < 0)
                erase_missing(file, start, end);
        return r;
}

int pail_spool_file_write(struct pail_spool_file *file, const void *data, size_t size, uint64_t offset)
{
        uint64_t end, missing;
        int r;

        if (__builtin_add_overflow(offset, size, &end) || end > INT64_MAX)
                return -EFBIG;
        missing = missing_bytes(&file->present, offset, end);
        r = pail_extents_reserve(&file->present, 1);
        if (r == 0)
                r = pail_spool_charge(file->spool, missing);
        if (r < 0)
                return r;
        r = write_range(file, data, offset, end);
        if (r == 0)
                r = pail_extents_add(&file->present, offset, end); /* reserved: never fails */
        if (r < 0)
                pail_spool_refund(file->spool, missing);
        else if (missing > 0)
                pail_spool_note_written(file->spool);
        return r == -EDQUOT ? -ENOSPC : r;
}

/* Takes [start, end) out of the set and the charge. */
static int remove_range(struct pail_spool_file *file, uint64_t start, uint64_t end)
{
        uint64_t before = pail_extents_total(&file->present);
        int r = pail_extents_remove(&file->present, start, end);

        if (r == 0)
                pail_spool_note_removed(file->spool, before - pail_extents_total(&file->present));
        return r;
}

int pail_spool_file_truncate(struct pail_spool_file *file, uint64_t size_bytes)
{
        if (size_bytes > INT64_MAX)
                return -EFBIG;
        if (ftruncate(file->fd, (off_t)size_bytes) < 0)
                return -errno;
        return remove_range(file, size_bytes, UINT64_MAX); /* the end of the set: never fails */
}

int pail_spool_file_punch(struct pail_spool_file *file, uint64_t offset, uint64_t size_bytes)
{
        uint64_t end;
        int r;

        if (__builtin_add_overflow(offset, size_bytes, &end) || end > INT64_MAX)
                return -EINVAL;
        if (!size_bytes)
                return 0;
        r = pail_extents_reserve(&file->present, 1);
        if (r == 0)
                r = punch_hole(file, offset, end);
        return r < 0 ? r : remove_range(file, offset, end); /* reserved: never fails */
}
