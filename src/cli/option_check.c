/* SPDX-License-Identifier: Apache-2.0 */
/* What is wrong with options that are right each for itself. Found before anything is started. */
#include "option_check.h"

#include <errno.h>
#include <string.h>

#include "pail/daemon/profile_list.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"

static int refuse_options(struct pail_error *ret_error, const char *words)
{
        pail_error_set(ret_error, PAIL_ERROR_CONFIG, "%s", words);
        return -EINVAL;
}

/* They become headers of requests. */
static int check_text(const char *name, const char *value, struct pail_error *ret_error)
{
        for (const char *c = value; c && *c; c++) {
                if (*c >= ' ' && *c <= '~')
                        continue;
                pail_error_set(ret_error, PAIL_ERROR_CONFIG,
                               "option %s holds a character that a request cannot carry: only those of ASCII can",
                               name);
                return -EINVAL;
        }
        return 0;
}

static int check_texts(const struct pail_options *options, struct pail_error *ret_error)
{
        const struct {
                const char *name, *value;
        } texts[] = {
                { "expected_bucket_owner", options->expected_bucket_owner },
                { "user_agent_suffix", options->user_agent_suffix },
                { "storage_class", options->storage_class },
                { "acl", options->acl },
                { "sse_kms_key_id", options->sse_kms_key_id },
        };
        int r = 0;
        for (size_t i = 0; r == 0 && i < sizeof(texts) / sizeof(texts[0]); i++)
                r = check_text(texts[i].name, texts[i].value, ret_error);
        return r;
}

/* The values that S3 knows, each followed by one blank but the last. */
static const struct {
        const char *name;
        size_t offset;
        const char *known;
} known_values[] = {
        /* "Canned ACL", Amazon S3 User Guide. */
        { "acl", offsetof(struct pail_options, acl),
          "private public-read public-read-write authenticated-read aws-exec-read bucket-owner-read "
          "bucket-owner-full-control log-delivery-write" },
        /* x-amz-storage-class of PutObject, Amazon S3 API Reference. Servers that let their owners name classes tell them to use these. */
        { "storage_class", offsetof(struct pail_options, storage_class),
          "STANDARD STANDARD_IA ONEZONE_IA INTELLIGENT_TIERING GLACIER_IR GLACIER DEEP_ARCHIVE REDUCED_REDUNDANCY "
          "EXPRESS_ONEZONE OUTPOSTS SNOW FSX_OPENZFS FSX_ONTAP" },
};

static bool is_among(const char *value, const char *words)
{
        size_t length = strlen(value);
        for (const char *at = words; *at; at += strspn(at, " ")) {
                size_t word_length = strcspn(at, " ");
                if (word_length == length && strncmp(at, value, length) == 0)
                        return true;
                at += word_length;
        }
        return false;
}

static int check_known_values(const struct pail_options *options, struct pail_error *ret_error)
{
        for (size_t i = 0; i < sizeof(known_values) / sizeof(known_values[0]); i++) {
                const char *value = *(char *const *)((const char *)options + known_values[i].offset);
                if (!value || is_among(value, known_values[i].known))
                        continue;
                pail_error_set(ret_error, PAIL_ERROR_CONFIG, "option %s=%.100s: expected one of: %s",
                               known_values[i].name, value, known_values[i].known);
                return -EINVAL;
        }
        return 0;
}

static int check_encryption(const struct pail_options *options, struct pail_error *ret_error)
{
        bool is_kms = options->sse == PAIL_SSE_KMS || options->sse == PAIL_SSE_KMS_DSSE;
        if (options->sse_kms_key_id && !is_kms)
                return refuse_options(ret_error,
                                      "sse_kms_key_id names a key of KMS, which only sse=kms and sse=kms-dsse use: "
                                      "add one of them, or leave sse_kms_key_id out");
        if (options->sse_c_key_file && options->sse != PAIL_SSE_NONE)
                return refuse_options(ret_error,
                                      "an object is encrypted either with the keys of sse_c_key_file or as sse says: "
                                      "leave one of them out");
        return 0;
}

int pail_option_check(const struct pail_options *options, struct pail_error *ret_error)
{
        int r = check_texts(options, ret_error);
        if (r == 0)
                r = check_known_values(options, ret_error);
        if (r == 0)
                r = check_encryption(options, ret_error);
        if (r == 0 && options->requester_pays && options->no_sign_request)
                r = refuse_options(ret_error,
                                   "anonymous requests (no_sign_request) cannot be billed: leave requester_pays out, "
                                   "or give credentials");
        if (r == 0 && options->request_timeout_ms > options->timeout_ms)
                r = refuse_options(ret_error,
                                   "request_timeout is for one attempt and timeout for all of them: it must not be "
                                   "the longer one");
        return r;
}

int pail_option_check_source(const struct pail_options *options, const struct pail_source_name *source,
                             struct pail_error *ret_error)
{
        const char *option = options->profiles ? "profiles" : options->manage_buckets ? "manage_buckets" : NULL;
        if (option && !pail_source_name_is_all(source)) {
                pail_error_set(ret_error, PAIL_ERROR_CONFIG,
                               "option %s is for all buckets: the source is then s3://, not '%.200s'", option,
                               source->text);
                return -EINVAL;
        }
        if (options->profiles && options->profile) {
                pail_error_set(ret_error, PAIL_ERROR_CONFIG,
                               "options profile and profiles exclude each other: profiles=%.200s names all of them",
                               options->profiles);
                return -EINVAL;
        }
        _cleanup_(pail_profile_list_free_p) char **names = NULL;
        return options->profiles ? pail_profile_list_parse(options->profiles, &names, ret_error) : 0;
}
