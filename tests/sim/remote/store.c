/* SPDX-License-Identifier: Apache-2.0 */
#include "store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../sim.h"
#include "pail/util/clock.h"
#include "pail/util/str.h"

static void *take_memory(size_t size)
{
        void *memory = calloc(1, size ? size : 1);
        PAIL_SIM_CHECK(memory);
        return memory;
}

static char *copy_text(const char *text)
{
        char *copy = NULL;
        PAIL_SIM_CHECK(pail_str_dup(text, &copy) == 0);
        return copy;
}

void store_init(struct store *store)
{
        *store = (struct store){ 0 };
        store->last = &store->first;
}

void store_done(struct store *store)
{
        for (struct store_version *version = store->first, *next; version; version = next) {
                next = version->next;
                free(version->key);
                free(version->bytes);
                free(version->extra);
                free(version->tagging);
                free(version);
        }
        for (size_t i = 0; i < store->key_count; i++)
                free(store->keys[i].key);
        free(store->keys);
}

/* Where the key is, or would be. */
static size_t find(const struct store *store, const char *key, bool *ret_is_there)
{
        size_t low = 0, high = store->key_count;
        *ret_is_there = false;
        while (low < high) {
                size_t middle = (low + high) / 2;
                int order = strcmp(store->keys[middle].key, key);
                if (order == 0) {
                        *ret_is_there = true;
                        return middle;
                }
                if (order < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

struct store_version *store_history(const struct store *store, const char *key)
{
        bool is_there;
        size_t at = find(store, key, &is_there);
        return is_there ? store->keys[at].current : NULL;
}

struct store_version *store_current(const struct store *store, const char *key)
{
        struct store_version *version = store_history(store, key);
        return store_is_object(version) ? version : NULL;
}

static struct store_key *need_key(struct store *store, const char *key)
{
        bool is_there;
        size_t at = find(store, key, &is_there);
        if (is_there)
                return &store->keys[at];
        store->keys = reallocarray(store->keys, store->key_count + 1, sizeof(*store->keys));
        PAIL_SIM_CHECK(store->keys);
        memmove(&store->keys[at + 1], &store->keys[at], (store->key_count - at) * sizeof(*store->keys));
        store->keys[at] = (struct store_key){ .key = copy_text(key) };
        store->key_count++;
        return &store->keys[at];
}

/* Two contents have the same ETag when they are the same bytes, as MD5 has it. */
static void make_etag(struct store_version *version, const char *suffix)
{
        uint64_t hash = UINT64_C(0xcbf29ce484222325) + version->size_bytes;
        for (size_t i = 0; i < version->size_bytes; i++)
                hash = (hash ^ (unsigned char)version->bytes[i]) * UINT64_C(0x100000001b3);
        snprintf(version->etag, sizeof(version->etag), "%016llx%s", (unsigned long long)hash, suffix ? suffix : "");
}

static void enter(struct store *store, struct store_version *version)
{
        int64_t now_ms = pail_clock_monotonic_ms(); /* others may run: before anything is looked at */
        struct store_key *key = need_key(store, version->key);

        version->serial = ++store->serial;
        if (!version->content)
                version->content = version->serial;
        version->from_ms = now_ms;
        version->until_ms = INT64_MAX;
        version->older = key->current;
        version->replaced = store_is_object(key->current) ? key->current : NULL;
        if (key->current)
                key->current->until_ms = now_ms;
        key->current = version;
        *store->last = version;
        store->last = &version->next;
        if (store->on_change)
                store->on_change(store->context, version);
}

struct store_version *store_write(struct store *store, const struct store_change *change)
{
        struct store_version *version = take_memory(sizeof(*version));

        version->key = copy_text(change->key);
        version->bytes = take_memory(change->size_bytes);
        memcpy(version->bytes, change->bytes, change->size_bytes);
        version->size_bytes = change->size_bytes;
        version->attributes = *change->attributes;
        version->extra = copy_text(change->extra);
        version->tagging = copy_text(change->tagging);
        version->author = change->author;
        version->act = change->act;
        version->source = change->source;
        version->content = change->source ? change->source->content : 0;
        make_etag(version, change->etag_suffix);
        enter(store, version);
        return version;
}

struct store_version *store_remove(struct store *store, const char *key, int author)
{
        struct store_version *version;

        if (!store_current(store, key))
                return NULL;
        version = take_memory(sizeof(*version));
        version->key = copy_text(key);
        version->author = author;
        version->act = STORE_REMOVE;
        enter(store, version);
        return version;
}
