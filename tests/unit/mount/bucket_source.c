/* SPDX-License-Identifier: Apache-2.0 */
#include "bucket_source.h"

#include "pail/util/str.h"

void fake_source_init(struct fake_source *source)
{
        *source = (struct fake_source){ 0 };
        pail_mutex_init(&source->mutex);
}

void fake_source_done(struct fake_source *source)
{
        for (size_t i = 0; i < source->count; i++)
                assert_int_equal(source->buckets[i].opens, source->buckets[i].closes);
        pail_mutex_done(&source->mutex);
}

static struct fake_bucket *find_locked(struct fake_source *source, unsigned group, const char *name)
{
        for (size_t i = 0; i < source->count; i++)
                if (source->buckets[i].group == group && pail_str_equal(source->buckets[i].name, name))
                        return &source->buckets[i];
        return NULL;
}

static struct fake_bucket *add_locked(struct fake_source *source, unsigned group, const char *name)
{
        struct fake_bucket *bucket = find_locked(source, group, name);
        if (!bucket) {
                if (source->count == FAKE_BUCKETS_MAX)
                        abort();
                bucket = &source->buckets[source->count++];
                bucket->group = group;
                pail_str_copy(bucket->name, sizeof(bucket->name), name);
        }
        return bucket;
}

struct fake_bucket *fake_source_add(struct fake_source *source, unsigned group, const char *name, bool is_listed)
{
        PAIL_LOCK(&source->mutex);
        struct fake_bucket *bucket = add_locked(source, group, name);
        bucket->is_there = true;
        bucket->is_listed = is_listed;
        return bucket;
}

void fake_source_delete(struct fake_source *source, struct fake_bucket *bucket)
{
        PAIL_LOCK(&source->mutex);
        bucket->is_there = false;
}

static void call_meanwhile(struct fake_source *source)
{
        pail_mutex_lock(&source->mutex);
        void (*meanwhile)(void *context) = source->meanwhile;
        source->meanwhile = NULL;
        pail_mutex_unlock(&source->mutex);
        if (meanwhile)
                meanwhile(source->meanwhile_context);
}

static int list_locked(struct fake_source *source, unsigned group, struct pail_mount_list *ret_buckets)
{
        struct pail_mount_list buckets = { .items = calloc(source->count + 1, sizeof(*buckets.items)) };
        source->lists++;
        if (!buckets.items)
                return -ENOMEM;
        for (size_t i = 0; i < source->count; i++) {
                const struct fake_bucket *bucket = &source->buckets[i];
                if (bucket->group != group || !bucket->is_there || !bucket->is_listed)
                        continue;
                struct pail_mount_listed *entry = &buckets.items[buckets.count];
                if (pail_str_dup(bucket->name, &entry->name) < 0) {
                        pail_mount_list_done(&buckets);
                        return -ENOMEM;
                }
                entry->created.tv_sec = 1000 + (time_t)i;
                buckets.count++;
        }
        *ret_buckets = buckets;
        return 0;
}

static int list(void *context, unsigned group, struct pail_mount_list *ret_buckets)
{
        struct fake_source *source = context;
        pail_mutex_lock(&source->mutex);
        int result = source->list_result;
        if (result == 0)
                result = list_locked(source, group, ret_buckets);
        pail_mutex_unlock(&source->mutex);
        call_meanwhile(source);
        return result;
}

static int exists(void *context, unsigned group, const char *name)
{
        struct fake_source *source = context;
        pail_mutex_lock(&source->mutex);
        const struct fake_bucket *bucket = find_locked(source, group, name);
        int result = source->exists_result ? source->exists_result : bucket && bucket->is_there ? 0 : -ENOENT;
        source->questions++;
        pail_mutex_unlock(&source->mutex);
        call_meanwhile(source);
        return result;
}

static int open_bucket(void *context, unsigned group, const char *name, struct pail_mount_bucket *ret_bucket)
{
        struct fake_source *source = context;
        pail_mutex_lock(&source->mutex);
        struct fake_bucket *bucket = find_locked(source, group, name);
        int result = source->open_result ? source->open_result : bucket && bucket->is_there ? 0 : -ENOENT;
        if (result == 0) {
                bucket->opens++;
                *ret_bucket = (struct pail_mount_bucket){ .state_dir = "none", .can_list = true, .owned = bucket };
        }
        pail_mutex_unlock(&source->mutex);
        call_meanwhile(source);
        return result;
}

static void close_bucket(void *context, struct pail_mount_bucket *bucket)
{
        struct fake_source *source = context;
        PAIL_LOCK(&source->mutex);
        ((struct fake_bucket *)bucket->owned)->closes++;
}

static int create(void *context, unsigned group, const char *name)
{
        struct fake_source *source = context;
        PAIL_LOCK(&source->mutex);
        struct fake_bucket *bucket = add_locked(source, group, name);
        if (bucket->is_there)
                return -EEXIST;
        bucket->is_there = bucket->is_listed = true;
        return 0;
}

static int remove_bucket(void *context, unsigned group, const char *name)
{
        struct fake_source *source = context;
        PAIL_LOCK(&source->mutex);
        struct fake_bucket *bucket = find_locked(source, group, name);
        if (!bucket || !bucket->is_there)
                return -ENOENT;
        bucket->is_there = false;
        return 0;
}

const struct pail_mount_source fake_source = {
        .list = list,
        .exists = exists,
        .open = open_bucket,
        .close = close_bucket,
        .create = create,
        .remove = remove_bucket,
};
