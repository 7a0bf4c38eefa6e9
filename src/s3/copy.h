/* SPDX-License-Identifier: Apache-2.0 */
/* A copy of an object with everything that belongs to it. */
#ifndef PAIL_SRC_S3_COPY_H
#define PAIL_SRC_S3_COPY_H

#include "client.h"
#include "pail/s3/object.h"
#include "pail/s3/types.h"

struct pail_s3_copy_plan {
        struct pail_s3_client *client;
        const char *source_bucket, *source_key;
        const char *source_version_id;             /* NULL: the current one */
        const char *bucket, *key;                  /* may be the source */
        const struct pail_s3_info *source;         /* as loaded: the version that is copied */
        const char *source_if_match;               /* NULL: the ETag of source */
        const struct pail_s3_headers *headers;     /* of the destination, complete */
        bool replaces_headers;                     /* they differ from the source's */
        const char *tagging;                       /* NULL: the source's tags; "": none */
        uint64_t threshold_bytes, part_size_bytes; /* as in struct pail_object_copy_options, as the next three */
        pail_transfer_progress *progress;
        bool (*is_stopped)(void *context);
        void *progress_context; /* of both */
};

/* For an object that this client has just made: its ACL is that of new objects, and is not asked for where that is the default. */
int pail_s3_copy_run(const struct pail_s3_copy_plan *plan, char ret_etag[static PAIL_S3_ETAG_SIZE],
                     struct pail_error *ret_error);

/*
 * Puts tags where the server has not taken them from a header. tagging "": nothing to do. An object that is not etag
 * is left alone.
 */
int pail_s3_copy_ensure_tags(struct pail_s3_client *client, const char *bucket, const char *key, const char *etag,
                             const char *tagging, struct pail_error *ret_error);

/* copy_parts.c: the multipart copy, without what comes after it. tagging NULL: none. */
int pail_s3_copy_parts(const struct pail_s3_copy_plan *plan, const char *tagging,
                       char ret_etag[static PAIL_S3_ETAG_SIZE], struct pail_error *ret_error);
/* 0; or -EINTR, class CANCELLED, once the copy is to end. */
int pail_s3_copy_check_stop(const struct pail_s3_copy_plan *plan, struct pail_error *ret_error);
/* The version to copy: plan->source_if_match or the loaded one. */
const char *pail_s3_copy_version(const struct pail_s3_copy_plan *plan);
/* ESTALE: the source is not what it was. */
int pail_s3_copy_source_changed(const struct pail_s3_copy_plan *plan, struct pail_error *ret_error);
int pail_s3_copy_object_changed(const struct pail_object *source, struct pail_error *ret_error);

#endif
