/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S3 has no directories: a prefix without keys is no error and cannot be told from a mistyped one. The one slip that can be told is the key of an object
 * with a '/' behind it.
 */
#include "pail/daemon/empty_prefix.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pail/s3/operations.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"

void pail_empty_prefix_done(struct pail_empty_prefix *words)
{
        free(words->detail);
        free(words->remedy);
        *words = (struct pail_empty_prefix){ 0 };
}

static bool is_object(struct pail_s3_client *client, const char *bucket, const char *key)
{
        struct pail_s3_object_metadata info;
        if (pail_s3_head_object(client, bucket, key, &info, NULL) < 0)
                return false;
        pail_s3_object_metadata_done(&info);
        return true;
}

/* key: the prefix without the '/' at its end. */
static int describe_object(const char *bucket, const char *key, struct pail_empty_prefix *words)
{
        const char *slash = strrchr(key, '/');
        int above = slash ? (int)(slash - key) : 0;
        int r = pail_str_printf(&words->detail,
                                "s3://%s/%s is an object, a file and no directory, and nothing is under %s/", bucket,
                                key, key);
        if (r == 0)
                r = pail_str_printf(&words->remedy, "to see it, mount what it is in: s3://%s%s%.*s", bucket,
                                    above > 0 ? "/" : "", above, key);
        return r;
}

static int describe_nothing(const char *bucket, const char *prefix, struct pail_empty_prefix *words)
{
        int r = pail_str_printf(&words->detail, "nothing is under s3://%s/%s yet", bucket, prefix);
        if (r == 0)
                r = pail_str_dup("is the prefix right? What is written will go there", &words->remedy);
        return r;
}

int pail_empty_prefix_describe(struct pail_s3_client *client, const char *bucket, const char *prefix,
                               struct pail_empty_prefix *ret_words)
{
        _cleanup_(pail_empty_prefix_done) struct pail_empty_prefix words = { 0 };
        _cleanup_free_ char *key = NULL;
        *ret_words = (struct pail_empty_prefix){ 0 };
        if (pail_str_is_empty(prefix))
                return 0;
        key = strndup(prefix, strlen(prefix) - 1);
        if (!key)
                return -ENOMEM;
        int r = is_object(client, bucket, key) ? describe_object(bucket, key, &words)
                                               : describe_nothing(bucket, prefix, &words);
        if (r < 0)
                return r;
        *ret_words = words;
        words = (struct pail_empty_prefix){ 0 };
        return 0;
}
