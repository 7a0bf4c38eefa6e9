/* SPDX-License-Identifier: Apache-2.0 */
#include "memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pail/util/clock.h"
#include "pail/util/interrupt.h"
#include "pail/util/str.h"
#include "private.h"

enum { SERVERS = 64, NO_ANSWER_MS = 3000 };

char *memory_copy_text(const char *text)
{
        char *copy = NULL;
        PAIL_SIM_CHECK(pail_str_dup(text, &copy) == 0);
        return copy;
}

int memory_fail(int result, enum pail_remote_cause cause, const char *message, struct pail_remote_error *ret_error)
{
        if (ret_error) {
                ret_error->cause = cause;
                pail_str_copy(ret_error->message, sizeof(ret_error->message), message);
        }
        return result;
}

int memory_absent(struct pail_remote_error *ret_error)
{
        return memory_fail(-ENOENT, PAIL_REMOTE_ABSENT, "there is no such object", ret_error);
}

/* true: an interrupted caller gives up. */
static bool wait_ms(struct memory_remote *remote, int64_t ms, bool is_question)
{
        int64_t until_ms = pail_clock_monotonic_ms() + ms;
        int r = 0;

        if (!is_question) {
                pail_sim_sleep(ms);
                return false;
        }
        PAIL_LOCK(&remote->mutex);
        while (r == 0)
                r = pail_interrupt_wait(&remote->never, &remote->mutex, until_ms);
        return r == -EINTR;
}

static int64_t choose_latency(struct memory_remote *remote)
{
        return pail_sim_choose(remote->sim, remote->weather->latency_ms);
}

int memory_go(struct memory_remote *remote, enum memory_request request, bool is_question,
              struct pail_remote_error *ret_error)
{
        const struct memory_weather *weather = remote->weather;

        remote->counters.requests++;
        if (request == MEMORY_COPY && weather->copy_ms)
                pail_sim_sleep(weather->copy_ms);
        if (wait_ms(remote, choose_latency(remote), is_question))
                return memory_fail(-EINTR, PAIL_REMOTE_LOCAL, "interrupted", ret_error);
        if (pail_sim_chance(remote->sim, weather->fail_one_in)) {
                remote->counters.failures++;
                if (wait_ms(remote, NO_ANSWER_MS, is_question))
                        return memory_fail(-EINTR, PAIL_REMOTE_LOCAL, "interrupted", ret_error);
                return memory_fail(-ETIMEDOUT, PAIL_REMOTE_UNKNOWN, "no answer, and no effect", ret_error);
        }
        if (weather->refused & request)
                return memory_fail(-EACCES, PAIL_REMOTE_REFUSED, "access denied", ret_error);
        if (request == MEMORY_COPY && weather->has_no_copy)
                return memory_fail(-EOPNOTSUPP, PAIL_REMOTE_UNSUPPORTED, "the server does not copy", ret_error);
        return 0;
}

int memory_return(struct memory_remote *remote, struct pail_remote_error *ret_error)
{
        pail_sim_sleep(choose_latency(remote));
        if (!pail_sim_chance(remote->sim, remote->weather->lose_one_in))
                return 0;
        remote->counters.lost++;
        pail_sim_sleep(NO_ANSWER_MS);
        return memory_fail(-ETIMEDOUT, PAIL_REMOTE_UNKNOWN, "the answer was lost", ret_error);
}

int memory_check(struct memory_remote *remote, const char *key, const struct pail_remote_condition *condition,
                 struct pail_remote_error *ret_error)
{
        const struct store_version *current = store_current(remote->store, key);

        if (remote->weather->ignores_conditions || (!condition->if_absent && !condition->if_match))
                return 0;
        if (condition->if_absent && current)
                return memory_fail(-ESTALE, PAIL_REMOTE_REPLACED, "the object is there", ret_error);
        if (condition->if_match && !current)
                return memory_absent(ret_error);
        if (condition->if_match && !pail_str_equal(current->etag, condition->if_match))
                return memory_fail(-ESTALE, PAIL_REMOTE_REPLACED, "the object is another version", ret_error);
        if (remote->weather->refuses_conditions)
                pail_sim_yield(); /* it was only looked at: another may write before we do */
        return 0;
}

static unsigned count_tags(const char *tagging)
{
        unsigned count = !pail_str_is_empty(tagging);
        for (const char *at = tagging; count && (at = strchr(at, '&')); at++)
                count++;
        return count;
}

void memory_describe(const struct store_version *version, struct pail_remote_object *ret_object)
{
        *ret_object = (struct pail_remote_object){
                .size_bytes = version->size_bytes,
                .last_modified = (time_t)(version->from_ms / 1000),
                .date = (time_t)(pail_clock_monotonic_ms() / 1000),
                .tag_count = count_tags(version->tagging),
                .metadata = { .attributes = version->attributes, .extra = memory_copy_text(version->extra) },
        };
        pail_str_copy(ret_object->etag, sizeof(ret_object->etag), version->etag);
}

