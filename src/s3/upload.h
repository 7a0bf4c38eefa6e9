/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of an upload: upload.c decides what is sent, upload_parts.c sends it. */
#ifndef PAIL_SRC_S3_UPLOAD_H
#define PAIL_SRC_S3_UPLOAD_H

#include <stdbool.h>

#include "client.h"
#include "pail/s3/operations.h"
#include "pail/s3/transfer.h"
#include "pail/util/cleanup.h"

enum pail_part_state {
        PAIL_PART_UNSENT,
        PAIL_PART_IN_FLIGHT,
        PAIL_PART_SENT,
};

struct pail_upload_part {
        enum pail_part_state state;
        struct pail_s3_part sent; /* once it is SENT */
};

/*
 * A part under way. The table of slots never moves; an idle slot belongs to the owner's thread, a busy one's answer
 * to the engine.
 */
struct pail_upload_slot {
        struct pail_upload *upload;
        bool is_busy;
        bool is_copy;
        uint64_t offset;
        struct pail_s3_part part;
        struct pail_s3_call *call; /* a reference; NULL until the start has returned */
};

struct pail_upload {
        /* Immutable. */
        struct pail_bucket *bucket;
        struct pail_s3_client *client;
        char *key;
        int fd;
        struct pail_upload_source source;
        char *copy_key, *copy_etag;
        uint64_t copy_size_bytes;
        uint64_t part_size_bytes;
        unsigned slot_count;

        /* The owner's thread. */
        char *upload_id;                /* NULL: not started */
        struct pail_s3_headers headers; /* that it was started with */
        char *tagging;
        bool has_checksums;    /* of parts, at its beginning */
        bool has_copies;       /* some parts are ranges of copy_key */
        bool avoids_checksums; /* from now on: a copied part may be refused for them */
        bool avoids_copies;    /* from now on: the server does not make them */
        bool is_completed;     /* but the headers are still to be applied */
        char completed_etag[PAIL_S3_ETAG_SIZE];
        uint64_t completed_size_bytes;

        struct {
                struct pail_mutex mutex;
                struct pail_cond changed;
                struct pail_upload_part *parts; /* of number i + 1 */
                unsigned count;                 /* entries that exist */
                unsigned in_flight;
                bool has_cancelled_part; /* it was in flight and may still arrive */
                struct pail_error error; /* first failure of a part since the last finish; class NONE: none */
                struct pail_upload_slot *slots;
                struct pail_s3_call *put; /* of a file that is one request, while it is under way; borrowed from it */
        } guarded;
};

/* Makes the table long enough for part_number. */
int pail_upload_reserve(struct pail_upload *upload, unsigned part_number);
void pail_upload_forget_parts(struct pail_upload *upload);
/* Entries of the table: no part of a higher number was ever started. */
unsigned pail_upload_part_count(struct pail_upload *upload);
/* A part that is not in flight. */
void pail_upload_mark_unsent(struct pail_upload *upload, unsigned part_number);
/* What is to be done with a part before it is complete with this size. */
enum pail_part_state pail_upload_part_state(struct pail_upload *upload, unsigned part_number, uint64_t size_bytes);
/*
 * Starts a part in an idle slot; false from has_idle_slot means there is none. Hashes its bytes where the signature
 * wants that.
 */
bool pail_upload_has_idle_slot(struct pail_upload *upload);
int pail_upload_start_part(struct pail_upload *upload, unsigned part_number, uint64_t size_bytes,
                           enum pail_upload_part_kind kind, enum pail_http_priority priority,
                           struct pail_error *ret_error);
/* Waits until a slot is idle or an error is set; then until nothing is in flight. */
void pail_upload_wait_slot(struct pail_upload *upload);
void pail_upload_wait_all(struct pail_upload *upload);
/* Waits for one part, raised to the highest priority. */
void pail_upload_wait_part(struct pail_upload *upload, unsigned part_number);
void pail_upload_hurry_all(struct pail_upload *upload);
void pail_upload_cancel_all(struct pail_upload *upload);
bool pail_upload_has_cancelled_part(struct pail_upload *upload);
/* The sticky error: 0, or its errno. clear forgets it. */
int pail_upload_error(struct pail_upload *upload, struct pail_error *ret_error);
void pail_upload_clear_error(struct pail_upload *upload);
/* The list for CompleteMultipartUpload; all parts are sent. Owned by the caller. */
struct pail_s3_part *pail_upload_part_list(struct pail_upload *upload, unsigned count);

#endif
