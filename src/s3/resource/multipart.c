/* SPDX-License-Identifier: Apache-2.0 */
/* Multipart uploads and their parts as resources: thin, since the operations do the work. */
#include "multipart.h"

#include <errno.h>

#include "pail/s3/operations.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"
#include "s3/ops/list.h"

struct pail_multipart_upload {
        struct pail_bucket *bucket; /* a reference */
        char *key, *id;
};

int pail_multipart_upload_new(struct pail_bucket *bucket, const char *key, const char *id,
                              struct pail_multipart_upload **ret_upload)
{
        _cleanup_(pail_multipart_upload_free_p) struct pail_multipart_upload *upload = calloc(1, sizeof(*upload));
        if (!upload)
                return -ENOMEM;
        upload->bucket = pail_bucket_ref(bucket);
        if (pail_str_dup(key, &upload->key) < 0 || pail_str_dup(id, &upload->id) < 0)
                return -ENOMEM;
        *ret_upload = pail_steal(&upload);
        return 0;
}

void pail_multipart_upload_free(struct pail_multipart_upload *upload)
{
        if (!upload)
                return;
        pail_bucket_unref(upload->bucket);
        free(upload->key);
        free(upload->id);
        free(upload);
}

static struct pail_s3_client *client_of(const struct pail_multipart_upload *upload)
{
        return pail_bucket_client(upload->bucket);
}

static const char *bucket_of(const struct pail_multipart_upload *upload)
{
        return pail_bucket_name(upload->bucket);
}

int pail_object_initiate_multipart_upload(const struct pail_object *object, const struct pail_s3_headers *headers,
                                          const char *tagging, struct pail_multipart_upload **ret_upload,
                                          struct pail_error *ret_error)
{
        struct pail_bucket *bucket = pail_object_bucket(object);
        const char *key = pail_object_key(object);
        _cleanup_free_ char *id = NULL;
        int r = pail_s3_create_multipart_upload(pail_bucket_client(bucket), pail_bucket_name(bucket), key, headers,
                                                tagging, &id, ret_error);
        if (r < 0)
                return r;
        r = pail_multipart_upload_new(bucket, key, id, ret_upload);
        if (r >= 0)
                return 0;
        (void)pail_s3_abort_multipart_upload(pail_bucket_client(bucket), pail_bucket_name(bucket), key, id, NULL);
        return pail_error_set_errno(ret_error, -r, "cannot begin an upload");
}

const char *pail_multipart_upload_id(const struct pail_multipart_upload *upload)
{
        return upload->id;
}

struct pail_resource_meta pail_multipart_upload_meta(const struct pail_multipart_upload *upload)
{
        return (struct pail_resource_meta){
                .service_name = "s3",
                .type = "MultipartUpload",
                .identifiers = { { "bucket_name", bucket_of(upload) },
                                 { "object_key", upload->key },
                                 { "id", upload->id } },
                .identifier_count = 3,
                .client = client_of(upload),
        };
}

struct pail_collection pail_multipart_upload_parts(const struct pail_multipart_upload *upload)
{
        return (struct pail_collection){ .kind = &pail_s3_parts_kind,
                                         .client = client_of(upload),
                                         .bucket = upload->bucket,
                                         .key = upload->key,
                                         .upload_id = upload->id };
}

