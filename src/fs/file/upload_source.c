/* SPDX-License-Identifier: Apache-2.0 */
/* Between a draft and the transfer manager: what to send, with which metadata, and which parts S3 can copy from the base. */
#include "fs/file/upload_source.h"

#include <errno.h>

#include "pail/util/str.h"

int pail_draft_metadata(struct pail_draft *draft, char **ret_key, struct pail_remote_metadata *ret_metadata,
                        const char **ret_content_type, struct pail_attributes *ret_attributes)
{
        struct pail_fs *fs = draft->fs;
        const struct pail_node *node = draft->node;
        _cleanup_free_ char *key = NULL;
        char *extra;
        int r;

        PAIL_LOCK(&fs->tree.mutex);
        r = node->is_superseded ? -ESTALE : pail_node_key_locked(fs, node, &key);
        if (r == -ENOENT && !node->is_detached)
                r = -ESTALE; /* not unlinked: a directory above it went away */
        if (r == 0)
                r = pail_str_dup(node->extra, &extra);
        if (r < 0)
                return r;
        *ret_metadata = (struct pail_remote_metadata){ .attributes = pail_attributes_stored(&node->attributes),
                                                       .extra = extra };
        *ret_content_type = node->is_remote ? NULL : pail_content_type(fs, S_IFREG, node->name);
        *ret_attributes = node->attributes;
        *ret_key = pail_steal(&key);
        return 0;
}

/* Unchanged parts are copied on the server. */
static int choose(struct pail_draft *draft, uint64_t offset, uint64_t end, bool offer_copy,
                  enum pail_fs_upload_part_kind *ret_kind)
{
        PAIL_LOCK(&draft->guarded.mutex);
        /* An upload that S3 has lost is begun anew; what was let go for it is lost too, and zeros must not stand for it. */
        if (pail_extents_intersects(&draft->guarded.punched, offset, end))
                return -EIO;
        *ret_kind = offer_copy && end <= draft->guarded.base_bytes &&
                                    !pail_extents_intersects(&draft->guarded.altered, offset, end)
                            ? PAIL_FS_UPLOAD_COPY
                            : PAIL_FS_UPLOAD_DATA;
        return 0;
}

/* What is changed in places is completed here before it is sent. */
static int prepare(void *context, uint64_t offset, uint64_t size_bytes, bool offer_copy,
                   enum pail_fs_upload_part_kind *ret_kind)
{
        struct pail_draft *draft = context;
        int r = choose(draft, offset, offset + size_bytes, offer_copy, ret_kind);

        return r < 0 || *ret_kind == PAIL_FS_UPLOAD_COPY ? r : pail_draft_fill(draft, offset, size_bytes);
}

static void part_sent(void *context, uint64_t offset, uint64_t size_bytes)
{
        struct pail_draft *draft = context;

        (void)offset;
        (void)size_bytes;
        pail_cond_broadcast(
                &draft->guarded.changed); /* who waits for space also looks by itself: no lock is needed here */
}

int pail_draft_new_upload(struct pail_draft *draft, const char *key, struct pail_fs_upload **ret_upload)
{
        struct pail_fs *fs = draft->fs;
        struct pail_fs_upload_options options = {
                .remote = fs->options.remote,
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
        return pail_fs_upload_new(&options, ret_upload);
}
