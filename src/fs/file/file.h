/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bytes of a file that is open or not sent yet: a version on S3 (the base) under what was written here (the spool).
 *
 *   byte i of the file =  the spool's,    where the spool has it
 *                         the base's,     where i < base_bytes
 *                         zero            elsewhere
 *
 * except in ranges that were sent with an upload that is still open and then punched out of the spool: these can be had again only by
 * completing the upload ("settling" it), which makes the object the base.
 *
 * States of the bytes: clean (generation == sent_generation) -> dirty (a write, truncate or create) -> being sent (is_frozen: writers
 * wait) -> clean, or dirty again when sending failed. A failed generation is never sent by itself later.
 *
 * Locks: draft.mutex guards the struct guarded; it may be held over an access of the local disk, never over a request. What uses
 * the upload holds a claim on the node (tree/claim.h) instead. Order: tree.mutex is never taken while draft.mutex is held.
 */
#ifndef PAIL_FS_WRITE_DRAFT_H
#define PAIL_FS_WRITE_DRAFT_H

#include "fs/file/upload.h"
#include "fs/tree/inode.h"

struct pail_draft {
        struct pail_fs *fs;
        struct pail_node *node; /* borrowed: the node points here, and handles pin it */
        unsigned users;         /* handles and temporary uses; guarded by tree.mutex */
        char *stash_key;        /* where the base lives after an unlink; guarded by tree.mutex */
        struct {
                struct pail_mutex mutex;
                struct pail_cond changed;      /* is_frozen ended, or a part was sent */
                struct pail_spool_file *spool; /* NULL: nothing written */
                struct pail_extents altered;   /* differs from the base */
                struct pail_extents punched;   /* only the open upload has it */
                struct pail_content *base;     /* NULL: none */
                uint64_t base_bytes;
                uint64_t size_bytes;
                uint64_t generation, sent_generation, failed_generation;
                int failure;       /* of failed_generation */
                bool must_restart; /* what the upload has is no longer known */
                bool is_frozen;
                bool is_exclusive;            /* made with O_EXCL: S3 must not have the key when it is first sent */
                bool is_streaming;            /* a job that feeds the upload is queued or runs */
                bool has_explicit_times;      /* utimens since the upload began */
                struct pail_extents streamed; /* handed to the upload: to be recalled before it changes */
                int stream_error; /* of a part that went up in the background; the next send tries it again */
                struct pail_fs_upload *upload;     /* used under a claim only */
                struct pail_attributes begun_with; /* what the open multipart upload was created with */
        } guarded;
};

struct pail_handle {
        struct pail_fs *fs;
        struct pail_node *node; /* pinned */
        struct pail_draft *draft;
        struct pail_content_stream *stream;
        int flags;
        pid_t process;                       /* that opened it (thread group); 0: unknown */
        struct pail_handle *previous, *next; /* fs->tree.handles */
};

/* file.c: life */
int pail_draft_acquire(struct pail_fs *fs, struct pail_node *node, struct pail_draft **ret_draft);
/* The last user: sends what is dirty (or keeps it in lost+found), then frees. Blocks. */
void pail_draft_release(struct pail_draft *draft);
/* The same from whoever holds a claim, on a thread of its own: the last user sends, and sending takes the claim. */
void pail_draft_release_later(struct pail_draft *draft);
bool pail_draft_is_dirty(struct pail_draft *draft);
/* Why the last attempt to send these very bytes failed: they are not sent again by themselves. 0: it did not. */
int pail_draft_failure(struct pail_draft *draft);
/* The mount ends: what is dirty now counts as failed. */
void pail_draft_give_up(struct pail_draft *draft, int error);
bool pail_draft_has_upload(struct pail_draft *draft);
/* A node that was just made here: its bytes (none) are to be sent. */
void pail_draft_mark_new(struct pail_draft *draft, bool is_exclusive);
/* true when all bytes can be had without S3. */
bool pail_draft_is_whole_here(struct pail_draft *draft);
/* Our own copy of the object: the base is now found under this key and ETag. */
int pail_draft_rebase(struct pail_draft *draft, const char *key, const char *etag);

/* bytes.c */
int pail_draft_read(struct pail_draft *draft, struct pail_content_stream *stream, size_t size, uint64_t offset,
                    struct pail_content_result *ret_result);
int pail_draft_write(struct pail_draft *draft, const void *data, size_t size, uint64_t offset);
int pail_draft_truncate(struct pail_draft *draft, uint64_t size_bytes);
/* Copies [offset, +size) from the base into the spool, as far as it is not there. */
int pail_draft_fill(struct pail_draft *draft, uint64_t offset, uint64_t size_bytes);

/*
 * space.c: room in the spool by punching what was sent. Waits, interruptibly, for others to get on. steps: of the budget, before the write that found no
 * room. 0: try again; -ENOSPC when nobody gets on any more. Without locks.
 */
int pail_draft_make_space(struct pail_draft *draft, uint64_t steps);

/* stream.c: the upload of a file that is still written. */
/* true when another part is full and nobody sees to it: the caller then calls pail_draft_stream() without locks. */
bool pail_draft_stream_is_due_locked(struct pail_draft *draft);
void pail_draft_stream(struct pail_draft *draft);
/* The range is about to change, or to be read, although only the upload has it. Without locks and claims; may block for parts in flight. */
int pail_draft_recall(struct pail_draft *draft, uint64_t offset, uint64_t size_bytes);
/* Under a claim: no upload is open afterwards. Aborts it when the spool has everything, else sends the file as it is. */
int pail_draft_settle(struct pail_draft *draft);
/* Under a claim: an open upload that is of no use for key any more (another name, unknown parts) is given up. -EIO: only it has some of the bytes. */
int pail_draft_check_upload(struct pail_draft *draft, const char *key);
/* Under a claim: makes draft->guarded.upload. */
int pail_draft_open_upload(struct pail_draft *draft, const char *key);

/* send.c */
/* Makes S3 have the file as it is now; 0 when it has. The error of a background upload is reported once. Blocks; not interruptible. */
int pail_draft_send(struct pail_draft *draft);
/* The same under a claim that the caller holds. */
int pail_draft_send_claimed(struct pail_draft *draft);

#endif
