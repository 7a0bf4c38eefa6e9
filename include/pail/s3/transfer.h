/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The transfer manager: whole objects up, down and from one key to another, in parts that go side by side. Call all of it from a thread without
 * interrupt token.
 */
#ifndef PAIL_S3_TRANSFER_H
#define PAIL_S3_TRANSFER_H

#include "pail/s3/object.h"

/*
 * Bytes that moved, as the SDK's Callback counts them: of all parts, and from several of the engine's threads at once;
 * must not block. Bytes that an attempt sent in vain are taken back by a negative delta when it has failed. So the sum
 * is the size when the transfer has succeeded; only a part whose upload was lost by the server
 * counts again when it is sent again. A part that the server copies counts when it is done.
 */
typedef void pail_transfer_progress(void *context, int64_t delta_bytes);

/*
 * An object sent from a local file that may still grow. Up to one part it is one PutObject; beyond, parts go up in parallel as soon as their
 * bytes are final. One thread at a time; completions come from engine threads. What advance does never waits for the network beyond the
 * CreateMultipartUpload request. (upload_fileobj of the SDK is finish alone: pail_transfer_upload().)
 */
struct pail_upload;

struct pail_upload_options {
        struct pail_bucket *bucket;            /* a reference is taken */
        const char *key;                       /* copied, as the next two */
        const struct pail_s3_headers *headers; /* of the object; NULL: none */
        const char *tagging;                   /* NULL: none */
        int fd;                                /* borrowed; read with pread */
        uint64_t part_size_bytes;              /* of the first parts: 5 MiB … 5 GiB */
        unsigned max_parts_in_flight;          /* 0: 4 */
        pail_transfer_progress *progress;      /* may be NULL */
        void *context;
};
/* -EINVAL: the part size; -ENOMEM. */
int pail_upload_new(const struct pail_upload_options *options, struct pail_upload **ret_upload);
/* Aborts what is open (waits for parts in flight, then AbortMultipartUpload). NULL is fine. */
void pail_upload_free(struct pail_upload *upload);
PAIL_DEFINE_CLEANUP(struct pail_upload, pail_upload_free);

/*
 * Bytes [0, available) are final: starts the parts wholly inside it, as many as may be in flight, creating the multipart upload when the second
 * part begins to fill. Returns the first error that a part met.
 */
int pail_upload_advance(struct pail_upload *upload, uint64_t available_bytes, struct pail_error *ret_error);
/* true once a multipart upload exists: S3 has been told of headers and key. */
bool pail_upload_is_begun(const struct pail_upload *upload);
/*
 * Sends what is missing of [0, size), completes, and waits: then the object is the new version. size is not less than what was available. On
 * failure nothing of it is visible, and the upload can be finished again (parts already sent are kept) or aborted.
 */
int pail_upload_finish(struct pail_upload *upload, uint64_t size_bytes, const struct pail_s3_conditions *conditions,
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

/*
 * A copy on the server that loses nothing: content headers, metadata, tags, storage class, encryption, the ACL where it can be read
 * and is not the default, and, within one bucket, retention and legal hold as far as HEAD shows them (it does to who has
 * s3:GetObjectRetention and s3:GetObjectLegalHold; setting them wants s3:PutObjectRetention and s3:PutObjectLegalHold). Objects above threshold_bytes go as a multipart copy with parallel parts, conditioned on the
 * ETag of the source. Proven at the end by comparing sizes and ETags as far as S3 lets one. The source is loaded first unless it is already;
 * it may be a version.
 */
struct pail_object_copy_options {
        const struct pail_http_headers *metadata; /* replaces all user metadata; NULL: kept */
        const char *content_type;                 /* replaces it; NULL: kept */
        bool takes_options; /* storage class and encryption are those of the client's options, where they name any */
        uint64_t threshold_bytes;    /* 0: 5 GiB, the limit of CopyObject */
        uint64_t part_size_bytes;    /* 0: 128 MiB, and larger where 10,000 parts would not do */
        const char *source_if_match; /* NULL: none */
        bool without_object_lock;    /* retention and legal hold are not kept: of a copy that is for the moment only */
        pail_transfer_progress *progress; /* may be NULL */
        /*
         * Asked now and then on the calling thread, with the context; true: the copy ends with class CANCELLED, its parts under way are
         * cancelled, and what the server has of it is aborted. A copy in one request that is under way is waited for. May be NULL.
         */
        bool (*is_stopped)(void *context);
        void *context;
        bool acl_is_default; /* the mount has just made it: it has the ACL of new objects, which is not read unless the options ask for one */
};
/* source and destination may be the same key. ret_etag: the new version's. Changes the destination: call it from a thread without interrupt token. */
int pail_object_copy(struct pail_object *source, struct pail_object *destination,
                     const struct pail_object_copy_options *options, char ret_etag[static PAIL_S3_ETAG_SIZE],
                     struct pail_error *ret_error);

/*
 * The object is under the other key afterwards, and no longer under its own: by RenameObject where the bucket has it and nothing else
 * is to change, else by pail_object_copy() and, once the copy is proven, pail_object_delete().
 */
int pail_object_move(struct pail_object *source, struct pail_object *destination,
                     const struct pail_object_copy_options *options, char ret_etag[static PAIL_S3_ETAG_SIZE],
                     struct pail_error *ret_error);

#endif
