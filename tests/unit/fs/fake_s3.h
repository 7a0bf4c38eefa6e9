/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stands in for GetObject: the linker redirects the functions of <pail/s3/operations.h> and <pail/s3/client.h> that
 * the read engine calls (see local.mk) to this scripted one, in which every answer is the test's, or a thread's at
 * random. The bytes of the object are a function of their position.
 */
#ifndef PAIL_TESTS_UNIT_FS_FAKE_S3_H
#define PAIL_TESTS_UNIT_FS_FAKE_S3_H

#include <stdatomic.h>

#include "../support/test.h"
#include "pail/fs/content.h"
#include "pail/s3/operations.h"

#define THREAD_CHECK(condition)                                                                                        \
        do {                                                                                                           \
                if (!(condition)) {                                                                                    \
                        fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);                        \
                        abort();                                                                                       \
                }                                                                                                      \
        } while (0)

enum { FAKE_CALLS_MAX = 4096, FAKE_BLOCK = 128 * 1024, FAKE_MIB = 1 << 20 };

struct fake_call {
        struct fake_s3 *fake;
        char key[64], if_match[PAIL_S3_ETAG_SIZE];
        uint64_t offset, size_bytes;
        enum pail_http_priority priority;
        const struct pail_s3_get_sink *sink;
        void *sink_context;
        pail_s3_done *done;
        void *done_context;
        uint64_t delivered_bytes;
        bool was_told, has_ended, is_whole;
        atomic_bool is_cancelled;
        atomic_uint hurries, refs;
};

struct fake_s3 {
        uint64_t object_bytes; /* as the answers tell */
        bool has_checksum;     /* answers to a GET of a whole object are checked at their end */
        char etag[PAIL_S3_ETAG_SIZE];
        int start_result;              /* < 0: a call does not start, with this error number */
        struct pail_workpool *servers; /* NULL: the test serves */
        unsigned fail_one_in;          /* of the calls that threads serve; 0: none */
        atomic_uint seed, failures, in_flight, peak_in_flight;
        atomic_uint taken, count; /* calls: begun, made */
        atomic_ullong bytes;      /* delivered */
        struct fake_call *calls;
        struct pail_bucket *bucket;
};

char fake_byte(uint64_t position);
/* The version is "etag-1" of object_bytes. */
void fake_init(struct fake_s3 *fake, uint64_t object_bytes);
/* From now on, threads serve what is asked for. */
void fake_serve_by_threads(struct fake_s3 *fake, unsigned threads, unsigned fail_one_in);
/* Ends what was not ended. The engine may still be there. */
void fake_finish_all(struct fake_s3 *fake);
/* Every call has ended and is unreferenced. */
void fake_done(struct fake_s3 *fake);

/* The next size bytes of a call; < 0: what the sink returned, the call is to be ended then. */
int fake_deliver(struct fake_s3 *fake, unsigned call, uint64_t size);
/* All bytes of a call for the whole object, the first one wrong; and the word that they come again. */
void fake_deliver_damaged(struct fake_s3 *fake, unsigned call);
void fake_again(struct fake_s3 *fake, unsigned call);
/* Delivers what is missing, and ends the call with success. */
void fake_serve(struct fake_s3 *fake, unsigned call);
/* Ends it with an answer of S3. */
void fake_refuse(struct fake_s3 *fake, unsigned call, int http_status, const char *code);
void fake_end(struct fake_s3 *fake, unsigned call, enum pail_error_class class);
/* Serves all calls from first on, those too that are made meanwhile. */
void fake_serve_from(struct fake_s3 *fake, unsigned first);
/* Waits until that many calls were made. */
void fake_await(struct fake_s3 *fake, unsigned count);
void fake_check_result(const struct pail_content_result *result, uint64_t offset, size_t size);

#endif
