/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The client itself: options, counters and what it has learned. Nothing here sends anything.
 *
 * What is learned of a bucket (its region, whether its ACLs can be read) is kept for the life of the client in one
 * small table: a mount has one bucket or a few dozen, so entries are dropped only when a bucket is made.
 */
#include "client.h"

#include <errno.h>
#include <uthash.h>

#include "customer_keys.h"
#include "express.h"
#include "pail/aws/endpoint.h"
#include "pail/util/cleanup.h"
#include "pail/util/clock.h"
#include "pail/util/str.h"

enum {
        DEFAULT_TIMEOUT_MS = 5 * 60 * 1000,
        LAST_CALL_MS = 1000,
        DENIAL_HOLDS_MS = 30 * 1000, /* a program that looks for names in a forbidden place asks many times */
        ACL_REFUSALS_MAX = 4,        /* one object of another owner is no reason to lose the ACLs of all others */
};

struct pail_s3_bucket_facts {
        char *name;
        char *region; /* NULL: nothing learned */
        enum pail_s3_region_ask region_ask;
        bool no_acl;
        unsigned acl_refusals; /* in a row */
        bool keeps_versions;
        enum pail_s3_list_known list;
        enum pail_s3_support support[PAIL_S3_FEATURE_COUNT];
        int64_t denied_at_ms; /* 0: never */
        UT_hash_handle hh;
};

static void facts_free(struct pail_s3_bucket_facts *facts)
{
        if (!facts)
                return;
        free(facts->name);
        free(facts->region);
        free(facts);
}
PAIL_DEFINE_CLEANUP(struct pail_s3_bucket_facts, facts_free);

static void free_all_facts(struct pail_s3_client *client)
{
        struct pail_s3_bucket_facts *facts, *next;
        HASH_ITER(hh, client->guarded.facts, facts, next) {
                HASH_DEL(client->guarded.facts, facts);
                facts_free(facts);
        }
}

PAIL_DEFINE_CLEANUP(struct pail_s3_client, pail_s3_client_free);

/* The strings of the options, so that no copy forgets one. */
static const size_t option_strings[] = {
        offsetof(struct pail_s3_object_options, storage_class),
        offsetof(struct pail_s3_object_options, acl),
        offsetof(struct pail_s3_object_options, server_side_encryption),
        offsetof(struct pail_s3_object_options, sse_kms_key_id),
        offsetof(struct pail_s3_object_options, expected_bucket_owner),
};

static char **option_string(struct pail_s3_object_options *options, size_t i)
{
        return (char **)(void *)((char *)options + option_strings[i]);
}

static int copy_options(const struct pail_s3_client_options *options, struct pail_s3_client_options *ret_copy)
{
        int r = 0;
        *ret_copy = *options;
        ret_copy->object.sse_c_key_file = NULL; /* is read at once */
        for (size_t i = 0; i < sizeof(option_strings) / sizeof(option_strings[0]); i++) {
                char **string = option_string(&ret_copy->object, i);
                int k = pail_str_dup(*string, string);
                if (k < 0)
                        *string = NULL;
                r = r < 0 ? r : k;
        }
        if (ret_copy->timeout_ms <= 0)
                ret_copy->timeout_ms = DEFAULT_TIMEOUT_MS;
        return r;
}

static bool is_this_machine(const char *host)
{
        size_t length = strspn(host, "0123456789.");
        bool is_ipv4 = host[length] == '\0' || host[length] == ':';
        return (is_ipv4 && pail_str_starts_with(host, "127.")) || pail_str_starts_with(host, "[::1]") ||
               pail_str_equal(host, "localhost") || pail_str_starts_with(host, "localhost:");
}

