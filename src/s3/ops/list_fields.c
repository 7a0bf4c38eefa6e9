/* SPDX-License-Identifier: Apache-2.0 */
/* The fields of all kinds of entries have names of their own, so that one table reads them all. */
#include "list_fields.h"

#include <errno.h>

#include "pail/util/clock.h"
#include "pail/util/str.h"
#include "s3/call/object_metadata.h"

static int set_key(struct pail_s3_entry *entry, const char *text)
{
        return pail_str_replace(&entry->key, text);
}

static int set_id(struct pail_s3_entry *entry, const char *text)
{
        return pail_str_replace(&entry->id, text);
}

static int set_storage_class(struct pail_s3_entry *entry, const char *text)
{
        return pail_str_replace(&entry->storage_class, text);
}

static int set_size(struct pail_s3_entry *entry, const char *text)
{
        return pail_str_to_u64(text, &entry->size_bytes) < 0 ? -EBADMSG : 0;
}

static int set_time(struct pail_s3_entry *entry, const char *text)
{
        return pail_clock_parse_iso8601(text, &entry->last_modified) < 0 ? -EBADMSG : 0;
}

/* Nothing hangs on it: it stays 0. */
static int set_time_of_birth(struct pail_s3_entry *entry, const char *text)
{
        (void)pail_clock_parse_iso8601(text, &entry->last_modified);
        return 0;
}

/* Goes back to the server as it is. */
static int set_checksum(struct pail_s3_entry *entry, const char *text)
{
        pail_str_copy(entry->checksum, sizeof(entry->checksum), text);
        return 0;
}

/* Some servers leave it out of lists of objects: it stays empty. */
static int set_etag(struct pail_s3_entry *entry, const char *text)
{
        (void)pail_s3_etag_parse(text, entry->etag);
        return 0;
}

static int set_latest(struct pail_s3_entry *entry, const char *text)
{
        entry->is_latest = pail_str_equal(text, "true");
        return 0;
}

static int set_part_number(struct pail_s3_entry *entry, const char *text)
{
        uint64_t value;
        if (pail_str_to_u64(text, &value) < 0 || value == 0 || value > PAIL_S3_PARTS_MAX)
                return -EBADMSG;
        entry->part_number = (unsigned)value;
        return 0;
}

static const struct {
        const char *name;
        int (*set)(struct pail_s3_entry *entry, const char *text);
} fields[] = {
        { "Key", set_key },
        { "Name", set_key },
        { "Prefix", set_key },
        { "VersionId", set_id },
        { "UploadId", set_id },
        { "Size", set_size },
        { "LastModified", set_time },
        { "Initiated", set_time_of_birth },
        { "CreationDate", set_time_of_birth },
        { "ETag", set_etag },
        { "ChecksumCRC32C", set_checksum },
        { "ChecksumCRC64NVME", set_checksum },
        { "StorageClass", set_storage_class },
        { "IsLatest", set_latest },
        { "PartNumber", set_part_number },
};

int pail_s3_list_set_field(struct pail_s3_entry *entry, const char *name, const char *text)
{
        for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
                if (pail_str_equal(name, fields[i].name))
                        return fields[i].set(entry, text);
        }
        return 0;
}
