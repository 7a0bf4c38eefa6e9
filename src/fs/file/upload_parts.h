/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of an upload: upload.c decides what is sent, upload_parts.c sends it. */
#ifndef PAIL_FS_WRITE_UPLOAD_PRIVATE_H
#define PAIL_FS_WRITE_UPLOAD_PRIVATE_H

#include <stdbool.h>

#include "fs/file/upload.h"
#include "pail/util/cleanup.h"
#include "pail/util/mutex.h"

enum pail_fs_part_state {
        PAIL_FS_PART_UNSENT,
        PAIL_FS_PART_IN_FLIGHT,
        PAIL_FS_PART_SENT,
};

struct pail_fs_upload_part {
        enum pail_fs_part_state state;
        struct pail_remote_part sent; /* once it is SENT */
};

/*
 * A part under way. The table of slots never moves; an idle slot belongs to the owner's thread, a busy one's answer
 * to the engine.
 */
struct pail_fs_upload_slot {
        struct pail_fs_upload *upload;
        bool is_busy;
        bool is_copy;
        uint64_t offset;
        struct pail_remote_part part;
        struct pail_remote_call *call; /* a reference; NULL until the start has returned */
};

struct pail_fs_upload {
        /* Immutable. */
        struct pail_remote *remote; /* a reference */
        char *key;
        int fd;
        struct pail_fs_upload_source source;
        char *copy_key, *copy_etag;
        uint64_t copy_size_bytes;
        uint64_t part_size_bytes, part_min_bytes;
        unsigned slot_count;

        /* The owner's thread. */
        struct pail_remote_upload *begun;     /* NULL: not started */
        struct pail_remote_metadata metadata; /* that it was begun with */
        char *content_type, *tagging;         /* the same */
        bool has_copies;                      /* some parts are ranges of copy_key */
        bool avoids_copies;                   /* from now on: the server does not make them */
        bool is_cancelled_part;               /* a part was cancelled in flight and may still arrive */
        bool is_completed;                    /* but the content is still to be applied */
        struct pail_remote_stored completed;
        uint64_t completed_size_bytes;

        struct {
                struct pail_mutex mutex;
                struct pail_cond changed;
                struct pail_fs_upload_part *parts; /* of number i + 1 */
                unsigned count;                    /* entries that exist */
                unsigned in_flight;
                int failure; /* of the first part that failed since the last finish; 0: none */
                struct pail_remote_error error;
                struct pail_fs_upload_slot *slots;
        } guarded;
};

/* Says what of this machine has failed; returns error. */
int pail_fs_upload_fail(struct pail_remote_error *ret_error, int error, const char *message);
/* Makes the table long enough for part_number. */
int pail_fs_upload_reserve(struct pail_fs_upload *upload, unsigned part_number);
void pail_fs_upload_forget_parts(struct pail_fs_upload *upload);
/* Entries of the table: no part of a higher number was ever started. */
unsigned pail_fs_upload_part_count(struct pail_fs_upload *upload);
/* A part that is not in flight. */
void pail_fs_upload_mark_unsent(struct pail_fs_upload *upload, unsigned part_number);
/* What is to be done with a part before it is complete with this size. */
enum pail_fs_part_state pail_fs_upload_part_state(struct pail_fs_upload *upload, unsigned part_number,
                                                  uint64_t size_bytes);
/*
 * Starts a part in an idle slot; false from has_idle_slot means there is none. Hashes its bytes where the signature
 * wants that.
 */
bool pail_fs_upload_has_idle_slot(struct pail_fs_upload *upload);
int pail_fs_upload_start_part(struct pail_fs_upload *upload, unsigned part_number, uint64_t size_bytes,
                              enum pail_fs_upload_part_kind kind, enum pail_remote_priority priority,
                              struct pail_remote_error *ret_error);
/* Waits until a slot is idle or an error is set; then until nothing is in flight. */
void pail_fs_upload_wait_slot(struct pail_fs_upload *upload);
void pail_fs_upload_wait_all(struct pail_fs_upload *upload);
/* Waits for one part, raised to the highest priority. */
void pail_fs_upload_wait_part(struct pail_fs_upload *upload, unsigned part_number);
void pail_fs_upload_hurry_all(struct pail_fs_upload *upload);
void pail_fs_upload_cancel_all(struct pail_fs_upload *upload);
/* The sticky error: 0, or its errno. clear forgets it. */
int pail_fs_upload_error(struct pail_fs_upload *upload, struct pail_remote_error *ret_error);
void pail_fs_upload_clear_error(struct pail_fs_upload *upload);
/* All parts, to complete the upload with; all are sent. Owned by the caller. */
struct pail_remote_part *pail_fs_upload_part_list(struct pail_fs_upload *upload, unsigned count);

#endif
