/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pailctl buckets. Profiles are asked side by side, and so are the regions of each one's buckets. A profile that fails is told on standard error
 * and does not keep the others from being shown.
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "arguments.h"
#include "command.h"
#include "object.h"
#include "pail/daemon/s3_context.h"
#include "pail/s3/bucket.h"
#include "pail/s3/buckets.h"
#include "pail/util/cleanup.h"
#include "pail/util/future.h"
#include "pail/util/str.h"
#include "text.h"

enum { PROFILES_AT_ONCE = 4, REGIONS_AT_ONCE = 16 };

struct query;

/* One bucket and where it is. */
struct found {
        struct query *query;
        char *name;
        time_t created; /* 0: not told */
        char *region;   /* NULL: not known */
        struct pail_future *future;
};

/* One profile. */
struct query {
        const struct pail_options *options; /* but for the profile */
        const char *profile;                /* NULL: the one that the options or the environment say */
        struct pail_workpool *region_pool;
        struct pail_future *future;
        char *name; /* as the session has it */
        struct pail_s3_context s3;
        struct pail_s3_client *client;
        struct found *buckets;
        size_t count;
        struct pail_error error;
};

struct question {
        struct pail_options options;
        struct pail_ctl_words profiles;
        bool all_profiles, as_json;
};

PAIL_DEFINE_CLEANUP(struct pail_workpool, pail_workpool_free);

static void question_done(struct question *question)
{
        pail_options_done(&question->options);
        free(question->profiles.items);
}

static void query_done(struct query *query)
{
        for (size_t i = 0; i < query->count; i++) {
                free(query->buckets[i].name);
                free(query->buckets[i].region);
        }
        free(query->buckets);
        if (query->client)
                pail_s3_client_drain(query->client);
        pail_s3_client_free(query->client);
        pail_s3_context_close(&query->s3);
        free(query->name);
}

static int list_buckets(struct query *query)
{
        _cleanup_(pail_s3_buckets_done) struct pail_s3_buckets all = { 0 };
        int r = pail_buckets_all(query->client, &all, &query->error);
        if (r < 0)
                return r;
        query->buckets = calloc(all.count + 1, sizeof(*query->buckets));
        if (!query->buckets)
                return pail_error_set_errno(&query->error, ENOMEM, "buckets");
        for (; query->count < all.count; query->count++)
                query->buckets[query->count] =
                        (struct found){ .query = query,
                                        .name = pail_steal(&all.items[query->count].name),
                                        .created = all.items[query->count].creation_date.tv_sec };
        return 0;
}

/*
 * On a thread of the region pool. A bucket that may be listed but not entered tells its region with the refusal; where the server tells none, it is
 * the one that we ask for.
 */
static int find_region(void *argument)
{
        struct found *found = argument;
        struct pail_error error = PAIL_ERROR_INIT;
        struct pail_bucket *bucket = NULL;
        int r = pail_bucket_new(found->query->client, found->name, &bucket);
        if (r == 0)
                r = pail_bucket_region(bucket, &found->region, &error);
        pail_bucket_unref(bucket);
        if (r < 0)
                return error.region[0] ? pail_str_dup(error.region, &found->region) : r;
        const char *asked = pail_session_region_name(found->query->s3.session);
        return found->region ? 0 : pail_str_dup(asked ? asked : "us-east-1", &found->region);
}

static void find_regions(struct query *query)
{
        for (size_t i = 0; i < query->count; i++) {
                struct found *found = &query->buckets[i];
                if (pail_future_start(query->region_pool, find_region, NULL, found, &found->future) < 0)
                        found->future = NULL; /* shown without */
        }
        for (size_t i = 0; i < query->count; i++) {
                if (query->buckets[i].future)
                        pail_future_wait(query->buckets[i].future, INT64_MAX);
                pail_future_unref(query->buckets[i].future);
        }
}

static int open_client(struct query *query)
{
        struct pail_options options = *query->options; /* borrowed: nothing of it is freed here */
        if (query->profile)
                options.profile = (char *)(uintptr_t)query->profile;
        const struct pail_s3_client_options client_options = pail_s3_context_probe_options(&options);
        int r = pail_s3_context_open(&options, &query->s3, &query->error);
        if (r == 0)
                r = pail_s3_context_start_engine(&query->s3, &options, &query->error);
        if (r < 0)
                return r;
        return pail_s3_client_new(query->s3.session, query->s3.engine, &client_options, &query->client, &query->error);
}

