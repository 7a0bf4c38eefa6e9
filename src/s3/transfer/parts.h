/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One multipart upload and its parts, several of which are under way at once. The bytes of a part have one of two sources: a file, from which
 * they are sent, or an object, from which the server copies them. What is a part, and what comes before and after the parts, is for those who
 * upload (upload.c) and copy (copy_parts.c).
 *
 * One thread, the owner's, calls everything here but pail_parts_stop(). It must have no interrupt token.
 */
#ifndef PAIL_SRC_S3_TRANSFER_PARTS_H
#define PAIL_SRC_S3_TRANSFER_PARTS_H

#include <stdbool.h>

#include "pail/s3/transfer.h"
#include "s3/ops/ops.h"

struct pail_parts;

/* Everything is borrowed until pail_parts_free(). */
struct pail_parts_options {
        struct pail_s3_client *client;
        const char *bucket, *key;
        int fd;                                 /* where bytes are sent from, at the offset of their part */
        const char *source_bucket, *source_key; /* source_key not NULL: they are copied from this object instead */
        const char *source_version_id, *source_if_match;
        unsigned max_in_flight;
        pail_transfer_progress *progress; /* may be NULL */
        /* Asked on the owner's thread now and then while it waits; true: as if pail_parts_stop() was called. May be NULL. */
        bool (*is_stopped)(void *context);
        void *context; /* of both */
};
/* -ENOMEM. */
int pail_parts_new(const struct pail_parts_options *options, struct pail_parts **ret_parts);
/* Nothing may be under way, and an upload that was begun is left as it is. NULL is fine. */
void pail_parts_free(struct pail_parts *parts);
PAIL_DEFINE_CLEANUP(struct pail_parts, pail_parts_free);

/* CreateMultipartUpload; nothing where it was begun before. input: of its key. */
int pail_parts_begin(struct pail_parts *parts, const struct pail_s3_create_upload_input *input,
                     struct pail_error *ret_error);
/* Of the upload that was begun; NULL: none. */
const char *pail_parts_upload_id(const struct pail_parts *parts);
/* Whether it was begun with checksums. */
bool pail_parts_has_checksums(const struct pail_parts *parts);

/* Makes room for the parts up to this number. -EFBIG: more than S3 takes; -ENOMEM. */
int pail_parts_reserve(struct pail_parts *parts, unsigned number);
/* Whether a part of this number and size still has to be started: it is neither sent nor under way. */
bool pail_parts_is_missing(struct pail_parts *parts, unsigned number, uint64_t size_bytes);

struct pail_part_range {
        unsigned number;
        uint64_t offset, size_bytes;
        bool is_whole; /* it is all of the object that is copied, which has no range then */
};
bool pail_parts_can_start(struct pail_parts *parts);
/* Room for number is reserved. -EBUSY unless one can be started. Hashes its bytes where the signature wants that. */
int pail_parts_start(struct pail_parts *parts, const struct pail_part_range *range, enum pail_http_priority priority,
                     struct pail_error *ret_error);
/* Until one can be started, or one has failed; then until none is under way. */
void pail_parts_wait_some(struct pail_parts *parts);
void pail_parts_wait_all(struct pail_parts *parts);
/* Somebody waits for those under way. */
void pail_parts_raise_all(struct pail_parts *parts);
/* Ends those under way soon. They are missing afterwards, which is no failure. */
void pail_parts_cancel_all(struct pail_parts *parts);
/* From any thread: the same, and the error says that it was stopped. */
void pail_parts_stop(struct pail_parts *parts);

/* The first failure of a part since the last clear: 0, or its errno. */
int pail_parts_error(struct pail_parts *parts, struct pail_error *ret_error);
void pail_parts_clear_error(struct pail_parts *parts);

/* The list for CompleteMultipartUpload, of parts that are all sent; NULL: no memory. Owned by the caller. */
struct pail_s3_part *pail_parts_list(struct pail_parts *parts, unsigned count);
/* It was completed, or is nobody's any more: the next begins anew. Nothing may be under way. */
void pail_parts_reset(struct pail_parts *parts);
/* Cancels, waits, AbortMultipartUpload, reset. */
void pail_parts_abort(struct pail_parts *parts);

#endif
