/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A group of the mount is a profile. Names that no bucket can have are answered here, without a request: programs look for
 * .git, .Trash and their like in every directory.
 */
#include "pail/daemon/buckets.h"

#include <errno.h>
#include <stdlib.h>

#include "pail/daemon/probe.h"
#include "pail/daemon/state.h"
#include "pail/s3/buckets.h"
#include "pail/s3/collection.h"
#include "pail/s3/operations.h"
#include "pail/s3/remote.h"
#include "pail/util/cleanup.h"
#include "pail/util/log.h"
#include "pail/util/str.h"

struct pail_buckets {
        const struct pail_options *options;
        const char *mountpoint;
        struct pail_accounts *accounts; /* a group of the mount each */
        char *cache_dir, *state_dir;
};

/* What an entered bucket holds. */
struct opened {
        struct pail_remote *remote;
        struct pail_state state;
};

static void opened_free(struct opened *opened)
{
        if (!opened)
                return;
        if (opened->remote)
                opened->remote->ops->unref(opened->remote);
        pail_state_close(&opened->state);
        free(opened);
}
PAIL_DEFINE_CLEANUP(struct opened, opened_free);
PAIL_DEFINE_CLEANUP(struct pail_buckets, pail_buckets_close);

int pail_buckets_new(const struct pail_options *options, const char *mountpoint, struct pail_buckets **ret_buckets,
                     struct pail_error *ret_error)
{
        _cleanup_(pail_buckets_close_p) struct pail_buckets *buckets = calloc(1, sizeof(*buckets));
        if (!buckets)
                return pail_error_set_errno(ret_error, ENOMEM, "buckets");
        buckets->options = options;
        buckets->mountpoint = mountpoint;
        int r = pail_accounts_new(options, &buckets->accounts, ret_error);
        if (r == 0)
                *ret_buckets = pail_steal(&buckets);
        return r;
}

int pail_buckets_find_directories(struct pail_buckets *buckets, struct pail_error *ret_error)
{
        return pail_state_find_directories(buckets->options, buckets->mountpoint, &buckets->cache_dir,
                                           &buckets->state_dir, ret_error);
}

void pail_buckets_close(struct pail_buckets *buckets)
{
        if (!buckets)
                return;
        pail_accounts_free(buckets->accounts);
        free(buckets->cache_dir);
        free(buckets->state_dir);
        free(buckets);
}

struct pail_accounts *pail_buckets_accounts(const struct pail_buckets *buckets)
{
        return buckets->accounts;
}

const char *const *pail_buckets_groups(const struct pail_buckets *buckets)
{
        return pail_accounts_names(buckets->accounts);
}

const char *pail_buckets_state_dir(const struct pail_buckets *buckets)
{
        return buckets->state_dir;
}

/* ---- The source of the mount ---- */

/* A server without ListBuckets is one that does not let it be asked. */
static bool is_refused(const struct pail_error *error)
{
        return pail_probe_is_denied(error) ||
               (error->class == PAIL_ERROR_SERVICE && (error->http_status == 405 || error->http_status == 501));
}

/* The names are handed over. */
static int convert_list(struct pail_s3_buckets *listed, struct pail_mount_list *ret_list)
{
        struct pail_mount_listed *items = calloc(listed->count ? listed->count : 1, sizeof(*items));
        if (!items)
                return -ENOMEM;
        for (size_t i = 0; i < listed->count; i++)
                items[i] = (struct pail_mount_listed){ .name = pail_steal(&listed->items[i].name),
                                                       .created = listed->items[i].creation_date };
        *ret_list = (struct pail_mount_list){ .items = items, .count = listed->count };
        return 0;
}

static int list_buckets(void *context, unsigned group, struct pail_mount_list *ret_list)
{
        const struct pail_buckets *buckets = context;
        const struct pail_s3_context *s3 = NULL;
        _cleanup_(pail_s3_buckets_done) struct pail_s3_buckets listed = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        int r = pail_accounts_use(buckets->accounts, group, &s3);
        if (r < 0)
                return r;
        if (!pail_accounts_may_list(buckets->accounts, s3))
                return -EPERM;
        r = pail_buckets_all(s3->client, &listed, &error);
        if (r < 0)
                return is_refused(&error) ? -EPERM : r;
        return convert_list(&listed, ret_list);
}

/* The resource; -EINVAL where no bucket can have that name. */
static int new_bucket(const struct pail_buckets *buckets, unsigned group, const char *name,
                      struct pail_bucket **ret_bucket)
{
        const struct pail_s3_context *s3 = NULL;
        if (!pail_source_name_is_bucket(name))
                return -EINVAL;
        int r = pail_accounts_use(buckets->accounts, group, &s3);
        return r < 0 ? r : pail_bucket_new(s3->client, name, ret_bucket);
}

