/* SPDX-License-Identifier: Apache-2.0 */
#include "conditional.h"

#include <errno.h>

#include "feature.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"

const char *pail_s3_wanted_version(const struct pail_s3_conditions *conditions)
{
        if (!conditions || (!conditions->if_match && !conditions->if_none_match))
                return NULL;
        return conditions->if_match ? conditions->if_match : "";
}

static int stale(const char *bucket, const char *key, struct pail_error *ret_error)
{
        pail_error_set(ret_error, PAIL_ERROR_SERVICE, "s3://%s/%s is not the version that the changes were made on",
                       bucket, key);
        if (ret_error) {
                ret_error->http_status = 412;
                pail_str_copy(ret_error->code, sizeof(ret_error->code), "PreconditionFailed");
        }
        return -ESTALE;
}

int pail_s3_check_version(struct pail_s3_client *client, const char *bucket, const char *key, const char *etag,
                          struct pail_error *ret_error)
{
        _cleanup_(pail_s3_info_done) struct pail_s3_info info = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        int r = pail_s3_head_object(client, bucket, key, &info, &error);
        if (r < 0 && r != -ENOENT) {
                if (ret_error)
                        *ret_error = error;
                return r;
        }
        return pail_str_equal(r < 0 ? "" : info.etag, etag) ? 0 : stale(bucket, key, ret_error);
}

int pail_s3_write_if(struct pail_s3_client *client, const char *bucket, const char *key,
                     const struct pail_s3_conditions *conditions, pail_s3_conditional_write *write, void *context,
                     struct pail_error *ret_error)
{
        const char *wanted = pail_s3_wanted_version(conditions);
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
        r = pail_s3_check_version(client, bucket, key, wanted, ret_error);
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
