/* SPDX-License-Identifier: Apache-2.0 */
/* What is wrong with options that are right each for itself. Found before anything is started. */
#include <errno.h>
#include <string.h>

#include "options.h"
#include "pail/util/str.h"

static int refuse(struct pail_error *ret_error, const char *words)
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

/* "Canned ACL", Amazon S3 User Guide. */
static int check_acl(const char *acl, struct pail_error *ret_error)
{
        static const char *const known[] = {
                "private",       "public-read",       "public-read-write",         "authenticated-read",
                "aws-exec-read", "bucket-owner-read", "bucket-owner-full-control", "log-delivery-write"
        };
        for (size_t i = 0; acl && i < sizeof(known) / sizeof(known[0]); i++) {
                if (pail_str_equal(acl, known[i]))
                        return 0;
        }
        if (!acl)
                return 0;
        pail_error_set(ret_error, PAIL_ERROR_CONFIG,
                       "option acl=%s: expected one of: private, public-read, public-read-write, authenticated-read, "
                       "aws-exec-read, bucket-owner-read, bucket-owner-full-control, log-delivery-write",
                       acl);
        return -EINVAL;
}

static int check_encryption(const struct pail_options *options, struct pail_error *ret_error)
{
        bool is_kms = options->sse == PAIL_SSE_KMS || options->sse == PAIL_SSE_KMS_DSSE;
        if (options->sse_kms_key_id && !is_kms)
                return refuse(ret_error, "sse_kms_key_id names a key of KMS, which only sse=kms and sse=kms-dsse use: "
                                         "add one of them, or leave sse_kms_key_id out");
        if (options->sse_c_key_file && options->sse != PAIL_SSE_NONE)
                return refuse(ret_error,
                              "an object is encrypted either with the keys of sse_c_key_file or as sse says: "
                              "leave one of them out");
        return 0;
}

int pail_options_check(const struct pail_options *options, struct pail_error *ret_error)
{
        int r = check_texts(options, ret_error);
        if (r == 0)
                r = check_acl(options->acl, ret_error);
        if (r == 0)
                r = check_encryption(options, ret_error);
        if (r == 0 && options->requester_pays && options->no_sign_request)
                r = refuse(ret_error,
                           "anonymous requests (no_sign_request) cannot be billed: leave requester_pays out, "
                           "or give credentials");
        if (r == 0 && options->request_timeout_ms > options->timeout_ms)
                r = refuse(ret_error, "request_timeout is for one attempt and timeout for all of them: it must not be "
                                      "the longer one");
        return r;
}