/* A key that has gone over a network in the clear is none any more; Amazon S3 refuses such requests. */
static int load_customer_keys(struct pail_s3_client *client, const char *path, struct pail_error *ret_error)
{
        struct pail_endpoint endpoint = { 0 };
        if (!path)
                return 0;
        int r = pail_s3_customer_keys_load(path, &client->customer_keys, ret_error);
        if (r >= 0)
                r = pail_endpoint_resolve(pail_session_endpoint_settings(client->session), NULL, NULL, &endpoint,
                                          ret_error);
        if (r >= 0 && !endpoint.is_https && !is_this_machine(endpoint.host)) {
                pail_error_set(ret_error, PAIL_ERROR_CONFIG,
                               "the keys of %s would go to %s unencrypted: sse_c_key_file needs an endpoint with https",
                               path, endpoint.host);
                r = -EINVAL;
        }
        pail_endpoint_done(&endpoint);
        return r;
}

/* What the options leave to the session. */
static void apply_session_defaults(struct pail_s3_client *client)
{
        const struct pail_s3_client_options *options = &client->options;
        const struct pail_session *session = client->session;
        client->max_attempts = options->max_attempts ? options->max_attempts : pail_session_max_attempts(session);
        client->checksum = options->checksum;
        if (client->checksum == PAIL_S3_CHECKSUM_AUTO &&
            pail_session_request_checksum_calculation(session) == PAIL_WHEN_REQUIRED)
                client->checksum = PAIL_S3_CHECKSUM_NONE;
        client->checks_answers = options->checksum != PAIL_S3_CHECKSUM_NONE &&
                                 pail_session_response_checksum_validation(session) == PAIL_WHEN_SUPPORTED;
}

static int make_shared(struct pail_s3_client *client)
{
        const struct pail_retry_options retry_options = {
                .mode = client->options.retry_mode != PAIL_RETRY_MODE_DEFAULT
                                ? client->options.retry_mode
                                : pail_session_retry_mode(client->session),
                .max_attempts = client->max_attempts,
        };
        int r = pail_retry_new(&retry_options, &client->retry);
        return r < 0 ? r : pail_sigv4_key_cache_new(&client->keys);
}

int pail_s3_client_make(struct pail_session *session, struct pail_http_engine *engine,
                        const struct pail_s3_client_options *options, const struct pail_s3_side_requests *side,
                        struct pail_s3_client **ret_client, struct pail_error *ret_error)
{
        struct pail_s3_client *client = calloc(1, sizeof(*client));
        if (!client)
                return pail_error_set_errno(ret_error, ENOMEM, "cannot make a client");
        _cleanup_(pail_s3_client_free_p) struct pail_s3_client *owned = client;
        pail_mutex_init(&client->guarded.mutex);
        pail_cond_init(&client->guarded.idle);
        client->session = session;
        client->engine = engine;
        client->side = side;
        int r = copy_options(options, &client->options);
        apply_session_defaults(client);
        if (r >= 0)
                r = make_shared(client);
        if (r >= 0)
                r = pail_s3_express_new(side->create_session, client, &client->express);
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "cannot make a client");
        r = load_customer_keys(client, options->object.sse_c_key_file, ret_error);
        if (r < 0)
                return r;
        *ret_client = pail_steal(&owned);
        return 0;
}

void pail_s3_client_set_limit(struct pail_s3_client *client, int64_t limit_ms)
{
        client->limit_ms = limit_ms;
}

int64_t pail_s3_client_deadline_ms(const struct pail_s3_client *client, int64_t timeout_ms)
{
        int64_t now_ms = pail_clock_monotonic_ms();
        int64_t limit_ms = client->limit_ms ? client->limit_ms : INT64_MAX;
        if (limit_ms < now_ms + LAST_CALL_MS)
                limit_ms = now_ms + LAST_CALL_MS;
        return now_ms + timeout_ms < limit_ms ? now_ms + timeout_ms : limit_ms;
}

void pail_s3_client_free(struct pail_s3_client *client)
{
        if (!client)
                return;
        pail_s3_express_free(client->express);
        free_all_facts(client);
        for (size_t i = 0; i < sizeof(option_strings) / sizeof(option_strings[0]); i++)
                free(*option_string(&client->options.object, i));
        pail_s3_customer_keys_free(client->customer_keys);
        pail_sigv4_key_cache_free(client->keys);
        pail_retry_free(client->retry);
        pail_cond_done(&client->guarded.idle);
        pail_mutex_done(&client->guarded.mutex);
        free(client);
}

