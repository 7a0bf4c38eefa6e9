/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The read engine: the bytes of one version of one object (its content), fetched by parallel ranged GETs into a shared
 * pool of 128 KiB blocks, ahead of a sequential reader. Rules: docs/architecture.md, "Reading".
 *
 * Thread safe. A content is reference counted; a stream belongs to one open handle and may be used by several threads.
 */
#ifndef PAIL_FS_CONTENT_H
#define PAIL_FS_CONTENT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "pail/remote/remote.h"

struct pail_content_engine; /* of one mount: the pool and the read-ahead's budget */
struct pail_content;
struct pail_content_stream; /* what is known of one reader's habits */

struct pail_content_engine_options {
        uint64_t memory_limit_bytes;  /* hard limit of the pool */
        unsigned max_parts_in_flight; /* over all streams; 0: 16 */
        uint64_t outside_bytes;       /* buffers of curl and FUSE: they count against the limit too */
};
/* -EINVAL: less than 4 MiB are left for the pool. -ENOMEM. */
int pail_content_engine_new(const struct pail_content_engine_options *options, struct pail_content_engine **ret_engine);
/* Every content, stream and result is gone by now. Waits for requests under way. NULL is fine. */
void pail_content_engine_free(struct pail_content_engine *engine);

struct pail_content_counters {
        uint64_t pool_bytes, pool_limit_bytes;
        uint64_t hits, misses, requests, bytes_fetched;
};
void pail_content_engine_counters(struct pail_content_engine *engine, struct pail_content_counters *ret_counters);

/* etag and size name the version; every GET is conditioned on it. No request is sent. remote: a reference is taken. */
int pail_content_new(struct pail_content_engine *engine, struct pail_remote *remote, const char *key, const char *etag,
                     uint64_t size_bytes, struct pail_content **ret_content);
struct pail_content *pail_content_ref(struct pail_content *content);
/* The last one cancels what is under way and gives the blocks back. */
void pail_content_unref(struct pail_content *content);

/*
 * The same bytes now live under another key or ETag (our own rename or metadata copy): readers go on, new GETs go
 * there. -ENOMEM.
 */
int pail_content_rebase(struct pail_content *content, const char *key, const char *etag);
/*
 * Around a copy of ours of the object onto itself or to another key, with the rebase (and the deletion of the old key)
 * in between: a GET that finds the object replaced or gone meanwhile waits for the end, and then goes on at the new
 * place, if there is one, or fails with ESTALE. Nests. The end may start requests: call it without locks.
 */
void pail_content_move_begin(struct pail_content *content);
void pail_content_move_end(struct pail_content *content);
uint64_t pail_content_size(const struct pail_content *content);

/* A stream keeps a reference on the content that it was last used with. */
int pail_content_stream_new(struct pail_content_stream **ret_stream);
/* Read-ahead under way for it is left to finish, where others wait for it, or cancelled. */
void pail_content_stream_free(struct pail_content_stream *stream);

/* Bytes lent by the pool, pinned until done. */
enum { PAIL_CONTENT_IOV_MAX = 16 };
struct pail_content_result {
        struct iovec iov[PAIL_CONTENT_IOV_MAX];
        unsigned count;
        size_t size_bytes;
        void *owner; /* the read engine's own; or heap memory for results of other origin */
        void (*release)(struct pail_content_result *result); /* NULL: nothing to release */
};
void pail_content_result_done(struct pail_content_result *result);

/*
 * Reads [offset, offset + size) cut at the end of the content, size <= 1 MiB: waits, interruptibly, until it is in
 * memory. stream may be NULL (no read-ahead). -ESTALE: the object was replaced or is gone; -EINTR; else the errno of
 * the failure.
 */
int pail_content_read(struct pail_content *content, struct pail_content_stream *stream, uint64_t offset, size_t size,
                      struct pail_content_result *ret_result);
/* The same into memory of the caller, any size; -ENODATA when the content ends early. For filling a spool. */
int pail_content_copy(struct pail_content *content, uint64_t offset, size_t size, void *target);

#endif
