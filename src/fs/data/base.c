/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file is all base as long as nothing was written or cut off; then a read needs the base alone. The other way, one list of layers for
 * all files, would cost each read of an unchanged file a walk through what writers need.
 */
#include "base.h"

void pail_base_init(struct pail_base *base)
{
        *base = (struct pail_base){ .guarded.is_all = true };
        pail_mutex_init(&base->guarded.mutex);
}

void pail_base_done(struct pail_base *base)
{
        pail_object_data_unref(base->guarded.data);
        pail_mutex_done(&base->guarded.mutex);
}

/* What is to be read, cut at the end of the file; *ret_data: a reference, NULL when there is nothing to read. false: look elsewhere. */
static bool find_data(struct pail_base *base, uint64_t offset, size_t *size, struct pail_object_data **ret_data)
{
        PAIL_LOCK(&base->guarded.mutex);
        if (!base->guarded.is_all || base->guarded.data_bytes != base->guarded.size_bytes)
                return false;
        if (offset >= base->guarded.size_bytes)
                *size = 0;
        else if (*size > base->guarded.size_bytes - offset)
                *size = base->guarded.size_bytes - offset;
        *ret_data = *size ? pail_object_data_ref(base->guarded.data) : NULL;
        return true;
}

bool pail_base_read(struct pail_base *base, struct pail_read_stream *stream, uint64_t offset, size_t size,
                    struct pail_content_result *ret_result, int *ret_r)
{
        struct pail_object_data *data;

        if (!find_data(base, offset, &size, &data))
                return false;
        if (!data) {
                *ret_result = (struct pail_content_result){ 0 };
                *ret_r = 0;
                return true;
        }
        *ret_r = pail_read(data, stream, offset, size, ret_result);
        pail_object_data_unref(data);
        return true;
}
