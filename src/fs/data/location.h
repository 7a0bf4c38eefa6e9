/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the bytes of a version are: the key and ETag under which they can be fetched. Shared by an object data and its GETs, which may
 * outlive it. Thread safe.
 */
#ifndef PAIL_FS_DATA_LOCATION_H
#define PAIL_FS_DATA_LOCATION_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "pail/remote/remote.h"
#include "pail/util/mutex.h"

/* A GET that waits for the end of a move. */
struct pail_location_waiter {
        void (*resume)(struct pail_location_waiter *waiter); /* called without locks */
        bool is_waiting;
        struct pail_location_waiter *prev, *next;
};

/*
 * A move changes key and ETag and counts generation up, so that a GET that failed because the object is gone from the old key
 * knows that it can go on at the new one.
 */
struct pail_location {
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
                struct pail_location_waiter *waiters;
        } guarded;
};
int pail_location_new(struct pail_remote *remote, const char *key, const char *etag, uint64_t size_bytes,
                      struct pail_location **ret_location);
struct pail_location *pail_location_ref(struct pail_location *location);
void pail_location_unref(struct pail_location *location);
int pail_location_move(struct pail_location *location, const char *key, const char *etag);
void pail_location_move_begin(struct pail_location *location);
/* The last end resumes who waits. */
void pail_location_move_end(struct pail_location *location);
/* false: no move is under way, or the location has another generation already. */
bool pail_location_add_waiter(struct pail_location *location, unsigned generation, struct pail_location_waiter *waiter);
/* true: it waited, and will not be resumed any more. */
bool pail_location_remove_waiter(struct pail_location *location, struct pail_location_waiter *waiter);

#endif
