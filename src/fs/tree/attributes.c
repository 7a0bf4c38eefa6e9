/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Headers and attributes. Written: mode (decimal st_mode), uid, gid, mtime, ctime, atime ("seconds.nnnnnnnnn"), rdev (decimal).
 * Other programs' forms are read where ours are absent, so that a bucket that s3sync, DataSync or gcsfuse filled shows its owners.
 */
#include "fs/tree/attributes.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "pail/util/cleanup.h"
#include "pail/util/str.h"

enum { NANOSECONDS = 1000000000, DIRECTORY_SIZE = 4096, BLOCK_UNIT = 512, IO_SIZE = 1 << 20, PERMISSIONS = 07777 };

/* The first length characters as a number. */
static bool parse_number(const char *text, size_t length, int64_t *ret_value)
{
        char digits[24]; /* not from the heap: short memory must not turn into other attributes */

        if (length >= sizeof(digits))
                return false;
        memcpy(digits, text, length);
        digits[length] = 0;
        return pail_str_to_i64(digits, ret_value) == 0;
}

/* "seconds" or "seconds.fraction", any number of digits. As s3fs has it, the fraction counts forward, after negative seconds too. */
static bool parse_time(const char *text, struct timespec *ret_time)
{
        size_t length = strcspn(text, ".");
        long nanoseconds = 0, unit = NANOSECONDS / 10;
        int64_t seconds;

        if (!parse_number(text, length, &seconds))
                return false;
        for (const char *p = text + length + (text[length] == '.'); *p; p++) {
                if (*p < '0' || *p > '9')
                        return false;
                nanoseconds += unit * (*p - '0');
                unit /= 10;
        }
        *ret_time = (struct timespec){ seconds, nanoseconds };
        return true;
}

/* DataSync: "<n>ns", or milliseconds without unit. */
static bool parse_datasync_time(const char *text, struct timespec *ret_time)
{
        bool has_unit = pail_str_ends_with(text, "ns");
        int64_t value, per_second = has_unit ? NANOSECONDS : 1000;

        if (!parse_number(text, strlen(text) - (has_unit ? strlen("ns") : 0), &value) || value < 0)
                return false;
        *ret_time = (struct timespec){ value / per_second, value % per_second * (NANOSECONDS / per_second) };
        return true;
}

static void read_time(const struct pail_http_headers *metadata, const char *ours, const char *google,
                      const char *datasync, struct timespec *target)
{
        const char *text = pail_http_headers_get(metadata, ours);

        if (text && parse_time(text, target))
                return;
        text = google ? pail_http_headers_get(metadata, google) : NULL;
        if (text && parse_time(text, target))
                return;
        text = datasync ? pail_http_headers_get(metadata, datasync) : NULL;
        if (text)
                (void)parse_datasync_time(text, target);
}

/* The first of the named headers that is a number. */
static bool read_number(const struct pail_http_headers *metadata, const char *const *names, uint64_t *ret_value)
{
        for (; *names; names++) {
                const char *text = pail_http_headers_get(metadata, *names);

                if (text && pail_str_to_u64(text, ret_value) == 0 &&
                    *ret_value < UINT32_MAX) /* (uid_t)-1 is nobody's */
                        return true;
        }
        return false;
}

/* false: the bits name no type of file, and the kernel would refuse the node. Without a type, that of *mode stays. */
static bool use_mode(uint64_t value, mode_t *mode)
{
        mode_t type = value & S_IFMT ? value & S_IFMT : *mode & S_IFMT;

        if (value & ~(uint64_t)(S_IFMT | PERMISSIONS))
                return false;
        if (!S_ISREG(type) && !S_ISDIR(type) && !S_ISLNK(type) && !S_ISFIFO(type) && !S_ISSOCK(type) &&
            !S_ISCHR(type) && !S_ISBLK(type))
                return false;
        *mode = type | (value & PERMISSIONS);
        return true;
}

/* Decimal, or octal with a leading 0, as s3fs reads it. */
static bool parse_mode(const char *text, bool is_octal, uint64_t *ret_value)
{
        unsigned octal;

        if (!is_octal && *text != '0')
                return pail_str_to_u64(text, ret_value) == 0;
        if (pail_str_to_octal(text, &octal) < 0)
                return false;
        *ret_value = octal;
        return true;
}

static void read_mode(const struct pail_http_headers *metadata, mode_t *mode)
{
        static const struct {
                const char *name;
                bool is_octal;
        } forms[] = {
                { "mode", false },
                { "permissions", false },
                { "goog-reserved-posix-mode", true },
                { "file-permissions", true },
        };

        for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
                const char *text = pail_http_headers_get(metadata, forms[i].name);
                uint64_t value;

                if (text && parse_mode(text, forms[i].is_octal, &value) && use_mode(value, mode))
                        return;
        }
}

