/* SPDX-License-Identifier: Apache-2.0 */
/* Buckets that exist in a table only, for the tests of mounts; their volumes are those of tests/support/fakefs. Thread safe. */
#ifndef PAIL_TESTS_UNIT_MOUNT_BUCKET_SOURCE_H
#define PAIL_TESTS_UNIT_MOUNT_BUCKET_SOURCE_H

#include "../support/test.h"
#include "pail/mount/source.h"
#include "pail/util/mutex.h"

enum { FAKE_BUCKETS_MAX = 64 };

struct fake_bucket {
        unsigned group;
        char name[32];
        bool is_there, is_listed;
        unsigned opens, closes;
};

struct fake_source {
        struct pail_mutex mutex;
        struct fake_bucket buckets[FAKE_BUCKETS_MAX];
        size_t count;
        unsigned lists, questions;
        int list_result, open_result, exists_result; /* < 0: fails */
        /* Called once, without the lock, when the answer is made and not given yet. */
        void (*meanwhile)(void *context);
        void *meanwhile_context;
};

extern const struct pail_mount_source fake_source;

void fake_source_init(struct fake_source *source);
void fake_source_done(struct fake_source *source);
struct fake_bucket *fake_source_add(struct fake_source *source, unsigned group, const char *name, bool is_listed);
/* Deleted by others. */
void fake_source_delete(struct fake_source *source, struct fake_bucket *bucket);

#endif