void pail_s3_client_drain(struct pail_s3_client *client)
{
        PAIL_LOCK(&client->guarded.mutex);
        while (client->guarded.calls > 0)
                pail_cond_wait(&client->guarded.idle, &client->guarded.mutex);
}

void pail_s3_client_call_begins(struct pail_s3_client *client)
{
        PAIL_LOCK(&client->guarded.mutex);
        client->guarded.calls++;
}

void pail_s3_client_call_ended(struct pail_s3_client *client)
{
        PAIL_LOCK(&client->guarded.mutex);
        if (--client->guarded.calls == 0)
                pail_cond_broadcast(&client->guarded.idle);
}

static struct pail_s3_bucket_facts *find_facts_locked(struct pail_s3_client *client, const char *bucket)
{
        pail_mutex_assert_held(&client->guarded.mutex);
        struct pail_s3_bucket_facts *facts;
        HASH_FIND_STR(client->guarded.facts, bucket, facts);
        return facts;
}

/* The entry of a bucket, made when there is none; NULL: no memory. */
static struct pail_s3_bucket_facts *get_facts_locked(struct pail_s3_client *client, const char *bucket)
{
        pail_mutex_assert_held(&client->guarded.mutex);
        struct pail_s3_bucket_facts *facts = find_facts_locked(client, bucket);
        if (facts)
                return facts;
        facts = calloc(1, sizeof(*facts));
        _cleanup_(facts_free_p) struct pail_s3_bucket_facts *owned = facts;
        if (!facts || pail_str_dup(bucket, &facts->name) < 0)
                return NULL;
        HASH_ADD_KEYPTR(hh, client->guarded.facts, facts->name, strlen(facts->name), facts);
        return pail_steal(&owned);
}

int pail_s3_client_region(struct pail_s3_client *client, const char *bucket, char **ret_region)
{
        PAIL_LOCK(&client->guarded.mutex);
        const struct pail_s3_bucket_facts *facts = find_facts_locked(client, bucket);
        return pail_str_dup(facts ? facts->region : NULL, ret_region);
}

int pail_s3_client_learn_region(struct pail_s3_client *client, const char *bucket, const char *region)
{
        PAIL_LOCK(&client->guarded.mutex);
        struct pail_s3_bucket_facts *facts = get_facts_locked(client, bucket);
        return facts ? pail_str_replace(&facts->region, region) : -ENOMEM;
}

void pail_s3_client_forget_bucket(struct pail_s3_client *client, const char *bucket)
{
        PAIL_LOCK(&client->guarded.mutex);
        struct pail_s3_bucket_facts *facts = find_facts_locked(client, bucket);
        if (!facts)
                return;
        HASH_DEL(client->guarded.facts, facts);
        facts_free(facts);
}

bool pail_s3_client_keeps_versions(struct pail_s3_client *client, const char *bucket)
{
        PAIL_LOCK(&client->guarded.mutex);
        const struct pail_s3_bucket_facts *facts = find_facts_locked(client, bucket);
        return facts && facts->keeps_versions;
}

void pail_s3_client_learn_versions(struct pail_s3_client *client, const char *bucket)
{
        PAIL_LOCK(&client->guarded.mutex);
        struct pail_s3_bucket_facts *facts = get_facts_locked(client, bucket);
        if (facts)
                facts->keeps_versions = true; /* else learned another time */
}

enum pail_s3_list_known pail_s3_client_list(struct pail_s3_client *client, const char *bucket)
{
        PAIL_LOCK(&client->guarded.mutex);
        const struct pail_s3_bucket_facts *facts = find_facts_locked(client, bucket);
        return facts ? facts->list : PAIL_S3_LIST_UNKNOWN;
}