/* 403 is no answer to who asks for what is not there: that is 404, for everybody. */
static int check_bucket(void *context, unsigned group, const char *name)
{
        _cleanup_(pail_bucket_unref_p) struct pail_bucket *bucket = NULL;
        struct pail_error error = PAIL_ERROR_INIT;
        int r = new_bucket(context, group, name, &bucket);
        if (r < 0)
                return r == -EINVAL ? -ENOENT : r;
        r = pail_bucket_load(bucket, &error);
        return r < 0 && error.class == PAIL_ERROR_SERVICE && error.http_status == 403 ? 0 : r;
}

/* A list of one key, as for the source of a mount. */
static int find_out_can_list(struct pail_bucket *bucket, bool *ret_can_list, struct pail_error *ret_error)
{
        const struct pail_collection objects = pail_collection_limit(pail_bucket_objects(bucket), 1);
        struct pail_cursor *cursor = NULL;
        struct pail_s3_page page = { 0 };
        int r = pail_collection_pages(&objects, &cursor);
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "probe");
        r = pail_cursor_next(cursor, &page, ret_error);
        pail_cursor_free(cursor);
        if (r > 0)
                pail_s3_page_done(&page);
        *ret_can_list = r >= 0;
        return r < 0 && !pail_probe_is_denied(ret_error) ? r : 0;
}

static int open_state(const struct pail_buckets *buckets, const struct pail_s3_context *s3, const char *name,
                      struct pail_state *ret_state, struct pail_error *ret_error)
{
        const char *endpoint = pail_session_endpoint_url(s3->session);
        const struct pail_state_directory_key key = {
                .endpoint = endpoint ? endpoint : "aws",
                .bucket = name,
                .prefix = "",
                .access_key_id = s3->access_key_id,
        };
        return pail_state_open(buckets->options, &key, buckets->mountpoint, ret_state, ret_error);
}

static int open_bucket(void *context, unsigned group, const char *name, struct pail_mount_bucket *ret_bucket)
{
        const struct pail_buckets *buckets = context;
        const struct pail_s3_context *s3 = pail_accounts_context(buckets->accounts, group);
        _cleanup_(opened_free_p) struct opened *opened = calloc(1, sizeof(*opened));
        _cleanup_(pail_bucket_unref_p) struct pail_bucket *bucket = NULL;
        struct pail_error error = PAIL_ERROR_INIT;
        const struct pail_s3_remote_options remote_options = { .copy_threshold_bytes =
                                                                       buckets->options->copy_threshold_bytes };
        bool can_list = false;
        if (!opened)
                return -ENOMEM;
        opened->state = (struct pail_state)PAIL_STATE_INIT;
        int r = new_bucket(buckets, group, name, &bucket);
        if (r == 0 && !buckets->options->no_list)
                r = find_out_can_list(bucket, &can_list, &error);
        if (r == 0)
                r = pail_s3_remote_new(bucket, &remote_options, &opened->remote);
        if (r == 0)
                r = open_state(buckets, s3, name, &opened->state, &error);
        if (r == -ENOENT && error.class != PAIL_ERROR_SERVICE)
                r = -EIO; /* of the local disk: the bucket is there */
        if (r < 0) {
                if (r != -EINTR && r != -ENOENT && error.message[0])
                        pail_log_error("bucket %s cannot be entered: %s", name, error.message);
                return r;
        }
        if (!can_list)
                pail_log_info("bucket %s may not be listed: names in it that are known can be opened", name);
        *ret_bucket = (struct pail_mount_bucket){ .remote = opened->remote,
                                                  .state_dir = opened->state.directory.path,
                                                  .can_list = can_list,
                                                  .owned = opened };
        (void)pail_steal(&opened);
        return 0;
}

static void close_bucket(void *context, struct pail_mount_bucket *bucket)
{
        (void)context;
        opened_free(bucket->owned);
        *bucket = (struct pail_mount_bucket){ 0 };
}

static int create_bucket(void *context, unsigned group, const char *name)
{
        _cleanup_(pail_bucket_unref_p) struct pail_bucket *bucket = NULL;
        struct pail_error error = PAIL_ERROR_INIT;
        int r = new_bucket(context, group, name, &bucket);
        return r < 0 ? r : pail_bucket_create(bucket, &error);
}

static int remove_bucket(void *context, unsigned group, const char *name)
{
        _cleanup_(pail_bucket_unref_p) struct pail_bucket *bucket = NULL;
        struct pail_error error = PAIL_ERROR_INIT;
        int r = new_bucket(context, group, name, &bucket);
        return r < 0 ? r : pail_bucket_delete(bucket, &error);
}

const struct pail_mount_source pail_buckets_source = {
        .list = list_buckets,
        .exists = check_bucket,
        .open = open_bucket,
        .close = close_bucket,
        .create = create_bucket,
        .remove = remove_bucket,
};
