/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers of S3 other than lists, errors among them: the first character says to which operation. A head with headers comes before
 * each body, so the headers that are read (ETags, sizes, times, metadata) are made up as well.
 */
#include <stdlib.h>
#include <string.h>

#include "bucket.h"
#include "fuzz.h"
#include "pail/s3/operations.h"
#include "pail/util/buf.h"

static int head(struct pail_error *error)
{
        struct pail_s3_object_metadata info = { 0 };
        int r = pail_s3_head_object(bucket_client(), "bucket", "key", &info, error);

        if (r == 0)
                pail_s3_object_metadata_done(&info);
        return r;
}

static int get(struct pail_error *error)
{
        const struct pail_s3_get_input input = { .bucket = "bucket", .key = "key", .offset = 2, .size_bytes = 10 };
        struct pail_s3_object_metadata info = { 0 };
        struct pail_buf target;

        pail_buf_init(&target, 10);
        int r = pail_s3_get_object(bucket_client(), &input, &target, &info, error);
        if (r == 0)
                pail_s3_object_metadata_done(&info);
        pail_buf_done(&target);
        return r;
}

static int copy(struct pail_error *error)
{
        const struct pail_s3_copy_input input = {
                .bucket = "bucket", .key = "b", .source_bucket = "bucket", .source_key = "a"
        };
        char etag[PAIL_S3_ETAG_SIZE];

        return pail_s3_copy_object(bucket_client(), &input, etag, error);
}

static int create(struct pail_error *error)
{
        char *upload_id = NULL;
        int r = pail_s3_create_multipart_upload(bucket_client(), "bucket", "key", NULL, NULL, &upload_id, error);

        if (r == 0)
                fuzz_require(upload_id && *upload_id, "an upload has an id");
        free(upload_id);
        return r;
}

static int complete(struct pail_error *error)
{
        static const struct pail_s3_part parts[] = {
                { .part_number = 1, .size_bytes = 5 << 20, .etag = "d41d8cd98f00b204e9800998ecf8427e" },
                { .part_number = 2, .size_bytes = 1, .etag = "d41d8cd98f00b204e9800998ecf8427e" },
        };
        char etag[PAIL_S3_ETAG_SIZE];

        return pail_s3_complete_multipart_upload(bucket_client(), "bucket", "key", "id", parts, 2, NULL, etag, error);
}

static int delete_many(struct pail_error *error)
{
        static const char *const keys[] = { "a", "b", "c" };
        size_t failed = 0;
        int r = pail_s3_delete_objects(bucket_client(), "bucket", keys, 3, &failed, error);

        fuzz_require(r < 0 || failed == 0, "a failure is returned");
        return r;
}

static int tagging(struct pail_error *error)
{
        char *text = NULL;
        int r = pail_s3_get_object_tagging(bucket_client(), "bucket", "key", &text, error);

        free(text);
        return r;
}

static int acl(struct pail_error *error)
{
        char *text = NULL;
        int r = pail_s3_get_object_acl(bucket_client(), "bucket", "key", &text, error);

        free(text);
        return r;
}

static int retention(struct pail_error *error)
{
        struct pail_s3_retention found = { 0 };
        int r = pail_s3_get_object_retention(bucket_client(), "bucket", "key", NULL, &found, error);

        fuzz_require(memchr(found.mode, '\0', sizeof(found.mode)), "a mode ends");
        return r;
}

static int legal_hold(struct pail_error *error)
{
        bool is_held = false;

        return pail_s3_get_object_legal_hold(bucket_client(), "bucket", "key", "id", &is_held, error);
}

static int versioning(struct pail_error *error)
{
        struct pail_s3_versioning found;

        return pail_s3_get_bucket_versioning(bucket_client(), "bucket", &found, error);
}

static int attributes(struct pail_error *error)
{
        const struct pail_s3_attributes_input input = { .bucket = "bucket", .key = "key" };
        struct pail_s3_object_attributes found = { 0 };
        int r = pail_s3_get_object_attributes(bucket_client(), &input, &found, error);

        fuzz_require(r == 0 || !found.parts, "nothing is left of an answer that is none");
        for (size_t i = 0; i < found.count; i++)
                fuzz_require(found.parts[i].part_number > 0, "a part has a number");
        pail_s3_object_attributes_done(&found);
        return r;
}

typedef int operation(struct pail_error *error);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static operation *const operations[] = { head,    get, copy,      create,     complete,   delete_many,
                                                 tagging, acl, retention, legal_hold, versioning, attributes };
        struct pail_error error = PAIL_ERROR_INIT;

        if (size == 0)
                return 0;
        fuzz_answers(data + 1, size - 1);
        bucket_check(operations[*data % (sizeof(operations) / sizeof(operations[0]))](&error), &error);
        return 0;
}
