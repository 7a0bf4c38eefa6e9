/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conditions are tried first and given up for a look only when the server has refused them: with 400 or 501, for which there are other causes.
 * That they were the cause is believed, and remembered for the bucket, when the same write does well without them.
 */
#include "conditional.h"

#include <errno.h>

#include "ops.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"
#include "s3/call/feature.h"

/* The ETag that the object is to have, "": there is to be none; NULL: nothing is said of it. conditions may be NULL. */
static const char *wanted_version(const struct pail_s3_conditions *conditions)
{
        if (!conditions || (!conditions->if_match && !conditions->if_none_match))
                return NULL;
        return conditions->if_match ? conditions->if_match : "";
}

int pail_s3_set_stale(const char *bucket, const char *key, const char *what, struct pail_error *ret_error)
{
        pail_error_set(ret_error, PAIL_ERROR_SERVICE, "s3://%s/%s %s", bucket, key, what);
        if (ret_error) {
                ret_error->http_status = 412;
                pail_str_copy(ret_error->code, sizeof(ret_error->code), "PreconditionFailed");
        }
        return -ESTALE;
}

int pail_s3_compare_version(struct pail_s3_client *client, const char *bucket, const char *key, const char *version_id,
                            const char *etag, struct pail_error *ret_error)
{
        _cleanup_(pail_s3_object_metadata_done) struct pail_s3_object_metadata metadata = { 0 };
        int r = pail_s3_head_object_within(client, bucket, key, version_id, 0, &metadata, ret_error);
        return r < 0 ? r : pail_str_equal(metadata.etag, etag);
}

/* etag "": there is to be no object. */
static int check_version(struct pail_s3_client *client, const char *bucket, const char *key, const char *etag,
                         struct pail_error *ret_error)
{
        struct pail_error error = PAIL_ERROR_INIT;
        int r = pail_s3_compare_version(client, bucket, key, NULL, etag, &error);
        if (r == -ENOENT)
                r = *etag == '\0';
        if (r == 0)
                return pail_s3_set_stale(bucket, key, "is not the version that the changes were made on", ret_error);
        if (r < 0 && ret_error)
                *ret_error = error;
        return r < 0 ? r : 0;
}

int pail_s3_write_if(struct pail_s3_client *client, const char *bucket, const char *key,
                     const struct pail_s3_conditions *conditions, pail_s3_conditional_write *write, void *context,
                     struct pail_error *ret_error)
{
        const char *wanted = wanted_version(conditions);
        struct pail_error error = PAIL_ERROR_INIT;
        int r = 0;
        if (!wanted)
                return write(context, NULL, ret_error);
        enum pail_s3_feature feature = pail_s3_feature_of(conditions);
        if (pail_s3_feature_support(client, bucket, feature) != PAIL_S3_MISSING) {
                r = write(context, conditions, &error);
                if (r < 0 && !pail_s3_error_is_unsupported(&error) && ret_error)
                        *ret_error = error;
                if (r >= 0 || !pail_s3_error_is_unsupported(&error))
                        return r;
        }
        r = check_version(client, bucket, key, wanted, ret_error);
        if (r >= 0)
                r = write(context, NULL, ret_error);
        /* Only now is it known that the conditions were what the server refused. */
        if (r >= 0)
                pail_s3_feature_learn(client, bucket, feature, PAIL_S3_MISSING);
        return r;
}

struct put {
        struct pail_s3_client *client;
        struct pail_s3_put_input input;
        char *etag;
};

static int put_under(void *context, const struct pail_s3_conditions *conditions, struct pail_error *ret_error)
{
        struct put *put = context;
        put->input.conditions = conditions ? *conditions : (struct pail_s3_conditions){ 0 };
        return pail_s3_put_object(put->client, &put->input, put->etag, ret_error);
}

int pail_s3_put_object_if(struct pail_s3_client *client, const struct pail_s3_put_input *input,
                          char ret_etag[static PAIL_S3_ETAG_SIZE], struct pail_error *ret_error)
{
        struct put put = { .client = client, .input = *input, .etag = ret_etag };
        return pail_s3_write_if(client, input->bucket, input->key, &input->conditions, put_under, &put, ret_error);
}

struct completion {
        struct pail_s3_client *client;
        const struct pail_s3_complete_input *input;
        char *etag;
};

static int complete_under(void *context, const struct pail_s3_conditions *conditions, struct pail_error *ret_error)
{
        const struct completion *completion = context;
        const struct pail_s3_complete_input *input = completion->input;
        return pail_s3_complete_multipart_upload(completion->client, input->bucket, input->key, input->upload_id,
                                                 input->parts, input->count, conditions, completion->etag, ret_error);
}

static int check_versions(struct pail_s3_client *client, const struct pail_s3_complete_input *input,
                          struct pail_error *ret_error)
{
        const char *wanted = wanted_version(input->conditions);
        /* Where it takes no conditions, whoever writes looks by himself. */
        bool is_checked = wanted && pail_s3_feature_support(client, input->bucket,
                                                            pail_s3_feature_of(input->conditions)) != PAIL_S3_MISSING;
        int r = is_checked ? check_version(client, input->bucket, input->key, wanted, ret_error) : 0;
        if (r < 0 || !input->copy_etag ||
            (wanted && pail_str_equal(input->key, input->copy_key) && pail_str_equal(wanted, input->copy_etag)))
                return r;
        return check_version(client, input->bucket, input->copy_key, input->copy_etag, ret_error);
}

int pail_s3_complete_upload_if(struct pail_s3_client *client, const struct pail_s3_complete_input *input,
                               char ret_etag[static PAIL_S3_ETAG_SIZE], struct pail_error *ret_error)
{
        struct completion completion = { .client = client, .input = input, .etag = ret_etag };
        int r = check_versions(client, input, ret_error);
        return r < 0 ? r
                     : pail_s3_write_if(client, input->bucket, input->key, input->conditions, complete_under,
                                        &completion, ret_error);
}