void pail_s3_client_learn_list(struct pail_s3_client *client, const char *bucket, enum pail_s3_list_known known)
{
        PAIL_LOCK(&client->guarded.mutex);
        struct pail_s3_bucket_facts *facts = get_facts_locked(client, bucket);
        if (facts)
                facts->list = known;
}

enum pail_s3_region_ask pail_s3_client_region_ask(struct pail_s3_client *client, const char *bucket)
{
        PAIL_LOCK(&client->guarded.mutex);
        struct pail_s3_bucket_facts *facts = get_facts_locked(client, bucket);
        if (!facts)
                return PAIL_S3_REGION_ANSWERED;
        enum pail_s3_region_ask before = facts->region_ask;
        if (before == PAIL_S3_REGION_ASK)
                facts->region_ask = PAIL_S3_REGION_ASKED;
        return before;
}

bool pail_s3_client_region_is_asked(struct pail_s3_client *client, const char *bucket)
{
        PAIL_LOCK(&client->guarded.mutex);
        const struct pail_s3_bucket_facts *facts = find_facts_locked(client, bucket);
        return facts && facts->region_ask == PAIL_S3_REGION_ASKED;
}

void pail_s3_client_region_answered(struct pail_s3_client *client, const char *bucket, const char *region,
                                    bool is_final)
{
        PAIL_LOCK(&client->guarded.mutex);
        struct pail_s3_bucket_facts *facts = get_facts_locked(client, bucket);
        if (!facts)
                return;
        if (region)
                (void)pail_str_replace(&facts->region,
                                       region); /* without memory the call fails as if it were not known */
        facts->region_ask = is_final ? PAIL_S3_REGION_ANSWERED : PAIL_S3_REGION_ASK;
}

bool pail_s3_client_reads_acls(struct pail_s3_client *client, const char *bucket)
{
        PAIL_LOCK(&client->guarded.mutex);
        const struct pail_s3_bucket_facts *facts = find_facts_locked(client, bucket);
        return !facts || (!facts->no_acl && facts->acl_refusals < ACL_REFUSALS_MAX);
}

void pail_s3_client_learn_acl(struct pail_s3_client *client, const char *bucket, const struct pail_error *error)
{
        PAIL_LOCK(&client->guarded.mutex);
        struct pail_s3_bucket_facts *facts = get_facts_locked(client, bucket);
        if (!facts)
                return; /* learned another time */
        if (!error)
                facts->acl_refusals = 0;
        else if (error->http_status == 403)
                facts->acl_refusals++;
        else
                facts->no_acl = true;
}

enum pail_s3_support pail_s3_client_support(struct pail_s3_client *client, const char *bucket,
                                            enum pail_s3_feature feature)
{
        PAIL_LOCK(&client->guarded.mutex);
        const struct pail_s3_bucket_facts *facts = find_facts_locked(client, bucket);
        return facts ? facts->support[feature] : PAIL_S3_UNKNOWN;
}

bool pail_s3_client_learn_support(struct pail_s3_client *client, const char *bucket, enum pail_s3_feature feature,
                                  enum pail_s3_support support)
{
        PAIL_LOCK(&client->guarded.mutex);
        struct pail_s3_bucket_facts *facts = get_facts_locked(client, bucket);
        if (!facts || facts->support[feature] == support || facts->support[feature] == PAIL_S3_WORKS)
                return false;
        facts->support[feature] = support;
        return true;
}

bool pail_s3_client_asks_why(struct pail_s3_client *client, const char *bucket)
{
        PAIL_LOCK(&client->guarded.mutex);
        const struct pail_s3_bucket_facts *facts = find_facts_locked(client, bucket);
        return !facts || facts->denied_at_ms == 0 || pail_clock_monotonic_ms() - facts->denied_at_ms > DENIAL_HOLDS_MS;
}

void pail_s3_client_learn_denial(struct pail_s3_client *client, const char *bucket)
{
        PAIL_LOCK(&client->guarded.mutex);
        struct pail_s3_bucket_facts *facts = get_facts_locked(client, bucket);
        if (facts)
                facts->denied_at_ms = pail_clock_monotonic_ms();
}
