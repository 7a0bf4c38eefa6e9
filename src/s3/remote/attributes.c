/* SPDX-License-Identifier: Apache-2.0 */
/*
 * POSIX attributes in user metadata. Written: mode (decimal st_mode), uid, gid, mtime, ctime, atime
 * ("seconds.nnnnnnnnn"), rdev (decimal), as s3fs has them. Other programs' forms are read where ours are absent, so that
 * a bucket that s3sync, DataSync or gcsfuse filled shows its owners.
 */
#include "attributes.h"

#include <string.h>
#include <sys/stat.h>

#include "pail/util/cleanup.h"
#include "pail/util/str.h"

enum { NANOSECONDS = 1000000000, PERMISSIONS = 07777 };

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

struct time_form {
        enum pail_remote_attribute attribute;
        const char *name;
        bool (*parse)(const char *text, struct timespec *ret_time);
};

static const struct time_form time_forms[] = {
        { PAIL_REMOTE_MTIME, "mtime", parse_time },
        { PAIL_REMOTE_MTIME, "goog-reserved-file-mtime", parse_time },
        { PAIL_REMOTE_MTIME, "file-mtime", parse_datasync_time },
        { PAIL_REMOTE_ATIME, "atime", parse_time },
        { PAIL_REMOTE_ATIME, "file-atime", parse_datasync_time },
        { PAIL_REMOTE_CTIME, "ctime", parse_time },
};

static struct timespec *time_of(struct pail_remote_attributes *attributes, enum pail_remote_attribute attribute)
{
        if (attribute == PAIL_REMOTE_MTIME)
                return &attributes->mtime;
        return attribute == PAIL_REMOTE_ATIME ? &attributes->atime : &attributes->ctime;
}

static void read_times(const struct pail_http_headers *metadata, struct pail_remote_attributes *attributes)
{
        for (size_t i = 0; i < sizeof(time_forms) / sizeof(time_forms[0]); i++) {
                const struct time_form *form = &time_forms[i];
                const char *text = attributes->present & form->attribute ? NULL
                                                                         : pail_http_headers_get(metadata, form->name);

                if (text && form->parse(text, time_of(attributes, form->attribute)))
                        attributes->present |= form->attribute;
        }
}

/* The first of the named headers that is a number; (uid_t)-1 is nobody's. */
static bool read_number(const struct pail_http_headers *metadata, const char *const *names, uint64_t *ret_value)
{
        for (; *names; names++) {
                const char *text = pail_http_headers_get(metadata, *names);

                if (text && pail_str_to_u64(text, ret_value) == 0 && *ret_value < UINT32_MAX)
                        return true;
        }
        return false;
}

/* false: the bits name no type of file, and the kernel would refuse the inode. */
static bool is_mode(uint64_t value)
{
        mode_t type = value & S_IFMT;

        if (value & ~(uint64_t)(S_IFMT | PERMISSIONS))
                return false;
        return !type || S_ISREG(type) || S_ISDIR(type) || S_ISLNK(type) || S_ISFIFO(type) || S_ISSOCK(type) ||
               S_ISCHR(type) || S_ISBLK(type);
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

static bool read_mode(const struct pail_http_headers *metadata, mode_t *ret_mode)
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

                if (text && parse_mode(text, forms[i].is_octal, &value) && is_mode(value)) {
                        *ret_mode = (mode_t)value;
                        return true;
                }
        }
        return false;
}

void pail_remote_attributes_read(const struct pail_http_headers *metadata,
                                 struct pail_remote_attributes *ret_attributes)
{
        static const char *const uid_names[] = { "uid", "owner", "goog-reserved-posix-uid", "file-owner", NULL };
        static const char *const gid_names[] = { "gid", "group", "goog-reserved-posix-gid", "file-group", NULL };
        static const char *const rdev_names[] = { "rdev", NULL };
        struct pail_remote_attributes attributes = { 0 };
        uint64_t value;

        if (read_mode(metadata, &attributes.mode))
                attributes.present |= PAIL_REMOTE_MODE;
        if (read_number(metadata, uid_names, &value)) {
                attributes.uid = (uid_t)value;
                attributes.present |= PAIL_REMOTE_UID;
        }
        if (read_number(metadata, gid_names, &value)) {
                attributes.gid = (gid_t)value;
                attributes.present |= PAIL_REMOTE_GID;
        }
        if (read_number(metadata, rdev_names, &value)) {
                attributes.rdev = (dev_t)value;
                attributes.present |= PAIL_REMOTE_RDEV;
        }
        read_times(metadata, &attributes);
        *ret_attributes = attributes;
}

static int write_time(struct pail_http_headers *metadata, const char *name, struct timespec time)
{
        _cleanup_free_ char *text = NULL;
        int r = pail_str_printf(&text, "%lld.%09ld", (long long)time.tv_sec, time.tv_nsec);

        return r < 0 ? r : pail_http_headers_set(metadata, name, text);
}

static int write_number(struct pail_http_headers *metadata, const char *name, uint64_t value)
{
        _cleanup_free_ char *text = NULL;
        int r = pail_str_printf(&text, "%llu", (unsigned long long)value);

        return r < 0 ? r : pail_http_headers_set(metadata, name, text);
}

int pail_remote_attributes_write(const struct pail_remote_attributes *attributes, struct pail_http_headers *metadata)
{
        unsigned present = attributes->present;
        int r = present & PAIL_REMOTE_MODE ? write_number(metadata, "mode", attributes->mode) : 0;

        if (r == 0 && present & PAIL_REMOTE_UID)
                r = write_number(metadata, "uid", attributes->uid);
        if (r == 0 && present & PAIL_REMOTE_GID)
                r = write_number(metadata, "gid", attributes->gid);
        if (r == 0 && present & PAIL_REMOTE_MTIME)
                r = write_time(metadata, "mtime", attributes->mtime);
        if (r == 0 && present & PAIL_REMOTE_CTIME)
                r = write_time(metadata, "ctime", attributes->ctime);
        if (r == 0 && present & PAIL_REMOTE_ATIME)
                r = write_time(metadata, "atime", attributes->atime);
        if (r == 0 && present & PAIL_REMOTE_RDEV)
                r = write_number(metadata, "rdev", attributes->rdev);
        return r;
}
