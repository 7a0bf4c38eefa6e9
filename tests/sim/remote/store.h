/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bucket in memory that forgets nothing: every version that was ever current under a key, with the time from which and
 * until which it was, who made it and out of what. A change takes no time; what it costs to reach the bucket is the
 * remote's business (memory.h). One run's; everything lives until it is freed.
 */
#ifndef PAIL_TESTS_SIM_STORE_H
#define PAIL_TESTS_SIM_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pail/remote/remote.h"

/* Whoever is at work: a mount (its number), or another program with the same bucket. */
enum { STORE_OTHERS = -1 };

enum store_act { STORE_PUT, STORE_COPY, STORE_COMPLETE, STORE_REMOVE };

struct store_version {
        char *key;
        uint64_t serial;  /* counts all changes of the bucket */
        uint64_t content; /* the same for all copies of the same bytes: the serial of the version that brought them */
        char etag[PAIL_REMOTE_ETAG_SIZE];
        char *bytes; /* NULL: removed, there is no object from then on */
        size_t size_bytes;
        struct pail_remote_attributes attributes;
        char *extra, *tagging;
        int64_t from_ms, until_ms; /* current in [from, until); INT64_MAX: still */
        int author;
        enum store_act act;
        struct store_version *replaced; /* what was current before, NULL: nothing was, ever; a removal: nothing was */
        struct store_version *source;   /* of a copy */
        struct store_version *older;    /* of the same key */
        struct store_version *next;     /* in the order of their serials */
};

struct store {
        struct store_version *first, **last;
        uint64_t serial;
        struct store_key {
                char *key;
                struct store_version *current; /* the newest: perhaps a removal */
        } * keys;                              /* in the order of the keys */
        size_t key_count;
        /* Told of each change once it is made. May be NULL. */
        void (*on_change)(void *context, const struct store_version *version);
        void *context;
};

void store_init(struct store *store);
void store_done(struct store *store);

static inline bool store_is_object(const struct store_version *version)
{
        return version && version->bytes;
}
/* The object under a key now; NULL: none. */
struct store_version *store_current(const struct store *store, const char *key);
/* Every version a key ever had, the newest first. */
struct store_version *store_history(const struct store *store, const char *key);

/* What a change is made of. bytes: copied. */
struct store_change {
        const char *key;
        const void *bytes;
        size_t size_bytes;
        const struct pail_remote_attributes *attributes;
        const char *extra, *tagging;
        const char *etag_suffix; /* of a multipart object; NULL: none */
        int author;
        enum store_act act;
        struct store_version *source; /* copied from: the content is its */
};
struct store_version *store_write(struct store *store, const struct store_change *change);
/* NULL: there was nothing. */
struct store_version *store_remove(struct store *store, const char *key, int author);

#endif