char *memory_extra(const struct pail_remote_content *content)
{
        char *extra = NULL;

        if (content->metadata->extra || !content->content_type)
                return memory_copy_text(content->metadata->extra);
        PAIL_SIM_CHECK(pail_str_printf(&extra, "type=%s", content->content_type) == 0);
        return extra;
}

void memory_stored(const struct store_version *version, struct pail_remote_stored *ret_stored)
{
        pail_str_copy(ret_stored->etag, sizeof(ret_stored->etag), version->etag);
        ret_stored->extra = memory_copy_text(version->extra);
}

char *memory_read_bytes(const struct pail_remote_bytes *bytes)
{
        char *copy = calloc(1, bytes->size_bytes + 1);

        PAIL_SIM_CHECK(copy);
        if (bytes->data)
                memcpy(copy, bytes->data, bytes->size_bytes);
        else if (bytes->size_bytes)
                PAIL_SIM_CHECK(pread(bytes->fd, copy, bytes->size_bytes, (off_t)bytes->offset) ==
                               (ssize_t)bytes->size_bytes);
        return copy;
}

static struct pail_remote *ref(struct pail_remote *remote)
{
        memory_of(remote)->references++;
        return remote;
}

static void unref(struct pail_remote *base)
{
        struct memory_remote *remote = memory_of(base);

        if (!remote || --remote->references > 0)
                return;
        pail_workpool_free(remote->servers);
        pail_cond_done(&remote->never);
        pail_mutex_done(&remote->mutex);
        free(remote);
}

static struct pail_remote_features features(struct pail_remote *remote)
{
        (void)remote;
        return (struct pail_remote_features){ .lists_in_order = true,
                                              .copies_objects = true,
                                              .copies_parts = true,
                                              .part_min_bytes = MEMORY_PART_MIN_BYTES };
}

static void set_limit(struct pail_remote *remote, int64_t limit_ms)
{
        (void)remote;
        (void)limit_ms;
}

static int head(struct pail_remote *base, const char *key, struct pail_remote_object *ret_object,
                struct pail_remote_error *ret_error)
{
        struct memory_remote *remote = memory_of(base);
        const struct store_version *version;
        int r = memory_go(remote, MEMORY_HEAD, true, ret_error);

        if (r < 0)
                return r;
        version = store_current(remote->store, key);
        if (version)
                memory_describe(version, ret_object);
        if (wait_ms(remote, choose_latency(remote), true)) {
                if (version)
                        pail_remote_object_done(ret_object);
                return memory_fail(-EINTR, PAIL_REMOTE_LOCAL, "interrupted", ret_error);
        }
        return version ? 0 : memory_absent(ret_error);
}

static int read_text(struct pail_remote *base, const char *key, size_t limit_bytes, char **ret_text,
                     struct pail_remote_error *ret_error)
{
        struct memory_remote *remote = memory_of(base);
        const struct store_version *version;
        int r = memory_go(remote, MEMORY_GET, true, ret_error);

        if (r < 0)
                return r;
        version = store_current(remote->store, key);
        if (!version)
                return memory_absent(ret_error);
        if (version->size_bytes > limit_bytes)
                return memory_fail(-EMSGSIZE, PAIL_REMOTE_LOCAL, "too large", ret_error);
        *ret_text = strndup(version->bytes, version->size_bytes);
        PAIL_SIM_CHECK(*ret_text);
        return 0;
}

static int tags(struct pail_remote *base, const char *key, char **ret_tagging, struct pail_remote_error *ret_error)
{
        struct memory_remote *remote = memory_of(base);
        const struct store_version *version;
        int r = memory_go(remote, MEMORY_HEAD, true, ret_error);

        if (r < 0)
                return r;
        version = store_current(remote->store, key);
        if (!version)
                return memory_absent(ret_error);
        *ret_tagging = memory_copy_text(version->tagging ? version->tagging : "");
        return 0;
}

static int put(struct pail_remote *base, const struct pail_remote_put *what, struct pail_remote_stored *ret_stored,
               struct pail_remote_error *ret_error)
{
        struct memory_remote *remote = memory_of(base);
        char *bytes = memory_read_bytes(&what->bytes), *extra = memory_extra(&what->content);
        const struct store_change change = { .key = what->key,
                                             .bytes = bytes,
                                             .size_bytes = what->bytes.size_bytes,
                                             .attributes = &what->content.metadata->attributes,
                                             .extra = extra,
                                             .tagging = what->content.tagging,
                                             .author = remote->author,
                                             .act = STORE_PUT };
        int r = memory_go(remote, MEMORY_PUT, false, ret_error);

