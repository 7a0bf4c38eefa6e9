/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a version can be fetched, and who waits while it moves. A request that finds nothing at the old key cannot know whether somebody else has
 * deleted the object or whether we are in the middle of a rename: so it waits for the end of the move, and compares generations.
 *
 *   at rest --move_begin--> moving (counted) --move: generation + 1--> moving --last move_end--> at rest, waiters resumed
 */
#include "location.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "pail/util/cleanup.h"
#include "pail/util/str.h"

int pail_location_new(struct pail_remote *remote, const char *key, const char *etag, uint64_t size_bytes,
                      struct pail_location **ret_location)
{
        _cleanup_free_ struct pail_location *location = calloc(1, sizeof(*location));
        int r;

        if (!location)
                return -ENOMEM;
        if (strlen(etag) >= sizeof(location->guarded.etag))
                return -EINVAL;
        r = pail_str_dup(key, &location->guarded.key);
        if (r < 0)
                return r;
        pail_str_copy(location->guarded.etag, sizeof(location->guarded.etag), etag);
        location->remote = remote->ops->ref(remote);
        location->size_bytes = size_bytes;
        atomic_init(&location->refs, 1);
        pail_mutex_init(&location->guarded.mutex);
        *ret_location = pail_steal(&location);
        return 0;
}

struct pail_location *pail_location_ref(struct pail_location *location)
{
        atomic_fetch_add(&location->refs, 1);
        return location;
}

void pail_location_unref(struct pail_location *location)
{
        if (!location || atomic_fetch_sub(&location->refs, 1) > 1)
                return;
        pail_mutex_done(&location->guarded.mutex);
        free(location->guarded.key);
        location->remote->ops->unref(location->remote);
        free(location);
}

int pail_location_move(struct pail_location *location, const char *key, const char *etag)
{
        _cleanup_free_ char *copy = NULL;
        int r;

        if (strlen(etag) >= sizeof(location->guarded.etag))
                return -EINVAL;
        r = pail_str_dup(key, &copy);
        if (r < 0)
                return r;
        PAIL_LOCK(&location->guarded.mutex);
        free(location->guarded.key);
        location->guarded.key = pail_steal(&copy);
        pail_str_copy(location->guarded.etag, sizeof(location->guarded.etag), etag);
        location->guarded.generation++;
        return 0;
}

void pail_location_move_begin(struct pail_location *location)
{
        PAIL_LOCK(&location->guarded.mutex);
        location->guarded.moves++;
}

void pail_location_move_end(struct pail_location *location)
{
        struct pail_location_waiter *waiters = NULL, *resumed, *next;

        {
                PAIL_LOCK(&location->guarded.mutex);
                if (--location->guarded.moves == 0)
                        waiters = pail_steal(&location->guarded.waiters);
                DL_FOREACH(waiters, resumed)
                        resumed->is_waiting = false;
        }
        DL_FOREACH_SAFE(waiters, resumed, next)
                resumed->resume(resumed);
}

bool pail_location_add_waiter(struct pail_location *location, unsigned generation, struct pail_location_waiter *waiter)
{
        PAIL_LOCK(&location->guarded.mutex);
        if (location->guarded.moves == 0 || location->guarded.generation != generation)
                return false;
        DL_APPEND(location->guarded.waiters, waiter);
        waiter->is_waiting = true;
        return true;
}

bool pail_location_remove_waiter(struct pail_location *location, struct pail_location_waiter *waiter)
{
        PAIL_LOCK(&location->guarded.mutex);
        if (!waiter->is_waiting)
                return false;
        DL_DELETE(location->guarded.waiters, waiter);
        waiter->is_waiting = false;
        return true;
}