/* *ret_parts is owned by the caller. */
static int read_parts(const struct pail_multipart_upload *upload, struct pail_s3_part **ret_parts, size_t *ret_count,
                      struct pail_error *ret_error)
{
        const struct pail_collection all = pail_multipart_upload_parts(upload);
        _cleanup_free_ struct pail_s3_part *parts = calloc(PAIL_S3_PARTS_MAX, sizeof(*parts));
        struct pail_cursor *cursor = NULL;
        const struct pail_s3_entry *entry = NULL;
        size_t count = 0;
        int r = parts ? pail_collection_pages(&all, &cursor) : -ENOMEM;
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "cannot list the parts of an upload");
        while ((r = pail_cursor_next_entry(cursor, &entry, ret_error)) > 0 && count < PAIL_S3_PARTS_MAX) {
                parts[count].part_number = entry->part_number;
                parts[count].size_bytes = entry->size_bytes;
                memcpy(parts[count].checksum, entry->checksum, sizeof(entry->checksum));
                memcpy(parts[count++].etag, entry->etag, sizeof(entry->etag));
        }
        pail_cursor_free(cursor);
        if (r > 0) {
                pail_error_set(ret_error, PAIL_ERROR_PROTOCOL, "the server lists more than %d parts of an upload",
                               PAIL_S3_PARTS_MAX);
                return -EPROTO;
        }
        if (r < 0)
                return r;
        *ret_parts = pail_steal(&parts);
        *ret_count = count;
        return 0;
}

int pail_multipart_upload_complete(const struct pail_multipart_upload *upload, const struct pail_s3_part *parts,
                                   size_t count, const struct pail_s3_conditions *conditions,
                                   char ret_etag[static PAIL_S3_ETAG_SIZE], struct pail_error *ret_error)
{
        _cleanup_free_ struct pail_s3_part *stored = NULL;
        int r = parts ? 0 : read_parts(upload, &stored, &count, ret_error);
        if (r < 0)
                return r;
        return pail_s3_complete_multipart_upload(client_of(upload), bucket_of(upload), upload->key, upload->id,
                                                 parts ? parts : stored, count, conditions, ret_etag, ret_error);
}

int pail_multipart_upload_abort(const struct pail_multipart_upload *upload, struct pail_error *ret_error)
{
        return pail_s3_abort_multipart_upload(client_of(upload), bucket_of(upload), upload->key, upload->id, ret_error);
}

struct pail_multipart_part pail_multipart_upload_part(const struct pail_multipart_upload *upload, unsigned number)
{
        struct pail_multipart_part part = { .upload = upload, .data.part_number = number };
        snprintf(part.number_text, sizeof(part.number_text), "%u", number);
        return part;
}

struct pail_resource_meta pail_multipart_part_meta(const struct pail_multipart_part *part)
{
        struct pail_resource_meta meta = pail_multipart_upload_meta(part->upload);
        meta.type = "MultipartUploadPart";
        meta.identifiers[2].name = "multipart_upload_id";
        meta.identifiers[meta.identifier_count++] = (struct pail_resource_identifier){ "part_number",
                                                                                       part->number_text };
        return meta;
}

static struct pail_s3_part_input input_of(const struct pail_multipart_part *part)
{
        return (struct pail_s3_part_input){ .bucket = bucket_of(part->upload),
                                            .key = part->upload->key,
                                            .upload_id = part->upload->id,
                                            .part_number = part->data.part_number,
                                            .priority = PAIL_HTTP_PRIORITY_WAITED };
}

int pail_multipart_part_upload(struct pail_multipart_part *part, const struct pail_http_body *body,
                               struct pail_error *ret_error)
{
        struct pail_s3_part_input input = input_of(part);
        input.body = *body;
        int r = pail_s3_upload_part(client_of(part->upload), &input, &part->data, ret_error);
        if (r >= 0)
                part->data.size_bytes = body->size_bytes;
        return r;
}

int pail_multipart_part_copy_from(struct pail_multipart_part *part, const struct pail_object *source,
                                  const char *if_match, uint64_t offset, uint64_t size_bytes,
                                  struct pail_error *ret_error)
{
        struct pail_s3_part_input input = input_of(part);
        input.source_bucket = pail_bucket_name(pail_object_bucket(source));
        input.source_key = pail_object_key(source);
        input.source_if_match = if_match;
        input.source_offset = offset;
        input.source_size_bytes = size_bytes;
        int r = pail_s3_upload_part_copy(client_of(part->upload), &input, &part->data, ret_error);
        if (r >= 0)
                part->data.size_bytes = size_bytes;
        return r;
}
