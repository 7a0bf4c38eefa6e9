/* SPDX-License-Identifier: Apache-2.0 */
/* Between a draft and the transfer manager: what to send, with which headers, and which parts S3 can copy from the base. */
#include "fs/write/headers.h"

#include <errno.h>

#include "pail/util/str.h"

int pail_node_headers_locked(const struct pail_node *node, const struct pail_attributes *attributes,
                             struct pail_s3_headers *ret_headers)
{
        struct pail_s3_headers headers = { 0 };
        int r = node->foreign ? pail_s3_headers_copy(node->foreign, &headers) : 0;

        if (r == 0)
                r = pail_attributes_write(attributes, &headers.metadata);
        if (r == 0 && pail_s3_metadata_size(&headers) > PAIL_S3_METADATA_MAX)
                r = -E2BIG;
        if (r < 0) {
                pail_s3_headers_done(&headers);
                return r;
        }
        *ret_headers = headers;
        return 0;
}

int pail_node_content_headers(const struct pail_fs *fs, const char *new_name, struct pail_s3_headers *headers)
{
        int r = 0;

        if (new_name && fs->options.types && !headers->content_type)
                r = pail_str_dup(pail_mime_type(fs->options.types, new_name), &headers->content_type);
        return r < 0 ? r : pail_bucket_content_headers(fs->options.bucket, headers);
}

int pail_draft_headers(struct pail_draft *draft, char **ret_key, struct pail_s3_headers *ret_headers,
                       struct pail_attributes *ret_attributes)
{
        struct pail_fs *fs = draft->fs;
        _cleanup_(pail_s3_headers_done) struct pail_s3_headers headers = { 0 };
        _cleanup_free_ char *key = NULL;
        struct pail_attributes attributes;
        int r;

        PAIL_LOCK(&fs->tree.mutex);
        r = draft->node->is_superseded ? -ESTALE : pail_node_key_locked(fs, draft->node, &key);
        if (r == -ENOENT && !draft->node->is_detached)
                r = -ESTALE; /* not unlinked: a directory above it went away */
        if (r < 0)
                return r;
        attributes = draft->node->attributes;
        r = pail_node_headers_locked(draft->node, &attributes, &headers);
        if (r == 0)
                r = pail_node_content_headers(fs, draft->node->is_remote ? NULL : draft->node->name, &headers);
        if (r < 0)
                return r;
        *ret_headers = headers;
        headers = (struct pail_s3_headers){ 0 };
        *ret_attributes = attributes;
        *ret_key = pail_steal(&key);
        return 0;
}

/* Unchanged parts are copied on the server. */
static int choose(struct pail_draft *draft, uint64_t offset, uint64_t end, bool offer_copy,
                  enum pail_upload_part_kind *ret_kind)
{
        PAIL_LOCK(&draft->guarded.mutex);
        /* An upload that S3 has lost is begun anew; what was let go for it is lost too, and zeros must not stand for it. */
        if (pail_extents_intersects(&draft->guarded.punched, offset, end))
                return -EIO;
        *ret_kind = offer_copy && end <= draft->guarded.base_bytes &&
                                    !pail_extents_intersects(&draft->guarded.altered, offset, end)
                            ? PAIL_UPLOAD_COPY
                            : PAIL_UPLOAD_DATA;
        return 0;
}

/* What is changed in places is completed here before it is sent. */
static int prepare(void *context, uint64_t offset, uint64_t size_bytes, bool offer_copy,
                   enum pail_upload_part_kind *ret_kind)
{
        struct pail_draft *draft = context;
        int r = choose(draft, offset, offset + size_bytes, offer_copy, ret_kind);

        return r < 0 || *ret_kind == PAIL_UPLOAD_COPY ? r : pail_draft_fill(draft, offset, size_bytes);
}

static void part_sent(void *context, uint64_t offset, uint64_t size_bytes)
{
        struct pail_draft *draft = context;

        (void)offset;
        (void)size_bytes;
        pail_cond_broadcast(
                &draft->guarded.changed); /* who waits for space also looks by itself: no lock is needed here */
}

int pail_draft_new_upload(struct pail_draft *draft, const char *key, struct pail_upload **ret_upload)
{
        struct pail_fs *fs = draft->fs;
        struct pail_upload_options options = {
                .bucket = fs->options.bucket,
                .key = key,
                .source = { .prepare = prepare, .part_sent = part_sent, .context = draft },
                .part_size_bytes = fs->options.part_size_bytes,
                .max_parts_in_flight = fs->options.max_connections / 8 ? fs->options.max_connections / 8 : 1,
        };
        _cleanup_free_ char *etag = NULL;

        pail_mutex_lock(&fs->tree.mutex);
        if (draft->node->is_remote && draft->node->etag)
                etag = strdup(draft->node->etag);
        pail_mutex_unlock(&fs->tree.mutex);
        PAIL_LOCK(&draft->guarded.mutex);
        options.fd = draft->guarded.spool ? pail_spool_file_fd(draft->guarded.spool) : -1;
        if (etag && draft->guarded.base_bytes) {
                options.copy_key = key;
                options.copy_etag = etag;
                options.copy_size_bytes = draft->guarded.base_bytes;
        }
        return pail_upload_new(&options, ret_upload);
}
