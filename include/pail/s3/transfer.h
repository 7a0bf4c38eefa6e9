/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The transfer manager's upload: an object sent from a local file while that file still grows. Up to one part it is one
 * PutObject; beyond, parts go up in parallel as soon as their bytes are final. (upload_fileobj of the SDK is advance to the size, then finish.)
 *
 * Part n covers [pail_upload_part_offset(n), +pail_upload_part_size(n)): sizes grow with n so that 10,000 parts reach the object limit.
 *
 * One thread at a time calls advance, invalidate, finish, abort (the owner serialises); completions come from engine threads. What
 * advance does never waits for the network beyond the CreateMultipartUpload request. All of these must be called from a thread without interrupt token.
 */
#ifndef PAIL_S3_TRANSFER_H
#define PAIL_S3_TRANSFER_H

#include "pail/s3/object.h"

struct pail_upload;

enum pail_upload_part_kind {
        PAIL_UPLOAD_DATA, /* the bytes are in the file */
        PAIL_UPLOAD_COPY, /* the same range of the object given as copy source is unchanged */
};

struct pail_upload_source {
        /*
         * Asked in finish (and in advance never, where everything is DATA), before a part is sent: makes its bytes readable in the file
         * or says that they are to be copied. May block. < 0 fails the upload. COPY is only offered when offer_copy is true (a copy
         * source exists, the range lies inside it, and the part is not smaller than 5 MiB unless it is the last).
         */
        int (*prepare)(void *context, uint64_t offset, uint64_t size_bytes, bool offer_copy,
                       enum pail_upload_part_kind *ret_kind);
        /* A part is with S3 for good unless it is invalidated. Engine's thread; must not block. May be NULL. */
        void (*part_sent)(void *context, uint64_t offset, uint64_t size_bytes);
        pail_transfer_progress *progress; /* may be NULL */
        void *context;
};

struct pail_upload_options {
        struct pail_bucket *bucket;       /* a reference is taken */
        const char *key;                  /* copied */
        int fd;                           /* borrowed; read with pread */
        struct pail_upload_source source; /* prepare may be NULL: everything is DATA */
        const char *copy_key;             /* object that COPY parts come from; NULL: none. Copied */
        const char *copy_etag;            /* its version, sent as condition */
        uint64_t copy_size_bytes;
        uint64_t part_size_bytes;     /* of the first parts: 5 MiB … 5 GiB */
        unsigned max_parts_in_flight; /* 0: 4 */
};

uint64_t pail_upload_part_offset(uint64_t part_size_bytes, unsigned part_number);
uint64_t pail_upload_part_size(uint64_t part_size_bytes, unsigned part_number);
/* The part that holds offset. */
unsigned pail_upload_part_at(uint64_t part_size_bytes, uint64_t offset);

int pail_upload_new(const struct pail_upload_options *options, struct pail_upload **ret_upload);
/* Aborts what is open (waits for parts in flight, then AbortMultipartUpload). NULL is fine. */
void pail_upload_free(struct pail_upload *upload);

/*
 * Bytes [0, available) are final as far as is known: starts the parts wholly inside it, as many as may be in flight, creating the
 * multipart upload (with these headers) when the second part begins to fill. Returns the first error that a part met.
 */
int pail_upload_advance(struct pail_upload *upload, const struct pail_s3_headers *headers, uint64_t available_bytes,
                        struct pail_error *ret_error);
/* The range is about to change: waits for parts in flight that hold any of it, and marks them unsent. */
void pail_upload_invalidate(struct pail_upload *upload, uint64_t offset, uint64_t size_bytes);
/* Of the object; borrowed. */
const char *pail_upload_key(const struct pail_upload *upload);
/* true once a multipart upload exists: S3 has been told of headers and key. */
bool pail_upload_is_started(const struct pail_upload *upload);
/* Bytes from 0 that S3 has without a gap. */
uint64_t pail_upload_sent_bytes(const struct pail_upload *upload);

/*
 * Sends what is missing of [0, size), completes, and waits: then the object is the new version. headers: of PutObject, or of the multipart upload
 * if none was begun; if one was begun with other headers, finish applies the new ones (a copy onto itself). On failure nothing of
 * it is visible and the upload can be finished again (parts already sent are kept) or aborted.
 */
int pail_upload_finish(struct pail_upload *upload, const struct pail_s3_headers *headers, const char *tagging,
                       uint64_t size_bytes, const struct pail_s3_conditions *conditions,
                       char ret_etag[static PAIL_S3_ETAG_SIZE], struct pail_error *ret_error);
/* From any thread: ends the requests under way that carry bytes, so that finish soon fails with class CANCELLED, if it is not past them. May be called again. */
void pail_upload_stop(struct pail_upload *upload);
/* Gives up: waits for parts in flight, AbortMultipartUpload. The upload is as new. */
void pail_upload_abort(struct pail_upload *upload);

/* upload_fileobj for a file that is there: [0, size) of fd becomes the object. What S3 has of a failed upload is aborted. */
struct pail_transfer_upload_options {
        uint64_t part_size_bytes;                    /* 0: 8 MiB */
        unsigned max_parts_in_flight;                /* 0: 8 */
        const char *tagging;                         /* NULL: none */
        const struct pail_s3_conditions *conditions; /* NULL: none */
        pail_transfer_progress *progress;            /* may be NULL */
        /*
         * Told the upload before it begins, and NULL when it is over, so that another thread can pail_upload_stop() it in between. May
         * be NULL.
         */
        void (*watch)(void *context, struct pail_upload *upload);
        void *context;
};
int pail_transfer_upload(struct pail_object *object, int fd, uint64_t size_bytes, const struct pail_s3_headers *headers,
                         const struct pail_transfer_upload_options *options /* NULL: defaults */,
                         char ret_etag[static PAIL_S3_ETAG_SIZE], struct pail_error *ret_error);

/* download_fileobj: the object, or [0, size) of it, into a file by parallel ranged GETs conditioned on its ETag. */
struct pail_download_options {
        uint64_t part_size_bytes;         /* 0: 8 MiB */
        unsigned max_parts_in_flight;     /* 0: 8 */
        bool is_stream;                   /* fd may be a pipe: written to in order, from where it stands */
        pail_transfer_progress *progress; /* may be NULL */
        void *context;
};
int pail_transfer_download(struct pail_object *object, int fd, const struct pail_download_options *options,
                           struct pail_error *ret_error);

/*
 * The same by path: upload_file and download_file. headers NULL: the Content-Type is that of the name (<pail/util/mime.h>). What is no
 * regular file is refused in words: -EISDIR, -EINVAL.
 *
 * The object is downloaded into a file beside path, which takes its place when it is complete: path is as it was, or all new.
 * It keeps the mode of a file that it replaces, and its owner where that is allowed. A symbolic link is followed, to a file that exists
 * (-ENOLINK).
 */
int pail_transfer_upload_file(struct pail_object *object, const char *path, const struct pail_s3_headers *headers,
                              const struct pail_transfer_upload_options *options /* NULL: defaults */,
                              char ret_etag[static PAIL_S3_ETAG_SIZE], struct pail_error *ret_error);
int pail_transfer_download_file(struct pail_object *object, const char *path,
                                const struct pail_download_options *options, struct pail_error *ret_error);

#endif
