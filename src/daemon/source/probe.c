/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The question asked before anything is mounted: a list of one key below the prefix, the least that any policy with
 * s3:ListBucket allows. It has a client of its own, because a person waits: few attempts and half a minute instead of
 * the patience of a mounted file system.
 *
 * A refused list (403 AccessDenied) may be somebody else's bucket, or a policy without s3:ListBucket. S3 answers 403 for an
 * absent key to those who may not list, so reading cannot tell the two apart unless the key exists. Aborting a multipart upload that does
 * not exist can: it changes nothing, and is answered NoSuchUpload to those who may write and 403 to the others. What no request can tell
 * is a policy that allows s3:GetObject alone; no_list is for that.
 */
#include "pail/daemon/probe.h"

#include <errno.h>
#include <stdlib.h>

#include "pail/s3/operations.h"
#include "pail/util/buf.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"

/* A name that nobody uses; nothing is ever written under it. */
static const char probe_name[] = ".pail-probe";

static int list_one(struct pail_s3_client *client, const struct pail_source_name *source,
                    struct pail_empty_prefix *ret_empty, struct pail_error *ret_error)
{
        const struct pail_s3_list_input input = { .bucket = source->bucket, .prefix = source->prefix, .max_keys = 1 };
        struct pail_s3_page page;
        int r = pail_s3_list_objects_v2(client, &input, &page, ret_error);
        if (r < 0)
                return r;
        if (page.count == 0)
                r = pail_empty_prefix_describe(client, source->bucket, source->prefix, ret_empty);
        pail_s3_page_done(&page);
        return r < 0 ? pail_error_set_errno(ret_error, -r, "probe") : 0;
}

bool pail_probe_is_denied(const struct pail_error *error)
{
        return error->class == PAIL_ERROR_SERVICE && error->http_status == 403 &&
               (!error->code[0] || pail_str_equal(error->code, "AccessDenied"));
}

static bool is_absent_key(const struct pail_error *error)
{
        return error->class == PAIL_ERROR_SERVICE && error->http_status == 404 &&
               !pail_str_equal(error->code, "NoSuchBucket");
}

/* 0: this key may be read. */
static int try_to_read(struct pail_s3_client *client, const char *bucket, const char *key, struct pail_error *ret_error)
{
        const struct pail_s3_get_input input = {
                .bucket = bucket, .key = key, .size_bytes = 1, .priority = PAIL_HTTP_PRIORITY_WAITED
        };
        _cleanup_buf_ struct pail_buf body = PAIL_BUF_INIT(64 * 1024);
        int r = pail_s3_get_object(client, &input, &body, NULL, ret_error);
        return r < 0 && is_absent_key(ret_error) ? 0 : r;
}

static int probe_without_list(struct pail_s3_client *client, const struct pail_options *options,
                              const struct pail_source_name *source, struct pail_error *ret_error)
{
        _cleanup_free_ char *key = NULL;
        int r = pail_str_printf(&key, "%s%s", source->prefix, probe_name);
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "probe");
        r = try_to_read(client, source->bucket, key, ret_error);
        if (r < 0 && pail_probe_is_denied(ret_error) && options->no_list)
                return 0;
        if (r < 0 && pail_probe_is_denied(ret_error) && !options->no_sign_request && !options->read_only)
                r = pail_s3_abort_multipart_upload(client, source->bucket, key, "pail-probe", ret_error);
        return r;
}

static int probe_by_list(struct pail_s3_client *client, const struct pail_options *options,
                         const struct pail_source_name *source, struct pail_probe_finding *finding,
                         struct pail_error *ret_error)
{
        finding->can_list = !options->no_list;
        if (options->no_list)
                return probe_without_list(client, options, source, ret_error);
        int r = list_one(client, source, &finding->empty, ret_error);
        if (r >= 0 || !pail_probe_is_denied(ret_error))
                return r;
        struct pail_error error = PAIL_ERROR_INIT;
        if (probe_without_list(client, options, source, &error) < 0)
                return r;
        finding->can_list = false;
        finding->is_list_denied = true;
        return 0;
}

/* What a probe asks, with the patience of a person. */
struct probe {
        const struct pail_options *options;
        const struct pail_source_name *source; /* NULL: the list of buckets */
        struct pail_probe_finding *finding;
        int (*ask)(struct pail_s3_client *client, const struct probe *probe, struct pail_error *ret_error);
};

static int probe_bucket(struct pail_s3_client *client, const struct probe *probe, struct pail_error *ret_error)
{
        return probe_by_list(client, probe->options, probe->source, probe->finding, ret_error);
}

static int probe_account(struct pail_s3_client *client, const struct probe *probe, struct pail_error *ret_error)
{
        _cleanup_(pail_s3_buckets_done) struct pail_s3_buckets buckets = { 0 };
        int r = pail_s3_list_buckets(client, &buckets, ret_error);
        probe->finding->can_list = r == 0;
        if (r == 0 || !pail_probe_is_denied(ret_error))
                return r;
        return 0;
}

static int run_probe(const struct pail_s3_context *s3, const struct probe *probe, struct pail_error *ret_error)
{
        const struct pail_s3_client_options client_options = pail_s3_context_probe_options(probe->options);
        struct pail_s3_client *client = NULL;
        int r = pail_s3_client_new(s3->session, s3->engine, &client_options, &client, ret_error);
        if (r < 0)
                return r;
        r = probe->ask(client, probe, ret_error);
        pail_s3_client_drain(client);
        pail_s3_client_free(client);
        return r < 0 ? r : 0;
}

int pail_probe_bucket(const struct pail_s3_context *s3, const struct pail_options *options,
                      const struct pail_source_name *source, struct pail_probe_finding *ret_finding,
                      struct pail_error *ret_error)
{
        const struct probe probe = {
                .options = options, .source = source, .finding = ret_finding, .ask = probe_bucket
        };
        *ret_finding = (struct pail_probe_finding){ 0 };
        return run_probe(s3, &probe, ret_error);
}

int pail_probe_account(const struct pail_s3_context *s3, const struct pail_options *options, bool *ret_can_list,
                       struct pail_error *ret_error)
{
        struct pail_probe_finding finding = { 0 };
        const struct probe probe = { .options = options, .finding = &finding, .ask = probe_account };
        int r = run_probe(s3, &probe, ret_error);
        *ret_can_list = finding.can_list;
        return r;
}