/* On a thread of the profile pool. */
static int query_profile(void *argument)
{
        struct query *query = argument;
        int r = open_client(query);
        if (query->s3.session)
                pail_str_dup(pail_session_profile_name(query->s3.session), &query->name);
        if (r == 0)
                r = list_buckets(query);
        if (r >= 0)
                find_regions(query);
        else if (query->client)
                pail_ctl_diagnose(&query->s3, NULL, "s3:ListAllMyBuckets", &query->error);
        return r;
}

static const char *name_of(const struct query *query)
{
        return query->name ? query->name : query->profile ? query->profile : "default";
}

static void print_text(const struct query *queries, size_t count)
{
        static const char format[] = "%-16s %-14s %-20s %s\n";
        printf(format, "PROFILE", "REGION", "CREATED", "BUCKET");
        for (size_t i = 0; i < count; i++)
                for (size_t j = 0; j < queries[i].count; j++) {
                        const struct found *bucket = &queries[i].buckets[j];
                        char created[PAIL_CTL_TIME_SIZE] = "-";
                        if (bucket->created)
                                pail_ctl_format_time(bucket->created, created);
                        pail_str_make_printable(bucket->name);
                        printf(format, name_of(&queries[i]), bucket->region ? bucket->region : "-", created,
                               bucket->name);
                }
}

static void add_buckets(json_t *list, const struct query *query)
{
        for (size_t i = 0; i < query->count; i++) {
                const struct found *bucket = &query->buckets[i];
                char created[PAIL_CTL_TIME_SIZE];
                json_t *item = json_object();
                pail_ctl_format_time(bucket->created, created);
                json_object_set_new(item, "profile", pail_ctl_json_string(name_of(query)));
                json_object_set_new(item, "bucket", pail_ctl_json_string(bucket->name));
                json_object_set_new(item, "region", pail_ctl_json_string(bucket->region));
                json_object_set_new(item, "creation_date", pail_ctl_json_string(bucket->created ? created : NULL));
                json_array_append_new(list, item);
        }
}

static int print_json(const struct query *queries, size_t count)
{
        json_t *root = json_object(), *buckets = json_array(), *errors = json_array();
        json_object_set_new(root, "buckets", buckets);
        json_object_set_new(root, "errors", errors);
        for (size_t i = 0; i < count; i++) {
                add_buckets(buckets, &queries[i]);
                if (queries[i].error.class == PAIL_ERROR_NONE)
                        continue;
                json_t *item = json_object();
                json_object_set_new(item, "profile", pail_ctl_json_string(name_of(&queries[i])));
                json_object_set_new(item, "message", pail_ctl_json_string(queries[i].error.message));
                json_array_append_new(errors, item);
        }
        return pail_ctl_json_print(root);
}

static int print_queries(const struct query *queries, size_t count, bool as_json)
{
        int status = EXIT_SUCCESS;
        if (as_json && print_json(queries, count) < 0)
                status = EXIT_FAILURE;
        else if (!as_json)
                print_text(queries, count);
        for (size_t i = 0; i < count; i++) {
                if (queries[i].error.class == PAIL_ERROR_NONE)
                        continue;
                status = EXIT_FAILURE;
                fprintf(stderr, "pailctl: profile %s: %s\n", name_of(&queries[i]), queries[i].error.message);
        }
        return status;
}

