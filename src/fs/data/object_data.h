/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Object data: the bytes of one version of one object, fetched by parallel ranged GETs into a shared pool of 128 KiB blocks
 * (how they are read: read.h). Rules: docs/architecture.md, "Reading". Thread safe, reference counted.
 */
#ifndef PAIL_FS_DATA_OBJECT_DATA_H
#define PAIL_FS_DATA_OBJECT_DATA_H

#include <stdatomic.h>
#include <stdint.h>

#include "get.h"
#include "pail/cache/blocks.h"

struct pail_object_data {
        struct pail_get_origin origin;
        struct pail_blocks *blocks;
        atomic_uint refs;
};

/* etag and size name the version; every GET is conditioned on it. No request is sent. remote: a reference is taken. */
int pail_object_data_new(struct pail_data_engine *engine, struct pail_remote *remote, const char *key, const char *etag,
                         uint64_t size_bytes, struct pail_object_data **ret_data);
struct pail_object_data *pail_object_data_ref(struct pail_object_data *data);
/* The last one cancels what is under way and gives the blocks back. */
void pail_object_data_unref(struct pail_object_data *data);

/*
 * The same bytes now live under another key or ETag (our own rename or metadata copy): readers go on, new GETs go
 * there. -ENOMEM.
 */
int pail_object_data_rebase(struct pail_object_data *data, const char *key, const char *etag);
/*
 * Around a copy of ours of the object onto itself or to another key, with the rebase (and the deletion of the old key)
 * in between: a GET that finds the object replaced or gone meanwhile waits for the end, and then goes on at the new
 * location, if there is one, or fails with ESTALE. Nests. The end may start requests: call it without locks.
 */
void pail_object_data_move_begin(struct pail_object_data *data);
void pail_object_data_move_end(struct pail_object_data *data);
uint64_t pail_object_data_size(const struct pail_object_data *data);

#endif
