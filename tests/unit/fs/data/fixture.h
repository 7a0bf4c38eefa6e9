/* SPDX-License-Identifier: Apache-2.0 */
/* One content of 20 MiB and a bit over a scripted GetObject, and readers on threads of their own. */
#ifndef PAIL_TESTS_UNIT_FS_DATA_FIXTURE_H
#define PAIL_TESTS_UNIT_FS_DATA_FIXTURE_H

#include <pthread.h>

#include "fake_remote.h"

enum { SIZE = 20 * FAKE_MIB + 1000 };

struct fixture {
        struct fake_remote fake;
        struct pail_data_engine *engine;
        struct pail_object_data *content;
        struct pail_read_stream *stream;
};
extern struct fixture fixture;

int fixture_setup(void **state);
int fixture_teardown(void **state);
/* Another content of that size takes its place. */
void fixture_make_content(uint64_t size);

struct reader {
        uint64_t offset;
        size_t size, expected;
        bool has_stream;
        atomic_bool is_interrupted, has_returned;
        int result;
        pthread_t thread;
};

/* Returns once it has made its requests, calls of them. */
void start_reader(struct reader *reader, bool has_stream, uint64_t offset, size_t size, size_t expected,
                  unsigned calls);
/* Its result. The bytes were checked. */
int join(struct reader *reader);
/* Waits until readers have asked for that many blocks that were not there. */
void await_misses(uint64_t misses);
void expect_call(unsigned call, uint64_t offset, uint64_t size_bytes, enum pail_remote_priority priority);
void read_in_memory(uint64_t offset, size_t size);

#endif
