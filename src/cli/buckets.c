/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A group of the forest is a profile. Names that no bucket can have are answered here, without a request: programs look for
 * .git, .Trash and their like in every directory.
 */
#include "buckets.h"

#include <errno.h>
#include <stdlib.h>

#include "connection.h"
#include "pail/s3/operations.h"
#include "pail/s3/remote.h"
#include "pail/util/cleanup.h"
#include "pail/util/log.h"
#include "pail/util/str.h"
#include "profiles.h"
#include "state.h"

struct pail_buckets {
        const struct pail_options *options;
        const char *mountpoint;
        char **names;   /* NULL: one profile, the options' */
        unsigned count; /* of the connections */
        struct pail_connection *connections;
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
PAIL_DEFINE_CLEANUP(struct pail_bucket, pail_bucket_unref);
PAIL_DEFINE_CLEANUP(struct pail_buckets, pail_buckets_close);

static int open_connections(struct pail_buckets *buckets, struct pail_error *ret_error)
{
        unsigned count = 0;
        for (char **name = buckets->names; name && *name; name++)
                count++;
        if (!buckets->names)
                count = 1;
        buckets->connections = calloc(count, sizeof(*buckets->connections));
        if (!buckets->connections)
                return pail_error_set_errno(ret_error, ENOMEM, "profiles");
        while (buckets->count < count) {
                struct pail_options options = *buckets->options;
                if (buckets->names)
                        options.profile = buckets->names[buckets->count];
                int result = pail_connection_open(&options, &buckets->connections[buckets->count], ret_error);
                if (result < 0)
                        return result;
                buckets->count++;
        }
        return 0;
}

int pail_buckets_open(const struct pail_options *options, const char *mountpoint, struct pail_buckets **ret_buckets,
                      struct pail_error *ret_error)
{
        _cleanup_(pail_buckets_close_p) struct pail_buckets *buckets = calloc(1, sizeof(*buckets));
        if (!buckets)
                return pail_error_set_errno(ret_error, ENOMEM, "profiles");
        buckets->options = options;
        buckets->mountpoint = mountpoint;
        int result = options->profiles ? pail_profile_list_parse(options->profiles, &buckets->names, ret_error) : 0;
        if (result == 0)
                result = open_connections(buckets, ret_error);
        if (result == 0)
                result = pail_state_find_directories(options, mountpoint, &buckets->cache_dir, &buckets->state_dir,
                                                     ret_error);
        if (result < 0)
                return result;
        *ret_buckets = pail_steal(&buckets);
        return 0;
}

/* The first connection with the same certificates to trust: its engine serves both. */
static unsigned engine_owner(const struct pail_buckets *buckets, unsigned number)
{
        const char *bundle = pail_session_ca_bundle(buckets->connections[number].session);
        unsigned owner = 0;
        while (!pail_str_equal(pail_session_ca_bundle(buckets->connections[owner].session), bundle))
                owner++;
        return owner;
}

/* max_connections is the mount's, whatever the number of engines. */
static uint64_t connections_per_engine(const struct pail_buckets *buckets)
{
        uint64_t engines = 0;
        for (unsigned i = 0; i < buckets->count; i++)
                engines += engine_owner(buckets, i) == i;
        return buckets->options->max_connections > engines ? buckets->options->max_connections / engines : 1;
}

static int start_connection(struct pail_buckets *buckets, unsigned number, struct pail_error *ret_error)
{
        struct pail_connection *connection = &buckets->connections[number];
        struct pail_options options = *buckets->options;
        unsigned owner = engine_owner(buckets, number);
        options.max_connections = connections_per_engine(buckets);
        return pail_connection_start(connection, &options, owner == number ? NULL : buckets->connections[owner].engine,
                                     NULL, ret_error);
}

/* Whether it is of any use to ask for the list. */
static bool may_ask(const struct pail_buckets *buckets, unsigned number)
{
        return !buckets->options->no_list && !pail_session_is_anonymous(buckets->connections[number].session);
}

static int probe(struct pail_buckets *buckets, unsigned number, struct pail_error *ret_error)
{
        const struct pail_connection *connection = &buckets->connections[number];
        bool can_list = false;
        if (!may_ask(buckets, number))
                return 0;
        int result = pail_connection_probe_all(connection, buckets->options, &can_list, ret_error);
        if (result == 0 && !can_list)
                pail_log_warning("profile %s may not list its buckets (s3:ListAllMyBuckets): none is shown, but those "
                                 "whose names are known can be entered",
                                 pail_session_profile_name(connection->session));
        return result;
}

int pail_buckets_start(struct pail_buckets *buckets, struct pail_error *ret_error)
{
        int result = 0;
        for (unsigned i = 0; i < buckets->count && result == 0; i++)
                result = start_connection(buckets, i, ret_error);
        for (unsigned i = 0; i < buckets->count && result == 0; i++)
                result = probe(buckets, i, ret_error);
        return result;
}

void pail_buckets_close(struct pail_buckets *buckets)
{
        if (!buckets)
                return;
        while (buckets->count > 0) /* who was lent an engine comes after its owner */
                pail_connection_close(&buckets->connections[--buckets->count]);
        free(buckets->connections);
        pail_profile_list_free(buckets->names);
        free(buckets->cache_dir);
        free(buckets->state_dir);
        free(buckets);
}

const char *const *pail_buckets_groups(const struct pail_buckets *buckets)
{
        return (const char *const *)buckets->names;
}

const char *pail_buckets_state_dir(const struct pail_buckets *buckets)
{
        return buckets->state_dir;
}

/* ---- The source of the forest ---- */

/* A server without ListBuckets is one that does not let it be asked. */
static bool is_refused(const struct pail_error *error)
{
        return pail_connection_is_denied(error) ||
               (error->class == PAIL_ERROR_SERVICE && (error->http_status == 405 || error->http_status == 501));
}

/* The names are handed over. */
static int convert_list(struct pail_s3_buckets *listed, struct pail_forest_list *ret_list)
{
        struct pail_forest_listed *items = calloc(listed->count ? listed->count : 1, sizeof(*items));
        if (!items)
                return -ENOMEM;
        for (size_t i = 0; i < listed->count; i++)
                items[i] = (struct pail_forest_listed){ .name = pail_steal(&listed->items[i].name),
                                                        .created = listed->items[i].creation_date };
        *ret_list = (struct pail_forest_list){ .items = items, .count = listed->count };
        return 0;
}

static int list(void *context, unsigned group, struct pail_forest_list *ret_list)
{
        const struct pail_buckets *buckets = context;
        _cleanup_(pail_s3_buckets_done) struct pail_s3_buckets listed = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        if (!may_ask(buckets, group))
                return -EPERM;
        int result = pail_buckets_all(buckets->connections[group].client, &listed, &error);
        if (result < 0)
                return is_refused(&error) ? -EPERM : result;
        return convert_list(&listed, ret_list);
}

/* The resource; -EINVAL where no bucket can have that name. */
static int new_bucket(const struct pail_buckets *buckets, unsigned group, const char *name,
                      struct pail_bucket **ret_bucket)
{
        if (!pail_source_is_bucket_name(name))
                return -EINVAL;
        return pail_bucket_new(buckets->connections[group].client, name, ret_bucket);
}

/* 403 is no answer to who asks for what is not there: that is 404, for everybody. */
static int exists(void *context, unsigned group, const char *name)
{
        _cleanup_(pail_bucket_unref_p) struct pail_bucket *bucket = NULL;
        struct pail_error error = PAIL_ERROR_INIT;
        int result = new_bucket(context, group, name, &bucket);
        if (result < 0)
                return result == -EINVAL ? -ENOENT : result;
        result = pail_bucket_load(bucket, &error);
        return result < 0 && error.class == PAIL_ERROR_SERVICE && error.http_status == 403 ? 0 : result;
}

/* A list of one key, as for the source of a mount. */
static int find_out_can_list(struct pail_bucket *bucket, bool *ret_can_list, struct pail_error *ret_error)
{
        const struct pail_collection objects = pail_collection_limit(pail_bucket_objects(bucket), 1);
        struct pail_cursor *cursor = NULL;
        struct pail_s3_page page = { 0 };
        int result = pail_collection_pages(&objects, &cursor);
        if (result < 0)
                return pail_error_set_errno(ret_error, -result, "probe");
        result = pail_cursor_next(cursor, &page, ret_error);
        pail_cursor_free(cursor);
        if (result > 0)
                pail_s3_page_done(&page);
        *ret_can_list = result >= 0;
        return result < 0 && !pail_connection_is_denied(ret_error) ? result : 0;
}

static int open_state(const struct pail_buckets *buckets, const struct pail_connection *connection, const char *name,
                      struct pail_state *ret_state, struct pail_error *ret_error)
{
        const char *endpoint = pail_session_endpoint_url(connection->session);
        const struct pail_state_key key = {
                .endpoint = endpoint ? endpoint : "aws",
                .bucket = name,
                .prefix = "",
                .access_key_id = connection->access_key_id,
        };
        return pail_state_open(buckets->options, &key, buckets->mountpoint, ret_state, ret_error);
}

static int open_bucket(void *context, unsigned group, const char *name, struct pail_forest_bucket *ret_bucket)
{
        const struct pail_buckets *buckets = context;
        const struct pail_connection *connection = &buckets->connections[group];
        _cleanup_(opened_free_p) struct opened *opened = calloc(1, sizeof(*opened));
        _cleanup_(pail_bucket_unref_p) struct pail_bucket *bucket = NULL;
        struct pail_error error = PAIL_ERROR_INIT;
        const struct pail_s3_remote_options remote_options = { .copy_threshold_bytes =
                                                                       buckets->options->copy_threshold_bytes };
        bool can_list = false;
        if (!opened)
                return -ENOMEM;
        opened->state.lock_fd = -1;
        int result = new_bucket(buckets, group, name, &bucket);
        if (result == 0 && !buckets->options->no_list)
                result = find_out_can_list(bucket, &can_list, &error);
        if (result == 0)
                result = pail_s3_remote_new(bucket, &remote_options, &opened->remote);
        if (result == 0)
                result = open_state(buckets, connection, name, &opened->state, &error);
        if (result == -ENOENT && error.class != PAIL_ERROR_SERVICE)
                result = -EIO; /* of the local disk: the bucket is there */
        if (result < 0) {
                if (result != -EINTR && result != -ENOENT)
                        pail_log_error("bucket %s cannot be entered: %s", name, error.message);
                return result;
        }
        if (!can_list)
                pail_log_info("bucket %s may not be listed: names in it that are known can be opened", name);
        *ret_bucket = (struct pail_forest_bucket){
                .remote = opened->remote, .state_dir = opened->state.directory, .can_list = can_list, .owned = opened
        };
        (void)pail_steal(&opened);
        return 0;
}

static void close_bucket(void *context, struct pail_forest_bucket *bucket)
{
        (void)context;
        opened_free(bucket->owned);
        *bucket = (struct pail_forest_bucket){ 0 };
}

static int create(void *context, unsigned group, const char *name)
{
        _cleanup_(pail_bucket_unref_p) struct pail_bucket *bucket = NULL;
        struct pail_error error = PAIL_ERROR_INIT;
        int result = new_bucket(context, group, name, &bucket);
        return result < 0 ? result : pail_bucket_create(bucket, &error);
}

static int remove_bucket(void *context, unsigned group, const char *name)
{
        _cleanup_(pail_bucket_unref_p) struct pail_bucket *bucket = NULL;
        struct pail_error error = PAIL_ERROR_INIT;
        int result = new_bucket(context, group, name, &bucket);
        return result < 0 ? result : pail_bucket_delete(bucket, &error);
}

const struct pail_forest_source pail_buckets_source = {
        .list = list,
        .exists = exists,
        .open = open_bucket,
        .close = close_bucket,
        .create = create,
        .remove = remove_bucket,
};
