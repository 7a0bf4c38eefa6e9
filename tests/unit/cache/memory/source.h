/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A source whose every step the test makes itself, in whatever order it likes. The bytes of an object are a function of
 * their position, so that a misplaced byte is seen.
 */
#ifndef PAIL_TESTS_UNIT_CACHE_MEMORY_SOURCE_H
#define PAIL_TESTS_UNIT_CACHE_MEMORY_SOURCE_H

#include <pthread.h>
#include <stdatomic.h>

#include "../../support/test.h"
#include "pail/cache/blocks.h"

/* For threads other than the test's own, where cmocka's assertions end the program without a word. */
#define THREAD_CHECK(condition)                                                                                        \
        do {                                                                                                           \
                if (!(condition)) {                                                                                    \
                        fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);                        \
                        abort();                                                                                       \
                }                                                                                                      \
        } while (0)

enum { SOURCE_CALLS_MAX = 1024 };

struct source_call {
        struct source *source;
        struct pail_fetch *fetch;
        struct pail_fetch_range range;
        uint64_t delivered_bytes;
        atomic_uint raises, cancels, releases;
        bool has_ended;
};

struct source {
        struct pail_pool *pool;
        struct pail_blocks *blocks;
        atomic_uint count;
        struct source_call calls[SOURCE_CALLS_MAX];
        int start_result; /* < 0: start fails with it */
        /* Called at the end of start, before it returns. May be NULL. */
        void (*on_start)(struct source_call *call);
};

/* The byte at a position of every object. */
char source_byte(uint64_t position);
void source_fill(char *target, uint64_t position, size_t size);

/* A pool of limit_blocks with default floors and one object of size_bytes. */
void source_init(struct source *source, unsigned limit_blocks, uint64_t size_bytes);
/* Ends what was not ended; checks that every call was released once. */
void source_done(struct source *source);

/* Delivers the next size bytes; the result of pail_fetch_deliver(). */
int source_deliver(struct source *source, unsigned call, size_t size);
/* Delivers what is missing. */
void source_deliver_rest(struct source *source, unsigned call);
void source_end(struct source *source, unsigned call, int result);
/* deliver_rest and end. */
void source_serve(struct source *source, unsigned call);

/* A reader on its own thread: acquire, wait, check the bytes, release. */
struct source_reader {
        struct source *source;
        uint64_t first;
        unsigned count, extra;
        int result;
        atomic_bool is_interrupted, has_acquired, has_returned;
        pthread_t thread;
};
void source_reader_start(struct source_reader *reader, struct source *source, uint64_t first, unsigned count);
/* Joins it; its result. */
int source_reader_join(struct source_reader *reader);
/* Waits for it to have acquired its view. */
void source_reader_await_acquired(struct source_reader *reader);

/* Reads [first, first + count) in this thread, which must be served before: from memory. */
void source_check_valid(struct source *source, uint64_t first, unsigned count);
/* Brings [first, first + count) into memory, at most PAIL_VIEW_MAX_BLOCKS at a time, as one reader. */
void source_load(struct source *source, uint64_t first, unsigned count);
struct pail_pool_stats source_stats(const struct source *source);

#endif