        if (r == 0)
                r = memory_check(remote, what->key, &what->condition, ret_error);
        if (r == 0) {
                const struct store_version *version = store_write(remote->store, &change);
                r = memory_return(remote, ret_error);
                if (r == 0)
                        memory_stored(version, ret_stored);
        }
        free(bytes);
        free(extra);
        return r;
}

/* What a copy is stored with: the source's, but for what is replaced. */
static struct store_version *write_copy(struct memory_remote *remote, const struct pail_remote_copy *copy,
                                        struct store_version *source)
{
        const struct pail_remote_content *content = copy->content;
        char *extra = content ? memory_extra(content) : memory_copy_text(source->extra);
        const struct store_change change = {
                .key = copy->to,
                .bytes = source->bytes,
                .size_bytes = source->size_bytes,
                .attributes = content            ? &content->metadata->attributes
                              : copy->attributes ? copy->attributes
                                                 : &source->attributes,
                .extra = extra,
                .tagging = content ? content->tagging : source->tagging,
                .author = remote->author,
                .act = STORE_COPY,
                .source = source,
        };
        struct store_version *version = store_write(remote->store, &change);

        free(extra);
        return version;
}

static int copy_object(struct pail_remote *base, const struct pail_remote_copy *copy,
                       struct pail_remote_stored *ret_stored, struct pail_remote_error *ret_error)
{
        struct memory_remote *remote = memory_of(base);
        struct store_version *source;
        int r = memory_go(remote, MEMORY_COPY, false, ret_error);

        if (r < 0)
                return r;
        source = store_current(remote->store, copy->from);
        if (!source)
                return memory_absent(ret_error);
        if (copy->source && !pail_str_equal(copy->source->etag, source->etag))
                return memory_fail(-ESTALE, PAIL_REMOTE_REPLACED, "the source is another version", ret_error);
        const struct store_version *version = write_copy(remote, copy, source);
        r = memory_return(remote, ret_error);
        if (r == 0)
                memory_stored(version, ret_stored);
        return r;
}

static int remove_one(struct pail_remote *base, const char *key, struct pail_remote_error *ret_error)
{
        struct memory_remote *remote = memory_of(base);
        int r = memory_go(remote, MEMORY_REMOVE, false, ret_error);

        if (r < 0)
                return r;
        (void)store_remove(remote->store, key, remote->author);
        return memory_return(remote, ret_error);
}

/* In two steps, as most servers have it: the copy stays when the removal fails. */
static int copy_or_move(struct pail_remote *base, const struct pail_remote_copy *copy,
                        struct pail_remote_stored *ret_stored, struct pail_remote_error *ret_error)
{
        struct pail_remote_stored stored = { 0 };
        int r = copy_object(base, copy, &stored, ret_error);

        if (r == 0 && copy->is_move)
                r = remove_one(base, copy->from, ret_error);
        if (r < 0) {
                pail_remote_stored_done(&stored);
                return r;
        }
        *ret_stored = stored;
        return 0;
}

static int remove_many(struct pail_remote *base, const char *const *keys, size_t count,
                       struct pail_remote_error *ret_error)
{
        struct memory_remote *remote = memory_of(base);
        int r = memory_go(remote, MEMORY_REMOVE, false, ret_error);

        if (r < 0)
                return r;
        for (size_t i = 0; i < count; i++) {
                (void)store_remove(remote->store, keys[i], remote->author);
                pail_sim_yield(); /* S3 does not do it in one moment */
        }
        return memory_return(remote, ret_error);
}

static const struct pail_remote_ops ops = {
        .ref = ref,
        .unref = unref,
        .features = features,
        .set_limit = set_limit,
        .list = memory_list,
        .next_page = memory_next_page,
        .end_list = memory_end_list,
        .head = head,
        .read = read_text,
        .tags = tags,
        .fetch = memory_fetch,
        .raise_call = memory_raise_call,
        .cancel_call = memory_cancel_call,
        .unref_call = memory_unref_call,
        .put = put,
        .copy = copy_or_move,
        .remove = remove_one,
        .remove_many = remove_many,
        .begin_upload = memory_begin_upload,
        .send_part = memory_send_part,
        .complete_upload = memory_complete_upload,
        .end_upload = memory_end_upload,
};

struct pail_remote *memory_remote_new(struct pail_sim *sim, struct store *store, const struct memory_weather *weather,
                                      int author)
{
        struct memory_remote *remote = calloc(1, sizeof(*remote));

        PAIL_SIM_CHECK(remote);
        *remote = (struct memory_remote){
                .base.ops = &ops, .sim = sim, .store = store, .weather = weather, .author = author, .references = 1
        };
        pail_mutex_init(&remote->mutex);
        pail_cond_init(&remote->never);
        PAIL_SIM_CHECK(pail_workpool_new("s3", SERVERS, &remote->servers) == 0);
        return &remote->base;
}

void memory_remote_counters(struct pail_remote *remote, struct memory_counters *ret_counters)
{
        *ret_counters = memory_of(remote)->counters;
}
