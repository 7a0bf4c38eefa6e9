/* SPDX-License-Identifier: Apache-2.0 */
/* Object data: blocks of a version in the pool, fetched by GETs (get.c) from where the version is (location.c). */
#include "object_data.h"

#include <errno.h>
#include <stdlib.h>

#include "pail/util/cleanup.h"

PAIL_DEFINE_CLEANUP(struct pail_object_data, pail_object_data_unref);

int pail_object_data_new(struct pail_data_engine *engine, struct pail_remote *remote, const char *key, const char *etag,
                         uint64_t size_bytes, struct pail_object_data **ret_data)
{
        _cleanup_(pail_object_data_unref_p) struct pail_object_data *data = calloc(1, sizeof(*data));
        int r;

        if (!data)
                return -ENOMEM;
        if (size_bytes > INT64_MAX)
                return -EFBIG;
        atomic_init(&data->refs, 1);
        data->origin.engine = engine;
        r = pail_location_new(remote, key, etag, size_bytes, &data->origin.location);
        if (r < 0)
                return r;
        r = pail_blocks_new(engine->pool, size_bytes, &pail_get_source, &data->origin, &data->blocks);
        if (r < 0)
                return r;
        *ret_data = pail_steal(&data);
        return 0;
}

struct pail_object_data *pail_object_data_ref(struct pail_object_data *data)
{
        atomic_fetch_add(&data->refs, 1);
        return data;
}

void pail_object_data_unref(struct pail_object_data *data)
{
        if (!data || atomic_fetch_sub(&data->refs, 1) > 1)
                return;
        pail_blocks_free(data->blocks);
        pail_location_unref(data->origin.location);
        free(data);
}

int pail_object_data_rebase(struct pail_object_data *data, const char *key, const char *etag)
{
        return pail_location_move(data->origin.location, key, etag);
}

void pail_object_data_move_begin(struct pail_object_data *data)
{
        pail_location_move_begin(data->origin.location);
}

void pail_object_data_move_end(struct pail_object_data *data)
{
        pail_location_move_end(data->origin.location);
}

uint64_t pail_object_data_size(const struct pail_object_data *data)
{
        return data->origin.location->size_bytes;
}