/* profiles: NULL-terminated, or NULL for the one of the options. */
static int query_profiles(const struct question *question, const char *const *profiles, size_t count)
{
        _cleanup_(pail_workpool_free_p) struct pail_workpool *region_pool = NULL;
        _cleanup_(pail_workpool_free_p) struct pail_workpool *profile_pool = NULL;
        struct pail_error error = PAIL_ERROR_INIT;
        _cleanup_free_ struct query *queries = calloc(count, sizeof(*queries));
        if (!queries || pail_workpool_new("regions", REGIONS_AT_ONCE, &region_pool) < 0 ||
            pail_workpool_new("profiles", PROFILES_AT_ONCE, &profile_pool) < 0) {
                pail_error_set_errno(&error, ENOMEM, "buckets");
                return pail_ctl_fail(&error, EXIT_FAILURE);
        }
        for (size_t i = 0; i < count; i++) {
                struct query *query = &queries[i];
                *query = (struct query){ .options = &question->options,
                                         .profile = profiles ? profiles[i] : NULL,
                                         .region_pool = region_pool,
                                         .error = PAIL_ERROR_INIT };
                int r = pail_future_start(profile_pool, query_profile, NULL, query, &query->future);
                if (r < 0)
                        pail_error_set_errno(&query->error, -r, "a thread");
        }
        for (size_t i = 0; i < count; i++) {
                if (queries[i].future)
                        pail_future_wait(queries[i].future, INT64_MAX);
                pail_future_unref(queries[i].future);
        }
        int status = print_queries(queries, count, question->as_json);
        for (size_t i = 0; i < count; i++)
                query_done(&queries[i]);
        return status;
}

static int query_all_profiles(const struct question *question)
{
        const struct pail_session_options options = {
                .config_file = question->options.config_file,
                .credentials_file = question->options.credentials_file,
                .no_sign_request = true,
        };
        _cleanup_(pail_session_free_p) struct pail_session *session = NULL;
        struct pail_error error = PAIL_ERROR_INIT;
        if (pail_session_new(&options, &session, &error) < 0)
                return pail_ctl_fail(&error, EXIT_FAILURE);
        const char *const *names = pail_session_available_profiles(session);
        size_t count = 0;
        while (names[count])
                count++;
        if (count > 0)
                return query_profiles(question, names, count);
        pail_error_set(&error, PAIL_ERROR_CONFIG, "there are no profiles; \"pailctl configure\" writes one");
        return pail_ctl_fail(&error, EXIT_FAILURE);
}

static void print_help(void)
{
        fputs("Usage: pailctl buckets [--profile NAME]... [--all-profiles] [-o OPTION,...] [--json]\n"
              "Lists the buckets of one or several profiles, with the region and the date of creation of each.\n"
              "\n"
              "  --profile NAME   may be given several times\n"
              "  --all-profiles   every profile of the configuration files\n"
              "  -o OPTION,...    options of pail(1): endpoint_url, ca_bundle, config_file...\n"
              "  --json           one JSON object instead of a table\n",
              stdout);
}

static const struct pail_ctl_argument arguments[] = {
        { .name = "options", .letter = 'o', .kind = PAIL_CTL_OPTIONS, .offset = offsetof(struct question, options) },
        { .name = "profile", .kind = PAIL_CTL_WORDS, .offset = offsetof(struct question, profiles) },
        { .name = "all-profiles", .kind = PAIL_CTL_SWITCH, .offset = offsetof(struct question, all_profiles) },
        { .name = "json", .kind = PAIL_CTL_SWITCH, .offset = offsetof(struct question, as_json) },
        { .name = NULL },
};

/* 1: help is wanted. */
static int parse_question(int argc, char **argv, struct question *question, struct pail_error *ret_error)
{
        static const struct pail_ctl_syntax syntax = { .command = "buckets", .arguments = arguments };
        struct pail_ctl_words none = { 0 };
        int r = pail_options_init(&question->options, ret_error);
        if (r == 0)
                r = pail_ctl_parse(&syntax, argc, argv, question, &none, ret_error);
        if (r == 0 && question->all_profiles && question->profiles.count > 0)
                return pail_ctl_refuse(ret_error, "buckets", "--all-profiles", "leaves no choice of --profile");
        return r;
}

int pail_ctl_buckets(int argc, char **argv)
{
        struct pail_error error = PAIL_ERROR_INIT;
        _cleanup_(question_done) struct question question = { 0 };
        int r = parse_question(argc, argv, &question, &error);
        if (r < 0)
                return pail_ctl_fail(&error, PAIL_CTL_EXIT_USAGE);
        if (r > 0) {
                print_help();
                return EXIT_SUCCESS;
        }
        if (question.all_profiles)
                return query_all_profiles(&question);
        return question.profiles.count > 0 ? query_profiles(&question, question.profiles.items, question.profiles.count)
                                           : query_profiles(&question, NULL, 1);
}
