/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The resources of a multipart upload, (bucket, key, id), and of a part of it, (…, number). What sends whole files is
 * the transfer manager (transfer.h); this is for uploads that somebody else has begun, or that have an order of their
 * own.
 */
#ifndef PAIL_SRC_S3_RESOURCE_MULTIPART_H
#define PAIL_SRC_S3_RESOURCE_MULTIPART_H

#include "pail/s3/collection.h"
#include "pail/s3/object.h"

/* Immutable, so that parts of it may be sent from several threads. */
struct pail_multipart_upload;

int pail_multipart_upload_new(struct pail_bucket *bucket, const char *key, const char *id,
                              struct pail_multipart_upload **ret_upload);
/* CreateMultipartUpload. headers and tagging of the object to come; NULL: none. */
int pail_object_initiate_multipart_upload(const struct pail_object *object, const struct pail_s3_headers *headers,
                                          const char *tagging, struct pail_multipart_upload **ret_upload,
                                          struct pail_error *ret_error);
void pail_multipart_upload_free(struct pail_multipart_upload *upload);
PAIL_DEFINE_CLEANUP(struct pail_multipart_upload, pail_multipart_upload_free);
const char *pail_multipart_upload_id(const struct pail_multipart_upload *upload);
struct pail_resource_meta pail_multipart_upload_meta(const struct pail_multipart_upload *upload);

/* The parts that the server has, in the order of their numbers. The upload is borrowed. */
struct pail_collection pail_multipart_upload_parts(const struct pail_multipart_upload *upload);
/*
 * Makes the object of these parts, in ascending order; parts NULL: of all that the server has, which costs a ListParts.
 * What happens when its answer is lost is said at pail_s3_complete_multipart_upload() (operations.h).
 */
int pail_multipart_upload_complete(const struct pail_multipart_upload *upload, const struct pail_s3_part *parts,
                                   size_t count, const struct pail_s3_conditions *conditions /* NULL: none */,
                                   char ret_etag[static PAIL_S3_ETAG_SIZE], struct pail_error *ret_error);
/* Success where there is no such upload. A part that is still on its way may be kept: abort again after it. */
int pail_multipart_upload_abort(const struct pail_multipart_upload *upload, struct pail_error *ret_error);

/* A part: a value. data is what complete() wants of it, filled by upload and copy_from. */
struct pail_multipart_part {
        const struct pail_multipart_upload *upload; /* borrowed */
        struct pail_s3_part data;
        char number_text[8]; /* of meta */
};
/* number: 1..10000. A part that is sent again replaces the one before. */
struct pail_multipart_part pail_multipart_upload_part(const struct pail_multipart_upload *upload, unsigned number);
struct pail_resource_meta pail_multipart_part_meta(const struct pail_multipart_part *part);
int pail_multipart_part_upload(struct pail_multipart_part *part, const struct pail_http_body *body,
                               struct pail_error *ret_error);
/*
 * UploadPartCopy of [offset, +size) of another object, of all of it when size is 0 (data.size_bytes stays 0 then); a
 * range wants a source of more than 5 MiB. if_match: its version; NULL: any.
 */
int pail_multipart_part_copy_from(struct pail_multipart_part *part, const struct pail_object *source,
                                  const char *if_match, uint64_t offset, uint64_t size_bytes,
                                  struct pail_error *ret_error);

#endif
