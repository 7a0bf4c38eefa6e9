/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bytes of a file that is open or not sent yet: a version on S3 (the base) under what was written here (the spool).
 *
 *   byte i of the file =  the spool's,    where the spool has it
 *                         the base's,     where i < data_bytes
 *                         zero            elsewhere
 *
 * except in ranges that were sent with an upload that is still open and then punched out of the spool: these can be had again only by
 * completing the upload (finish_upload.h), which makes the object the base.
 *
 * States of the bytes: clean (generation == sent_generation) -> dirty (a write, truncate or create) -> being sent (is_frozen: writers
 * wait) -> clean, or dirty again when sending failed. A failed generation is never sent by itself later.
 *
 * Locks: the base's mutex guards the base and the struct guarded; it may be held over an access of the local disk, never over a request.
 * What uses the upload holds the inode's lock (core/lock.h) instead. Order: tree.mutex is never taken while the file's mutex is held.
 *
 * Known to file/ only.
 */
#ifndef PAIL_FS_FILE_STATE_H
#define PAIL_FS_FILE_STATE_H

#include "fs/data/base.h"
#include "fs/tree/attributes.h"
#include "pail/store/spool.h"
#include "pail/store/spool_file.h"
#include "pail/util/extents.h"

struct pail_fs;
struct pail_inode;
struct pail_fs_upload;

struct pail_file {
        struct pail_fs *fs;
        struct pail_inode *inode; /* borrowed: the inode points here, and handles pin it */
        struct {
                unsigned users;   /* handles and temporary uses */
                char *orphan_key; /* where the base lives after an unlink (orphan copy); NULL: under the inode's key */
        } in_tree;                /* guarded by tree.mutex */
        struct pail_base base;    /* its mutex guards what follows too */
        struct {
                struct pail_cond changed;      /* is_frozen ended, or a part was sent */
                struct pail_spool_file *spool; /* NULL: nothing written */
                struct pail_extents altered;   /* differs from the base */
                struct pail_extents punched;   /* only the open upload has it */
                uint64_t generation, sent_generation, failed_generation;
                int failure;       /* of failed_generation */
                bool must_restart; /* what the upload has is no longer known */
                bool is_frozen;
                bool is_exclusive;            /* made with O_EXCL: S3 must not have the key when it is first sent */
                bool is_streaming;            /* a job that feeds the upload is queued or runs */
                bool has_explicit_times;      /* utimens since the upload began */
                struct pail_extents streamed; /* handed to the upload: to be called back before it changes */
                int stream_error; /* of a part that went up in the background; the next send tries it again */
                struct pail_fs_upload *upload;     /* used under the inode's lock only */
                struct pail_attributes begun_with; /* what the open multipart upload was created with */
        } guarded;
};

#endif
