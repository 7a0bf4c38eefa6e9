/* SPDX-License-Identifier: Apache-2.0 */
/* What a copy of an object is to be. */
#ifndef PAIL_SRC_S3_TRANSFER_COPY_PLAN_H
#define PAIL_SRC_S3_TRANSFER_COPY_PLAN_H

#include "pail/s3/client.h"
#include "pail/s3/transfer.h"
#include "pail/s3/types.h"

struct pail_s3_copy_plan {
        struct pail_s3_client *client;
        const char *source_bucket, *source_key;
        const char *source_version_id;                /* NULL: the current one */
        const char *bucket, *key;                     /* may be the source */
        const struct pail_s3_object_metadata *source; /* as loaded: the version that is copied */
        const char *source_if_match;                  /* NULL: the ETag of source */
        const struct pail_s3_headers *headers;        /* of the destination, complete */
        bool replaces_headers;                        /* they differ from the source's */
        const char *tagging;                          /* NULL: the source's tags; "": none */
        uint64_t threshold_bytes, part_size_bytes;    /* as in struct pail_object_copy_options, as the next three */
        pail_transfer_progress *progress;
        bool (*is_stopped)(void *context);
        void *progress_context; /* of both */
};

/* The version to copy: source_if_match or the loaded one. */
const char *pail_s3_copy_version(const struct pail_s3_copy_plan *plan);
/* -ESTALE, with the error that says so: the source is not what it was. */
int pail_s3_set_source_changed(const char *bucket, const char *key, struct pail_error *ret_error);
/* 0; or -EINTR, class CANCELLED, once the copy is to end. */
int pail_s3_copy_check_stop(const struct pail_s3_copy_plan *plan, struct pail_error *ret_error);

#endif
