/* SPDX-License-Identifier: Apache-2.0 */
/* Between a file and its upload: what to send, with which metadata, and which parts S3 can copy from the base. */
#include "upload_source.h"

#include <errno.h>
#include <string.h>

#include "fill.h"
#include "fs/core/volume.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"
#include "state.h"

int pail_upload_source_metadata(struct pail_file *file, char **ret_key, struct pail_remote_metadata *ret_metadata,
                                const char **ret_content_type, struct pail_attributes *ret_attributes)
{
        struct pail_fs *fs = file->fs;
        const struct pail_inode *inode = file->inode;
        _cleanup_free_ char *key = NULL;
        char *extra;
        int r;

        PAIL_LOCK(&fs->tree.mutex);
        r = pail_inode_writable_key_locked(fs, inode, &key);
        if (r == -ENOENT && !inode->is_detached)
                r = -ESTALE; /* not unlinked: a directory above it went away */
        if (r == 0)
                r = pail_str_dup(inode->extra, &extra);
        if (r < 0)
                return r;
        *ret_metadata = (struct pail_remote_metadata){ .attributes = pail_attributes_stored(&inode->attributes),
                                                       .extra = extra };
        *ret_content_type = inode->is_remote ? NULL : pail_fs_content_type(fs, S_IFREG, inode->name);
        *ret_attributes = inode->attributes;
        *ret_key = pail_steal(&key);
        return 0;
}

/* Unchanged parts are copied on the server. */
static int choose_kind(struct pail_file *file, uint64_t offset, uint64_t end, bool offer_copy,
                       enum pail_fs_part_kind *ret_kind)
{
        PAIL_LOCK(&file->base.guarded.mutex);
        /* An upload that S3 has lost is begun anew; what was let go for it is lost too, and zeros must not stand for it. */
        if (pail_extents_intersects(&file->guarded.punched, offset, end))
                return -EIO;
        *ret_kind = offer_copy && end <= file->base.guarded.data_bytes &&
                                    !pail_extents_intersects(&file->guarded.altered, offset, end)
                            ? PAIL_FS_PART_COPY
                            : PAIL_FS_PART_DATA;
        return 0;
}

/* What is changed in places is completed here before it is sent. */
static int prepare_range(void *context, uint64_t offset, uint64_t size_bytes, bool offer_copy,
                         enum pail_fs_part_kind *ret_kind)
{
        struct pail_file *file = context;
        int r = choose_kind(file, offset, offset + size_bytes, offer_copy, ret_kind);

        return r < 0 || *ret_kind == PAIL_FS_PART_COPY ? r : pail_file_fill(file, offset, size_bytes);
}

static void note_part_sent(void *context, uint64_t offset, uint64_t size_bytes)
{
        struct pail_file *file = context;

        (void)offset;
        (void)size_bytes;
        pail_cond_broadcast(
                &file->guarded.changed); /* who waits for space also looks by itself: no lock is needed here */
}

int pail_upload_source_new_upload(struct pail_file *file, const char *key, struct pail_fs_upload **ret_upload)
{
        struct pail_fs *fs = file->fs;
        struct pail_fs_upload_options options = {
                .remote = fs->options.remote,
                .key = key,
                .source = { .prepare = prepare_range, .part_sent = note_part_sent, .context = file },
                .part_size_bytes = fs->options.part_size_bytes,
                .max_parts_in_flight = fs->options.max_connections / 8 ? fs->options.max_connections / 8 : 1,
        };
        _cleanup_free_ char *etag = NULL;

        {
                PAIL_LOCK(&fs->tree.mutex);
                const char *known = pail_inode_remote_etag_locked(fs, file->inode);

                etag = known ? strdup(known) : NULL;
        }
        PAIL_LOCK(&file->base.guarded.mutex);
        options.fd = file->guarded.spool ? pail_spool_file_fd(file->guarded.spool) : -1;
        if (etag && file->base.guarded.data_bytes) {
                options.copy_key = key;
                options.copy_etag = etag;
                options.copy_size_bytes = file->base.guarded.data_bytes;
        }
        return pail_fs_upload_new(&options, ret_upload);
}
