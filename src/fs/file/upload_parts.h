/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of an upload: upload.c decides what is sent, this sends it and keeps what became of it. */
#ifndef PAIL_FS_FILE_UPLOAD_PARTS_H
#define PAIL_FS_FILE_UPLOAD_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "pail/remote/remote.h"
#include "pail/util/mutex.h"

/*
 * Part n covers [offset(n), +size(n)): sizes grow with n, so that 10,000 parts reach the largest object. part_size_bytes is that of
 * the first ones.
 */
uint64_t pail_fs_part_offset(uint64_t part_size_bytes, unsigned part_number);
uint64_t pail_fs_part_size(uint64_t part_size_bytes, unsigned part_number);
/* The part that holds offset. */
unsigned pail_fs_part_at(uint64_t part_size_bytes, uint64_t offset);

enum pail_fs_part_kind {
        PAIL_FS_PART_DATA, /* the bytes are in the file */
        PAIL_FS_PART_COPY, /* the same range of the object given as copy source is unchanged */
};

enum pail_fs_part_state {
        PAIL_FS_PART_UNSENT,
        PAIL_FS_PART_IN_FLIGHT,
        PAIL_FS_PART_SENT,
};

struct pail_fs_upload_part {
        enum pail_fs_part_state state;
        struct pail_remote_part sent; /* once it is SENT */
};

struct pail_fs_parts;

/*
 * A part under way. The table of slots never moves; an idle slot belongs to the owner's thread, a busy one's answer
 * to the engine.
 */
struct pail_fs_upload_slot {
        struct pail_fs_parts *parts;
        bool is_busy;
        uint64_t offset;
        struct pail_remote_part part;
        struct pail_remote_call *call; /* a reference; NULL until the start has returned */
};

struct pail_fs_parts {
        /* Immutable, borrowed from the upload, which fills it in. */
        struct pail_remote *remote;
        int fd;
        const char *copy_key, *copy_etag;
        uint64_t part_size_bytes;
        /* A part is with S3. A thread of the remote; must not block. May be NULL. */
        void (*part_sent)(void *context, uint64_t offset, uint64_t size_bytes);
        void *context;
        unsigned slot_count;

        struct {
                struct pail_mutex mutex;
                struct pail_cond changed;
                struct pail_fs_upload_part *items; /* of number i + 1 */
                unsigned count;                    /* entries that exist */
                unsigned in_flight;
                int failure; /* of the first part that failed since the last finish; 0: none */
                struct pail_remote_error error;
                struct pail_fs_upload_slot *slots;
        } guarded;
};

/* Zeroed before. done is right after a failed init, too. */
int pail_fs_parts_init(struct pail_fs_parts *parts, unsigned slot_count);
void pail_fs_parts_done(struct pail_fs_parts *parts);

/* Says what of this machine has failed; returns error. */
int pail_fs_parts_fail(struct pail_remote_error *ret_error, int error, const char *message);
/* Makes the table long enough for part_number. */
int pail_fs_parts_reserve(struct pail_fs_parts *parts, unsigned part_number);
void pail_fs_parts_forget(struct pail_fs_parts *parts);
/* Entries of the table: no part of a higher number was ever started. */
unsigned pail_fs_parts_count(struct pail_fs_parts *parts);
/* A part that is not in flight. */
void pail_fs_parts_mark_unsent(struct pail_fs_parts *parts, unsigned part_number);
/* What is to be done with a part before it is complete with this size. */
enum pail_fs_part_state pail_fs_parts_state(struct pail_fs_parts *parts, unsigned part_number, uint64_t size_bytes);
/*
 * Starts a part in an idle slot; false from has_idle_slot means there is none. Hashes its bytes where the signature needs that.
 */
bool pail_fs_parts_has_idle_slot(struct pail_fs_parts *parts);
int pail_fs_parts_start(struct pail_fs_parts *parts, struct pail_remote_upload *upload, unsigned part_number,
                        uint64_t size_bytes, enum pail_fs_part_kind kind, enum pail_remote_priority priority,
                        struct pail_remote_error *ret_error);
/* Waits until a slot is idle or an error is set; then until nothing is in flight. */
void pail_fs_parts_wait_slot(struct pail_fs_parts *parts);
void pail_fs_parts_wait_all(struct pail_fs_parts *parts);
/* Waits for one part, raised to the highest priority. */
void pail_fs_parts_wait(struct pail_fs_parts *parts, unsigned part_number);
void pail_fs_parts_raise_all(struct pail_fs_parts *parts);
/* true: there was any. */
bool pail_fs_parts_cancel_all(struct pail_fs_parts *parts);
/* The sticky error: 0, or its errno. clear forgets it. */
int pail_fs_parts_error(struct pail_fs_parts *parts, struct pail_remote_error *ret_error);
void pail_fs_parts_clear_error(struct pail_fs_parts *parts);
/* All parts, to complete the upload with; all are sent. Owned by the caller. */
struct pail_remote_part *pail_fs_parts_list(struct pail_fs_parts *parts, unsigned count);
/* Bytes from 0 that S3 has without a gap. */
uint64_t pail_fs_parts_sent_bytes(struct pail_fs_parts *parts);

#endif
