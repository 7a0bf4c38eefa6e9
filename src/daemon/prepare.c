/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The steps stand in a table, in the order of pail_prepare_step: files of this machine come before the network, and what costs nothing before
 * what a person waits for. preparation->next is the first that was not taken; a step is never taken twice, and one that failed is not repeated, so
 * that "pailctl check" can go on behind it.
 */
#include "pail/daemon/prepare.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "mountpoint.h"
#include "pail/daemon/secrets.h"
#include "pail/util/str.h"

static int check_fuse(struct pail_preparation *preparation, struct pail_error *ret_error)
{
        if (!preparation->is_for_mount)
                return 0;
        int r = pail_mountpoint_check_fuse(preparation->options, ret_error);
        if (r < 0 || !preparation->mountpoint_text)
                return r;
        return pail_mountpoint_check(preparation->mountpoint_text, preparation->options, &preparation->mountpoint,
                                     ret_error);
}

static int new_driver(struct pail_preparation *preparation, struct pail_error *ret_error)
{
        const struct pail_options *options = preparation->options;
        preparation->memory_limit_bytes = options->memory_limit_bytes ? options->memory_limit_bytes
                                                                      : pail_memory_default_bytes();
        const struct pail_driver_options driver_options = {
                .mountpoint = preparation->mountpoint,
                .source = preparation->source.text,
                .fuse_options = (const char *const *)options->fuse_options,
                .debug = options->debug,
                .max_threads = pail_memory_threads(preparation->memory_limit_bytes),
        };
        if (!preparation->is_for_mount)
                return 0;
        int r = pail_driver_new(&driver_options, &preparation->driver);
        if (r < 0)
                pail_error_set(ret_error, PAIL_ERROR_CONFIG, "libfuse refuses the mount options: %s", strerror(-r));
        return r;
}

static int open_session(struct pail_preparation *preparation, struct pail_error *ret_error)
{
        const struct pail_options *options = preparation->options;
        int r;
        if (pail_source_name_is_all(&preparation->source)) {
                r = pail_buckets_new(options, preparation->mountpoint, &preparation->buckets, ret_error);
                if (r == 0)
                        r = pail_accounts_open(pail_buckets_accounts(preparation->buckets), ret_error);
                pail_secrets_hide();
                return r;
        }
        r = pail_s3_context_open_session(options, &preparation->s3, ret_error);
        pail_secrets_hide();
        if (r == 0)
                r = pail_s3_context_start(&preparation->s3, options, NULL, preparation->source.bucket, ret_error);
        return r;
}

static int find_credentials(struct pail_preparation *preparation, struct pail_error *ret_error)
{
        if (preparation->buckets)
                return pail_accounts_find_credentials(pail_buckets_accounts(preparation->buckets), ret_error);
        return pail_s3_context_find_credentials(&preparation->s3, ret_error);
}

static int open_directories(struct pail_preparation *preparation, struct pail_error *ret_error)
{
        if (!preparation->is_for_mount)
                return 0;
        if (preparation->buckets)
                return pail_buckets_find_directories(preparation->buckets, ret_error);
        const char *endpoint = pail_session_endpoint_url(preparation->s3.session);
        const struct pail_state_directory_key key = {
                .endpoint = endpoint ? endpoint : "aws",
                .bucket = preparation->source.bucket,
                .prefix = preparation->source.prefix,
                .access_key_id = preparation->s3.access_key_id,
        };
        return pail_state_open(preparation->options, &key, preparation->mountpoint, &preparation->state, ret_error);
}

static int probe_source(struct pail_preparation *preparation, struct pail_error *ret_error)
{
        if (preparation->buckets)
                return pail_accounts_probe(pail_buckets_accounts(preparation->buckets), ret_error);
        return pail_probe_bucket(&preparation->s3, preparation->options, &preparation->source, &preparation->finding,
                                 ret_error);
}

static int (*const steps[])(struct pail_preparation *preparation, struct pail_error *ret_error) = {
        [PAIL_PREPARE_FUSE] = check_fuse,
        [PAIL_PREPARE_DRIVER] = new_driver,
        [PAIL_PREPARE_SESSION] = open_session,
        [PAIL_PREPARE_CREDENTIALS] = find_credentials,
        [PAIL_PREPARE_DIRECTORIES] = open_directories,
        [PAIL_PREPARE_PROBE] = probe_source,
};
_Static_assert(sizeof(steps) / sizeof(steps[0]) == PAIL_PREPARE_STEPS, "every step has a function");

int pail_prepare(struct pail_preparation *preparation, enum pail_prepare_step last, struct pail_error *ret_error)
{
        int r = 0;
        while (r == 0 && preparation->next <= last)
                r = steps[preparation->next++](preparation, ret_error);
        return r;
}

/* Of several accounts the first stands for all. "pailctl check" tells of each. */
void pail_preparation_diagnose(const struct pail_preparation *preparation, struct pail_error *error)
{
        bool is_from_server = preparation->next == PAIL_PREPARE_PROBE + 1;
        const struct pail_accounts *accounts = preparation->buckets ? pail_buckets_accounts(preparation->buckets)
                                                                    : NULL;
        if (is_from_server && !accounts)
                pail_s3_context_diagnose(&preparation->s3, &preparation->source, error);
        else if (is_from_server && pail_accounts_context(accounts, 0)->session)
                pail_s3_context_diagnose(pail_accounts_context(accounts, 0), NULL, error);
        if (accounts && pail_accounts_names(accounts))
                pail_error_prefix(error, "none of the profiles can be used (%s); profile %s",
                                  preparation->options->profiles, pail_accounts_names(accounts)[0]);
}

void pail_preparation_done(struct pail_preparation *preparation)
{
        pail_driver_free(preparation->driver);
        pail_buckets_close(preparation->buckets);
        pail_s3_context_close(&preparation->s3);
        pail_state_discard(&preparation->state);
        pail_empty_prefix_done(&preparation->finding.empty);
        pail_source_name_done(&preparation->source);
        free(preparation->mountpoint);
        *preparation = (struct pail_preparation)PAIL_PREPARATION_INIT;
}
