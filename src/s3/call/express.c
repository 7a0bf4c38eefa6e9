/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A table from the bucket to the refresher of its session, whose one provider is CreateSession. A mount has one bucket or a few
 * dozen, so entries are never dropped, and what was found in the table can be used outside of its lock.
 */
#include "express.h"

#include <errno.h>

#include "pail/aws/refresh.h"
#include "pail/util/cleanup.h"
#include "pail/util/mutex.h"
#include "pail/util/str.h"

/* uthash ends the process when it is out of memory unless told otherwise: a failed add then leaves hh.tbl NULL. */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

struct entry;

struct pail_s3_express {
        pail_s3_session_maker *create_session;
        struct pail_s3_client *client;
        struct {
                struct pail_mutex mutex;
                struct entry *entries;
        } guarded;
};

struct entry {
        const struct pail_s3_express *express;
        char *bucket;
        struct pail_refresher *refresher;
        UT_hash_handle hh;
};

static int load_session(void *state, struct pail_credentials *ret_credentials, struct pail_error *ret_error)
{
        const struct entry *entry = state;
        const struct pail_s3_express *express = entry->express;
        return express->create_session(express->client, entry->bucket, ret_credentials, ret_error);
}

static const struct pail_provider provider = { .name = "CreateSession", .load = load_session };

static void entry_free(struct entry *entry)
{
        if (!entry)
                return;
        pail_refresher_free(entry->refresher);
        free(entry->bucket);
        free(entry);
}
PAIL_DEFINE_CLEANUP(struct entry, entry_free);

int pail_s3_express_new(pail_s3_session_maker *create_session, struct pail_s3_client *client,
                        struct pail_s3_express **ret_express)
{
        struct pail_s3_express *express = calloc(1, sizeof(*express));
        if (!express)
                return -ENOMEM;
        express->create_session = create_session;
        express->client = client;
        pail_mutex_init(&express->guarded.mutex);
        *ret_express = express;
        return 0;
}

void pail_s3_express_free(struct pail_s3_express *express)
{
        if (!express)
                return;
        struct entry *entry, *next;
        HASH_ITER(hh, express->guarded.entries, entry, next) {
                HASH_DEL(express->guarded.entries, entry);
                entry_free(entry);
        }
        pail_mutex_done(&express->guarded.mutex);
        free(express);
}

static int make_refresher(struct entry *entry)
{
        _cleanup_(pail_provider_chain_free_p) struct pail_provider_chain *chain = NULL;
        int r = pail_provider_chain_new(&chain);
        if (r == 0)
                r = pail_provider_chain_add(chain, &provider, entry);
        return r < 0 ? r : pail_refresher_new(pail_steal(&chain), NULL, NULL, &entry->refresher);
}

static int add_entry_locked(struct pail_s3_express *express, const char *bucket, struct entry **ret_entry)
{
        pail_mutex_assert_held(&express->guarded.mutex);
        _cleanup_(entry_free_p) struct entry *entry = calloc(1, sizeof(*entry));
        if (!entry)
                return -ENOMEM;
        entry->express = express;
        int r = pail_str_dup(bucket, &entry->bucket);
        if (r == 0)
                r = make_refresher(entry);
        if (r < 0)
                return r;
        HASH_ADD_KEYPTR(hh, express->guarded.entries, entry->bucket, strlen(entry->bucket), entry);
        if (!entry->hh.tbl)
                return -ENOMEM;
        *ret_entry = pail_steal(&entry);
        return 0;
}

static int find_refresher(struct pail_s3_express *express, const char *bucket, struct pail_refresher **ret_refresher,
                          struct pail_error *ret_error)
{
        PAIL_LOCK(&express->guarded.mutex);
        struct entry *entry;
        HASH_FIND_STR(express->guarded.entries, bucket, entry);
        int r = entry ? 0 : add_entry_locked(express, bucket, &entry);
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "session with bucket %s", bucket);
        *ret_refresher = entry->refresher;
        return 0;
}

int pail_s3_express_get(struct pail_s3_express *express, const char *bucket, int64_t deadline_ms,
                        struct pail_credentials *ret_frozen, struct pail_error *ret_error)
{
        struct pail_refresher *refresher = NULL;
        int r = find_refresher(express, bucket, &refresher, ret_error);
        return r < 0 ? r : pail_refresher_get(refresher, deadline_ms, ret_frozen, ret_error);
}

int pail_s3_express_peek(struct pail_s3_express *express, const char *bucket, struct pail_credentials *ret_frozen,
                         struct pail_error *ret_error)
{
        struct pail_refresher *refresher = NULL;
        int r = find_refresher(express, bucket, &refresher, ret_error);
        return r < 0 ? r : pail_refresher_peek(refresher, ret_frozen, ret_error);
}

bool pail_s3_express_refuse(struct pail_s3_express *express, const char *bucket, const struct pail_credentials *refused)
{
        struct pail_refresher *refresher = NULL;
        return find_refresher(express, bucket, &refresher, NULL) == 0 &&
               pail_refresher_refuse(refresher, refused, PAIL_REFUSAL_EXPIRED);
}

int pail_s3_express_peek_others(struct pail_s3_express *express, const char *bucket,
                                const struct pail_credentials *refused, struct pail_credentials *ret_frozen,
                                struct pail_error *ret_error)
{
        struct pail_refresher *refresher = NULL;
        int r = find_refresher(express, bucket, &refresher, ret_error);
        return r < 0 ? r : pail_refresher_peek_others(refresher, refused, ret_frozen, ret_error);
}
