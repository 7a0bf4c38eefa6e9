/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One table says what a missing feature is called, in the error and in the warning. Success is evidence at once; a refusal is, where its code can
 * mean nothing else (501, 405). All other refusals are left to those who can do the same work in another way and see whether that was it.
 */
#include "feature.h"

#include <errno.h>

#include "error.h"
#include "error_parse.h"
#include "pail/util/str.h"

static const struct {
        const char *words;   /* before S3's own, in the error; NULL: never the cause that is named */
        const char *warning; /* NULL: nothing that a person should know */
} features[PAIL_S3_FEATURE_COUNT] = {
        [PAIL_S3_FEATURE_COPIES] = { "the server cannot copy objects", NULL }, /* in parts, perhaps */
        [PAIL_S3_FEATURE_PART_COPIES] = { "the server cannot copy parts of objects",
                                          "the server cannot copy parts of objects: large files are sent whole when "
                                          "they change" },
        [PAIL_S3_FEATURE_DECLARED_COPIES] = { NULL, "the server has no checksums of parts that it copies: uploads that "
                                                    "have such parts go without from now on" },
        [PAIL_S3_FEATURE_IF_MATCH] = { "the server takes no conditional writes",
                                       "the server takes no conditional writes (If-Match): pail looks at the object just "
                                       "before it writes; let no two machines write one file at once" },
        [PAIL_S3_FEATURE_IF_NONE_MATCH] = { "the server takes no conditional writes",
                                            "the server takes no conditional writes (If-None-Match): pail looks just before "
                                            "it makes a file; let no two machines make one of the same name" },
        [PAIL_S3_FEATURE_RENAMES] = { "the server cannot rename objects", NULL }, /* a copy and a deletion, then */
        [PAIL_S3_FEATURE_BULK_DELETES] = { "the server cannot delete several objects at once", NULL },
};

enum pail_s3_feature pail_s3_feature_of(const struct pail_s3_conditions *conditions)
{
        if (conditions->if_match)
                return PAIL_S3_FEATURE_IF_MATCH;
        return conditions->if_none_match ? PAIL_S3_FEATURE_IF_NONE_MATCH : PAIL_S3_FEATURE_NONE;
}

enum pail_s3_support pail_s3_feature_support(struct pail_s3_client *client, const char *bucket,
                                             enum pail_s3_feature feature)
{
        return pail_s3_client_support(client, bucket, feature);
}

void pail_s3_feature_learn(struct pail_s3_client *client, const char *bucket, enum pail_s3_feature feature,
                           enum pail_s3_support support)
{
        if (!pail_s3_client_learn_support(client, bucket, feature, support) || support != PAIL_S3_MISSING)
                return;
        if (features[feature].warning && client->options.warn)
                client->options.warn(client->options.warn_context, features[feature].warning);
}

void pail_s3_feature_learn_success(const struct pail_s3_call *call)
{
        if (call->operation->feature != PAIL_S3_FEATURE_NONE)
                pail_s3_feature_learn(call->client, call->bucket, call->operation->feature, PAIL_S3_WORKS);
        if (call->condition != PAIL_S3_FEATURE_NONE)
                pail_s3_feature_learn(call->client, call->bucket, call->condition, PAIL_S3_WORKS);
}

static bool has_code(const struct pail_error *error, const char *const *codes)
{
        for (; *codes; codes++) {
                if (pail_str_equal(error->code, *codes))
                        return true;
        }
        return false;
}

/* In S3's words, or in those of whatever stands before it and lets only some methods through. */
static bool is_unknown_operation(const struct pail_error *error)
{
        static const char *const codes[] = { "NotImplemented", "MethodNotAllowed", NULL };
        bool is_answer = error->class == PAIL_ERROR_SERVICE || error->class == PAIL_ERROR_PROTOCOL;
        return is_answer && (error->http_status == 501 || error->http_status == 405 || has_code(error, codes));
}

bool pail_s3_is_vague_refusal(const struct pail_error *error)
{
        static const char *const codes[] = { "",
                                             "BadRequest",
                                             "InvalidArgument",
                                             "InvalidHeader",
                                             "InvalidRequest",
                                             "NotImplemented",
                                             "NotSupported",
                                             "UnsupportedHeader",
                                             NULL };
        return error->class == PAIL_ERROR_SERVICE && (error->http_status == 400 || error->http_status == 501) &&
               has_code(error, codes);
}

static void make_unsupported(const struct pail_s3_call *call, enum pail_s3_feature feature, struct pail_error *error)
{
        if (error->class == PAIL_ERROR_PROTOCOL) {
                int status = error->http_status;
                pail_s3_error_from_code(call, NULL, pail_s3_code_of_status(status, true), NULL, status, error);
                error->sent = true;
        }
        error->error_number = EOPNOTSUPP;
        pail_error_prefix(error, "%s", features[feature].words);
}

/*
 * To who reads, EINVAL would mean that his own call is wrong. A request that is refused where others are taken is about the
 * object: mostly one that is encrypted with a key which the request does not have.
 */
static void classify_read_failure(const struct pail_s3_call *call, struct pail_error *error)
{
        static const char *const names[] = { "InvalidObjectName", "XMinioInvalidObjectName", NULL };
        static const char *const encrypted[] = { "BadRequest", "InvalidRequest", NULL };
        if (error->class != PAIL_ERROR_SERVICE || pail_s3_errno(error) != -EINVAL || error->http_status != 400)
                return;
        error->error_number = has_code(error, names) ? ENOENT : EIO;
        if (!has_code(error, encrypted) && !strcasestr(error->message, "encryption"))
                return;
        error->error_number = EACCES;
        if (!call->client->customer_keys)
                pail_error_prefix(error, "if it is encrypted with a customer's key, give that as sse_c_key_file");
}

void pail_s3_feature_classify_failure(const struct pail_s3_call *call, struct pail_error *error)
{
        enum pail_s3_feature feature = call->operation->feature;
        if (feature != PAIL_S3_FEATURE_NONE && is_unknown_operation(error)) {
                make_unsupported(call, feature, error);
                pail_s3_feature_learn(call->client, call->bucket, feature, PAIL_S3_MISSING);
        } else if (call->condition != PAIL_S3_FEATURE_NONE && pail_s3_is_vague_refusal(error) &&
                   pail_s3_client_support(call->client, call->bucket, call->condition) != PAIL_S3_WORKS) {
                make_unsupported(call, call->condition, error);
        } else if (call->operation->flags & PAIL_S3_FLAG_READ_KEY) {
                classify_read_failure(call, error);
        }
}
