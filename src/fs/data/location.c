/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "fs/data/private.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"

int read_place_new(struct pail_remote *remote, const char *key, const char *etag, uint64_t size_bytes,
                   struct read_place **ret_place)
{
        _cleanup_free_ struct read_place *place = calloc(1, sizeof *place);
        int r;

        if (!place)
                return -ENOMEM;
        if (strlen(etag) >= sizeof place->guarded.etag)
                return -EINVAL;
        r = pail_str_dup(key, &place->guarded.key);
        if (r < 0)
                return r;
        pail_str_copy(place->guarded.etag, sizeof place->guarded.etag, etag);
        place->remote = remote->ops->ref(remote);
        place->size_bytes = size_bytes;
        atomic_init(&place->refs, 1);
        pail_mutex_init(&place->guarded.mutex);
        *ret_place = pail_steal(&place);
        return 0;
}

struct read_place *read_place_ref(struct read_place *place)
{
        atomic_fetch_add(&place->refs, 1);
        return place;
}

void read_place_unref(struct read_place *place)
{
        if (!place || atomic_fetch_sub(&place->refs, 1) > 1)
                return;
        pail_mutex_done(&place->guarded.mutex);
        free(place->guarded.key);
        place->remote->ops->unref(place->remote);
        free(place);
}

int read_place_move(struct read_place *place, const char *key, const char *etag)
{
        _cleanup_free_ char *copy = NULL;
        int r;

        if (strlen(etag) >= sizeof place->guarded.etag)
                return -EINVAL;
        r = pail_str_dup(key, &copy);
        if (r < 0)
                return r;
        PAIL_LOCK(&place->guarded.mutex);
        free(place->guarded.key);
        place->guarded.key = pail_steal(&copy);
        pail_str_copy(place->guarded.etag, sizeof place->guarded.etag, etag);
        place->guarded.generation++;
        return 0;
}

void read_place_move_begin(struct read_place *place)
{
        PAIL_LOCK(&place->guarded.mutex);
        place->guarded.moves++;
}

void read_place_move_end(struct read_place *place)
{
        struct read_parked *parked = NULL, *resumed, *next;

        pail_mutex_lock(&place->guarded.mutex);
        if (--place->guarded.moves == 0)
                parked = pail_steal(&place->guarded.parked);
        DL_FOREACH(parked, resumed)
                resumed->is_parked = false;
        pail_mutex_unlock(&place->guarded.mutex);
        DL_FOREACH_SAFE(parked, resumed, next)
                resumed->resume(resumed);
}

bool read_place_park(struct read_place *place, unsigned generation, struct read_parked *parked)
{
        PAIL_LOCK(&place->guarded.mutex);
        if (place->guarded.moves == 0 || place->guarded.generation != generation)
                return false;
        DL_APPEND(place->guarded.parked, parked);
        parked->is_parked = true;
        return true;
}

bool read_place_unpark(struct read_place *place, struct read_parked *parked)
{
        PAIL_LOCK(&place->guarded.mutex);
        if (!parked->is_parked)
                return false;
        DL_DELETE(place->guarded.parked, parked);
        parked->is_parked = false;
        return true;
}
