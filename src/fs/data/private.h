/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the read engine share. */
#ifndef PAIL_FS_READ_PRIVATE_H
#define PAIL_FS_READ_PRIVATE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "pail/cache/blocks.h"
#include "pail/fs/content.h"
#include "pail/remote/remote.h"
#include "pail/util/mutex.h"

#define READ_MAX_BYTES ((uint64_t)1 << 20)     /* of one request of the kernel */
#define READ_SEGMENT_BYTES ((uint64_t)8 << 20) /* the biggest part */

struct pail_content_engine {
        struct pail_pool *pool;
        uint64_t ahead_bytes; /* what all windows together may hold */
        unsigned max_parts;
        unsigned outside_blocks;
        atomic_uint parts; /* of read-ahead, in flight */
        /* Streams that advanced in this epoch of about a second, and in the one before. */
        struct {
                struct pail_mutex mutex;
                int64_t epoch;
                unsigned active, active_before;
        } guarded;
};

/* A GET that waits for the end of a move. */
struct read_parked {
        void (*resume)(struct read_parked *parked); /* called without locks */
        bool is_parked;
        struct read_parked *prev, *next;
};

/*
 * Where the bytes are: shared by a content and its GETs, which may outlive it. A rebase changes key and ETag and counts
 * generation up, so that a GET that failed because the old place is gone knows that it can go on at the new one.
 */
struct read_place {
        struct pail_remote *remote;
        uint64_t size_bytes;
        atomic_uint refs;
        atomic_bool
                is_suspect; /* bytes were damaged on the way: of a small object only the whole is asked for, which can be checked */
        struct {
                struct pail_mutex mutex;
                char *key;
                char etag[PAIL_REMOTE_ETAG_SIZE];
                unsigned generation;
                unsigned moves; /* under way */
                struct read_parked *parked;
        } guarded;
};
int read_place_new(struct pail_remote *remote, const char *key, const char *etag, uint64_t size_bytes,
                   struct read_place **ret_place);
struct read_place *read_place_ref(struct read_place *place);
void read_place_unref(struct read_place *place);
int read_place_move(struct read_place *place, const char *key, const char *etag);
void read_place_move_begin(struct read_place *place);
/* The last end resumes what is parked. */
void read_place_move_end(struct read_place *place);
/* false: no move is under way, or the place has another generation already. */
bool read_place_park(struct read_place *place, unsigned generation, struct read_parked *parked);
/* true: it was parked, and will not be resumed any more. */
bool read_place_unpark(struct read_place *place, struct read_parked *parked);

struct pail_content {
        struct pail_content_engine *engine;
        struct pail_blocks *blocks;
        struct read_place *place;
        atomic_uint refs;
};

/* get.c: the pail_source of a content, which is its context. */
extern const struct pail_source read_source;

/* How many streams are reading along now, this one included. *epoch: the stream's own, 0 at first. */
unsigned read_engine_note_active(struct pail_content_engine *engine, int64_t *epoch);

/*
 * A reader wants [offset, end) of content: keeps track of it, and starts read-ahead where it is due. has_waited: some
 * of it was not in memory. Without waiting for the network.
 */
void read_stream_advance(struct pail_content_stream *stream, struct pail_content *content, uint64_t offset,
                         uint64_t end, bool has_waited);
/* It is about to read all of [offset, end) of content, and nothing beyond. */
void read_stream_expect(struct pail_content_stream *stream, struct pail_content *content, uint64_t offset,
                        uint64_t end);
/* true until the first read. */
bool read_stream_is_new(struct pail_content_stream *stream);

#endif
