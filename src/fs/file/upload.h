/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The upload of a file that may still grow. Up to one part it is one PutObject; beyond, parts go up in parallel as soon
 * as their bytes are final.
 *
 * One thread at a time calls advance, invalidate, finish and abort (the owner serialises); parts end on threads of the
 * remote. advance never waits for the network beyond the request that begins a multipart upload. All of these must be
 * called from a thread without an interrupt token.
 */
#ifndef PAIL_FS_FILE_UPLOAD_H
#define PAIL_FS_FILE_UPLOAD_H

#include "pail/remote/remote.h"
#include "upload_parts.h"

struct pail_fs_upload;

struct pail_fs_upload_source {
        /*
         * Asked in finish (and in advance never, where everything is DATA), before a part is sent: makes its bytes readable in the file
         * or says that they are to be copied. May block. < 0 fails the upload. COPY is only offered when offer_copy is true (a copy
         * source exists, the range lies inside it, and the part is not smaller than the server wants unless it is the last).
         */
        int (*prepare)(void *context, uint64_t offset, uint64_t size_bytes, bool offer_copy,
                       enum pail_fs_part_kind *ret_kind);
        /* A part is with S3 for good unless it is invalidated. A thread of the remote; must not block. May be NULL. */
        void (*part_sent)(void *context, uint64_t offset, uint64_t size_bytes);
        void *context;
};

struct pail_fs_upload_options {
        struct pail_remote *remote;          /* a reference is taken */
        const char *key;                     /* copied */
        int fd;                              /* borrowed; read with pread */
        struct pail_fs_upload_source source; /* prepare may be NULL: everything is DATA */
        const char *copy_key;                /* object that COPY parts come from; NULL: none. Copied */
        const char *copy_etag;               /* its version, sent as condition */
        uint64_t copy_size_bytes;
        uint64_t part_size_bytes;     /* of the first parts: not less than the server wants, at most 5 GiB */
        unsigned max_parts_in_flight; /* 0: 4 */
};

int pail_fs_upload_new(const struct pail_fs_upload_options *options, struct pail_fs_upload **ret_upload);
/* Aborts what is open (waits for parts in flight, then the server forgets it). NULL is fine. */
void pail_fs_upload_free(struct pail_fs_upload *upload);

/*
 * Bytes [0, available) are final as far as is known: starts the parts wholly inside it, as many as may be in flight, beginning the
 * multipart upload (with this content) when the second part begins to fill. Returns the first error that a part met.
 */
int pail_fs_upload_advance(struct pail_fs_upload *upload, const struct pail_remote_content *content,
                           uint64_t available_bytes, struct pail_remote_error *ret_error);
/* The range is about to change: waits for parts in flight that hold any of it, and marks them unsent. */
void pail_fs_upload_invalidate(struct pail_fs_upload *upload, uint64_t offset, uint64_t size_bytes);
/* Of the object; borrowed. */
const char *pail_fs_upload_key(const struct pail_fs_upload *upload);
/* true once a multipart upload exists: S3 has been told of key and metadata. */
bool pail_fs_upload_is_started(const struct pail_fs_upload *upload);
/* Bytes from 0 that S3 has without a gap. */
uint64_t pail_fs_upload_sent_bytes(struct pail_fs_upload *upload);

/*
 * Sends what is missing of [0, size), completes, and waits: then the object is the new version. content: of PutObject, or
 * of the multipart upload if none was begun; one that was begun with other content gets this by a copy onto itself. On
 * failure nothing of it is visible, and the upload can be finished again (parts that were sent are kept) or aborted.
 */
int pail_fs_upload_finish(struct pail_fs_upload *upload, const struct pail_remote_content *content, uint64_t size_bytes,
                          const struct pail_remote_condition *condition, struct pail_remote_stored *ret_stored,
                          struct pail_remote_error *ret_error);
/* Gives up: waits for parts in flight, the server forgets it. The upload is as new. */
void pail_fs_upload_abort(struct pail_fs_upload *upload);

#endif
