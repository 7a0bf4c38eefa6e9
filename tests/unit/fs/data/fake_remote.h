/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A remote whose fetches are scripted: every answer is the test's, or a thread's at random. It does nothing else. The
 * bytes of the object are a function of their position.
 */
#ifndef PAIL_TESTS_UNIT_FS_DATA_FAKE_REMOTE_H
#define PAIL_TESTS_UNIT_FS_DATA_FAKE_REMOTE_H

#include <stdatomic.h>

#include "../../support/test.h"
#include "fs/data/read.h"
#include "pail/remote/remote.h"

#define THREAD_CHECK(condition)                                                                                        \
        do {                                                                                                           \
                if (!(condition)) {                                                                                    \
                        fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);                        \
                        abort();                                                                                       \
                }                                                                                                      \
        } while (0)

enum { FAKE_CALLS_MAX = 4096, FAKE_BLOCK = 128 * 1024, FAKE_MIB = 1 << 20 };

struct fake_call {
        struct fake_remote *fake;
        char key[64], if_match[PAIL_REMOTE_ETAG_SIZE];
        uint64_t offset, size_bytes;
        enum pail_remote_priority priority;
        const struct pail_remote_sink *sink;
        void *context;
        uint64_t delivered_bytes;
        bool was_told, has_ended, is_whole;
        atomic_bool is_cancelled;
        atomic_uint raises, refs;
};

struct fake_remote {
        struct pail_remote base;
        atomic_uint refs;      /* of others than the test */
        uint64_t object_bytes; /* as the answers tell */
        bool has_checksum;     /* answers to a GET of a whole object are checked at their end */
        char etag[PAIL_REMOTE_ETAG_SIZE];
        int start_result;              /* < 0: a call does not start */
        struct pail_workpool *servers; /* NULL: the test serves */
        unsigned fail_one_in;          /* of the calls that threads serve; 0: none */
        atomic_uint seed, failures, in_flight, peak_in_flight;
        atomic_uint taken, count; /* calls: begun, made */
        atomic_ullong bytes;      /* delivered */
        struct fake_call *calls;
};

char fake_byte(uint64_t position);
/* The version is "etag-1" of object_bytes. */
void fake_init(struct fake_remote *fake, uint64_t object_bytes);
/* From now on, threads serve what is asked for. */
void fake_serve_by_threads(struct fake_remote *fake, unsigned threads, unsigned fail_one_in);
/* Ends what was not ended. The engine may still be there. */
void fake_finish_all(struct fake_remote *fake);
/* Every call has ended and is unreferenced. */
void fake_done(struct fake_remote *fake);

/* The next size bytes of a call; < 0: what the sink returned, the call is to be ended then. */
int fake_deliver(struct fake_remote *fake, unsigned call, uint64_t size);
/* All bytes of a call for the whole object, the first one wrong; and the word that they come again. */
void fake_deliver_damaged(struct fake_remote *fake, unsigned call);
void fake_again(struct fake_remote *fake, unsigned call);
/* Delivers what is missing, and ends the call with success. */
void fake_serve(struct fake_remote *fake, unsigned call);
/* Ends it with an answer. */
void fake_refuse(struct fake_remote *fake, unsigned call, int result, enum pail_remote_cause cause);
/* Ends it with a failure that was no answer, or with success (0). */
void fake_end(struct fake_remote *fake, unsigned call, int result);
/* Serves all calls from first on, those too that are made meanwhile. */
void fake_serve_from(struct fake_remote *fake, unsigned first);
/* Waits until that many calls were made. */
void fake_await(struct fake_remote *fake, unsigned count);
void fake_check_result(const struct pail_content_result *result, uint64_t offset, size_t size);

#endif