void pail_attributes_default(const struct pail_fs_options *options, mode_t type, uint64_t size_bytes,
                             struct timespec time, struct pail_attributes *ret_attributes)
{
        *ret_attributes = (struct pail_attributes){
                .mode = type | (type == S_IFDIR ? options->dir_mode : options->file_mode),
                .uid = options->uid,
                .gid = options->gid,
                .size_bytes = size_bytes,
                .atime = time,
                .mtime = time,
                .ctime = time,
        };
}

void pail_attributes_read(const struct pail_fs_options *options, const struct pail_s3_info *info, bool is_directory,
                          struct pail_attributes *ret_attributes)
{
        static const char *const uid_names[] = { "uid", "owner", "goog-reserved-posix-uid", "file-owner", NULL };
        static const char *const gid_names[] = { "gid", "group", "goog-reserved-posix-gid", "file-group", NULL };
        const struct pail_http_headers *metadata = &info->headers.metadata;
        mode_t type = is_directory ? S_IFDIR : S_IFREG;
        struct pail_attributes attributes;
        uint64_t value;

        pail_attributes_default(options, type, info->size_bytes, (struct timespec){ .tv_sec = info->last_modified },
                                &attributes);
        read_mode(metadata, &attributes.mode);
        if (is_directory != !!S_ISDIR(attributes.mode))
                attributes.mode = (attributes.mode & ~(mode_t)S_IFMT) | type; /* the key's form decides what it is */
        if (!options->force_owner && read_number(metadata, uid_names, &value))
                attributes.uid = (uid_t)value;
        if (!options->force_owner && read_number(metadata, gid_names, &value))
                attributes.gid = (gid_t)value;
        if ((S_ISCHR(attributes.mode) || S_ISBLK(attributes.mode)) &&
            read_number(metadata, (const char *const[]){ "rdev", NULL }, &value))
                attributes.rdev = (dev_t)value;
        read_time(metadata, "mtime", "goog-reserved-file-mtime", "file-mtime", &attributes.mtime);
        attributes.atime = attributes.ctime = attributes.mtime;
        read_time(metadata, "atime", NULL, "file-atime", &attributes.atime);
        read_time(metadata, "ctime", NULL, NULL, &attributes.ctime);
        *ret_attributes = attributes;
}

static int set_time(struct pail_http_headers *metadata, const char *name, struct timespec time)
{
        _cleanup_free_ char *text = NULL;
        int r = pail_str_printf(&text, "%lld.%09ld", (long long)time.tv_sec, time.tv_nsec);

        return r < 0 ? r : pail_http_headers_set(metadata, name, text);
}

static int set_number(struct pail_http_headers *metadata, const char *name, uint64_t value)
{
        _cleanup_free_ char *text = NULL;
        int r = pail_str_printf(&text, "%llu", (unsigned long long)value);

        return r < 0 ? r : pail_http_headers_set(metadata, name, text);
}

int pail_attributes_write(const struct pail_attributes *attributes, struct pail_http_headers *metadata)
{
        int r = set_number(metadata, "mode", attributes->mode);

        if (r == 0)
                r = set_number(metadata, "uid", attributes->uid);
        if (r == 0)
                r = set_number(metadata, "gid", attributes->gid);
        if (r == 0)
                r = set_time(metadata, "mtime", attributes->mtime);
        if (r == 0)
                r = set_time(metadata, "ctime", attributes->ctime);
        if (r == 0)
                r = set_time(metadata, "atime", attributes->atime);
        if (r == 0 && (S_ISCHR(attributes->mode) || S_ISBLK(attributes->mode)))
                r = set_number(metadata, "rdev", attributes->rdev);
        return r;
}

void pail_attributes_to_stat(const struct pail_attributes *attributes, uint64_t ino, struct stat *ret_stat)
{
        bool is_directory = S_ISDIR(attributes->mode);

        *ret_stat = (struct stat){
                .st_ino = ino,
                .st_mode = attributes->mode,
                .st_nlink =
                        1, /* of directories too: "unknown", as btrfs does, so that find(1) does not count subdirectories */
                .st_uid = attributes->uid,
                .st_gid = attributes->gid,
                .st_rdev = attributes->rdev,
                .st_size = is_directory ? DIRECTORY_SIZE : (off_t)attributes->size_bytes,
                .st_blocks = is_directory ? 0 : (blkcnt_t)((attributes->size_bytes + BLOCK_UNIT - 1) / BLOCK_UNIT),
                .st_blksize = IO_SIZE,
                .st_atim = attributes->atime,
                .st_mtim = attributes->mtime,
                .st_ctim = attributes->ctime,
        };
}
