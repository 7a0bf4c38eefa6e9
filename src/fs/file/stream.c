/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file that is written from front to back goes up while it is written: whenever another part is full, a job hands the
 * filled parts to the upload. The job claims the node, so that nothing renames or removes the object meanwhile; parts in flight need no
 * claim, because whoever does take one settles the upload first.
 *
 * Only a file made here from nothing is streamed: an edited one is sent as a whole, when it is known which parts can be copied.
 */
#include <errno.h>
#include <stdlib.h>

#include "fs/core/lock.h"
#include "fs/file/file.h"
#include "fs/file/upload_source.h"
#include "pail/util/interrupt.h"
#include "pail/util/str.h"

/* Up to where whole parts are filled; 0: not to be streamed. */
static uint64_t filled_parts_locked(const struct pail_draft *draft)
{
        uint64_t part_size = draft->fs->options.part_size_bytes, end = 0;
        bool is_present = false;

        if (draft->guarded.base_bytes || !draft->guarded.spool || draft->guarded.is_frozen ||
            draft->guarded.size_bytes <= part_size)
                return 0;
        while (end < draft->guarded.size_bytes) {
                uint64_t until = pail_extents_stretch(pail_spool_file_present(draft->guarded.spool), end,
                                                      draft->guarded.size_bytes, &is_present);

                if (!is_present && !pail_extents_contains(&draft->guarded.punched, end, until))
                        break;
                end = until;
        }
        return end <= part_size ? 0 : pail_fs_upload_part_offset(part_size, pail_fs_upload_part_at(part_size, end));
}

bool pail_draft_stream_is_due_locked(struct pail_draft *draft)
{
        uint64_t end;

        if (draft->guarded.is_streaming || draft->guarded.size_bytes <= draft->fs->options.part_size_bytes)
                return false;
        end = filled_parts_locked(draft);
        if (pail_extents_contains(&draft->guarded.streamed, 0, end))
                return false;
        draft->guarded.is_streaming = true;
        return true;
}

int pail_draft_open_upload(struct pail_draft *draft, const char *key)
{
        struct pail_fs_upload *upload;
        int r = pail_draft_new_upload(draft, key, &upload);

        if (r < 0)
                return r;
        PAIL_LOCK(&draft->guarded.mutex);
        draft->guarded.upload = upload;
        draft->guarded.has_explicit_times = false;
        draft->guarded.stream_error = 0;
        return 0;
}

/* Under the claim. */
static int advance(struct pail_draft *draft, uint64_t end)
{
        _cleanup_free_ char *key = NULL;
        _cleanup_(pail_remote_metadata_done) struct pail_remote_metadata metadata = { 0 };
        struct pail_remote_content content = { .metadata = &metadata };
        struct pail_attributes attributes;
        int r = pail_draft_metadata(draft, &key, &metadata, &content.content_type, &attributes);

        if (r < 0)
                return r == -ENOENT ? 0 : r; /* unlinked: it stays here */
        if (!draft->guarded.upload)
                r = pail_draft_open_upload(draft, key);
        if (r == 0 && !pail_fs_upload_is_started(draft->guarded.upload)) {
                PAIL_LOCK(&draft->guarded.mutex);
                draft->guarded.begun_with = attributes;
        }
        if (r == 0)
                r = pail_fs_upload_advance(draft->guarded.upload, &content, end, NULL);
        return r;
}

static void stream(void *context)
{
        struct pail_draft *draft = context;
        uint64_t end = 0;
        int r = pail_claim(draft->fs, draft->node, INT64_MAX);

        pail_mutex_lock(&draft->guarded.mutex);
        draft->guarded.is_streaming = false;
        if (r == 0)
                end = filled_parts_locked(draft);
        if (end && pail_extents_add(&draft->guarded.streamed, 0, end) < 0)
                end = 0;
        pail_mutex_unlock(&draft->guarded.mutex);
        if (end) {
                int error = advance(draft, end);

                PAIL_LOCK(&draft->guarded.mutex);
                draft->guarded.stream_error = error;
        }
        if (r == 0)
                pail_claim_end(draft->fs, draft->node);
        pail_draft_release(draft);
}

void pail_draft_stream(struct pail_draft *draft)
{
        struct pail_draft *user;

        if (pail_draft_acquire(draft->fs, draft->node, &user) == 0) {
                if (pail_workpool_submit(draft->fs->shared->uploads, stream, user) == 0)
                        return;
                pail_draft_release(user);
        }
        PAIL_LOCK(&draft->guarded.mutex);
        draft->guarded.is_streaming = false; /* the next write tries again, and so does the send */
}

/* The upload is gone and nothing of it counts. */
static void abort_upload(struct pail_draft *draft)
{
        struct pail_fs_upload *upload;

        pail_mutex_lock(&draft->guarded.mutex);
        upload = draft->guarded.upload;
        draft->guarded.upload = NULL;
        pail_extents_done(&draft->guarded.streamed);
        pail_mutex_unlock(&draft->guarded.mutex);
        pail_fs_upload_free(upload);
}

int pail_draft_check_upload(struct pail_draft *draft, const char *key)
{
        bool is_useless, is_whole;

        pail_mutex_lock(&draft->guarded.mutex);
        is_useless = draft->guarded.upload &&
                     (draft->guarded.must_restart || !pail_str_equal(pail_fs_upload_key(draft->guarded.upload), key));
        is_whole = draft->guarded.punched.count == 0;
        draft->guarded.must_restart = false;
        pail_mutex_unlock(&draft->guarded.mutex);
        if (!is_useless)
                return 0;
        if (!is_whole)
                return -EIO;
        abort_upload(draft);
        return 0;
}

int pail_draft_settle(struct pail_draft *draft)
{
        bool is_whole;

        pail_mutex_lock(&draft->guarded.mutex);
        is_whole = draft->guarded.punched.count == 0;
        pail_mutex_unlock(&draft->guarded.mutex);
        if (!is_whole)
                return pail_draft_send_claimed(draft);
        abort_upload(draft);
        return 0;
}

static int recall_claimed(struct pail_draft *draft, uint64_t offset, uint64_t end)
{
        uint64_t part_size = draft->fs->options.part_size_bytes;
        bool is_punched;

        pail_mutex_lock(&draft->guarded.mutex);
        is_punched = pail_extents_intersects(&draft->guarded.punched, offset, end);
        pail_mutex_unlock(&draft->guarded.mutex);
        if (is_punched)
                return pail_draft_send_claimed(draft);
        if (draft->guarded.upload)
                pail_fs_upload_invalidate(draft->guarded.upload, offset, end - offset);
        PAIL_LOCK(&draft->guarded.mutex);
        offset = pail_fs_upload_part_offset(part_size, pail_fs_upload_part_at(part_size, offset));
        return pail_extents_remove(&draft->guarded.streamed, offset, end);
}

int pail_draft_recall(struct pail_draft *draft, uint64_t offset, uint64_t size_bytes)
{
        uint64_t end = size_bytes > UINT64_MAX - offset ? UINT64_MAX : offset + size_bytes;
        const struct pail_interrupt *interrupt;
        int r = pail_claim(draft->fs, draft->node, pail_fs_deadline(draft->fs));

        if (r < 0)
                return r;
        interrupt = pail_interrupt_install(NULL); /* a change is never left half done */
        r = recall_claimed(draft, offset, end);
        pail_interrupt_install(interrupt);
        pail_claim_end(draft->fs, draft->node);
        return r;
}
