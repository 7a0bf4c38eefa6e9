/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Amazon S3 takes tags from a header, so that HEAD shows as many as were asked for and nothing is sent. Ceph does not, and gets them in a request
 * of their own.
 */
#include "tags.h"

#include <string.h>
#include <strings.h>

#include "pail/s3/operations.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"

static unsigned count_tags(const char *tagging)
{
        unsigned count = pail_str_is_empty(tagging) ? 0 : 1;
        for (const char *at = tagging; count && (at = strchr(at, '&')); at++)
                count++;
        return count;
}

int pail_s3_ensure_tags(struct pail_s3_client *client, const char *bucket, const char *key,
                        const struct pail_s3_object_metadata *metadata, const char *tagging,
                        struct pail_error *ret_error)
{
        if (metadata->tag_count == count_tags(tagging))
                return 0;
        return pail_s3_put_object_tagging(client, bucket, key, tagging ? tagging : "", ret_error);
}

int pail_s3_ensure_tags_of(struct pail_s3_client *client, const char *bucket, const char *key, const char *etag,
                           const char *tagging, struct pail_error *ret_error)
{
        if (pail_str_is_empty(tagging))
                return 0;
        _cleanup_(pail_s3_object_metadata_done) struct pail_s3_object_metadata metadata = { 0 };
        int r = pail_s3_head_object(client, bucket, key, &metadata, ret_error);
        if (r < 0 || strcasecmp(metadata.etag, etag) != 0)
                return r;
        return pail_s3_ensure_tags(client, bucket, key, &metadata, tagging, ret_error);
}
