/* SPDX-License-Identifier: Apache-2.0 */
/* Fetches: each on a thread of its own, its bytes in pieces. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pail/util/str.h"
#include "private.h"

void memory_raise_call(struct pail_remote_call *call)
{
        PAIL_SIM_CHECK(call->references > 0);
}

void memory_cancel_call(struct pail_remote_call *call)
{
        PAIL_SIM_CHECK(call->references > 0);
        call->is_cancelled = true;
}

void memory_unref_call(struct pail_remote_call *call)
{
        if (!call || --call->references > 0)
                return;
        free(call->key);
        free(call->if_match);
        free(call->bytes);
        free(call);
}

static int find_version(struct pail_remote_call *call, struct store_version **ret_version,
                        struct pail_remote_error *error)
{
        struct store_version *version = store_current(call->remote->store, call->key);

        if (!version)
                return memory_absent(error);
        if (call->if_match && !pail_str_equal(call->if_match, version->etag))
                return memory_fail(-ESTALE, PAIL_REMOTE_REPLACED, "the object is another version", error);
        if (call->offset > version->size_bytes)
                return memory_fail(-ERANGE, PAIL_REMOTE_REPLACED, "the object ends before", error);
        *ret_version = version;
        return 0;
}

static int deliver(struct pail_remote_call *call, const struct store_version *version, struct pail_remote_error *error)
{
        const char *from = version->bytes + call->offset;
        uint64_t left = version->size_bytes - call->offset;
        struct pail_remote_object object;
        int r;

        if (call->size_bytes && call->size_bytes < left)
                left = call->size_bytes;
        memory_describe(version, &object);
        r = call->sink->begin(call->context, &object, false);
        pail_remote_object_done(&object);
        while (r == 0 && left > 0) {
                uint64_t n = 1 + pail_sim_choose(call->remote->sim, left > 4096 ? 4096 : (uint32_t)left);

                n = n > left ? left : n;
                pail_sim_yield();
                if (call->is_cancelled)
                        return memory_fail(-EINTR, PAIL_REMOTE_LOCAL, "cancelled", error);
                r = call->sink->deliver(call->context, from, n);
                from += n;
                left -= n;
        }
        return r < 0 ? memory_fail(r, PAIL_REMOTE_LOCAL, "the sink says no", error) : 0;
}

static void serve_fetch(void *context)
{
        struct pail_remote_call *call = context;
        struct pail_remote_error error = { .cause = PAIL_REMOTE_UNKNOWN };
        struct store_version *version = NULL;
        int r = memory_go(call->remote, MEMORY_GET, false, &error);

        if (r == 0 && call->is_cancelled)
                r = memory_fail(-EINTR, PAIL_REMOTE_LOCAL, "cancelled", &error);
        if (r == 0)
                r = find_version(call, &version, &error);
        if (version)
                r = deliver(call, version, &error);
        call->sink->done(call->context, r, r < 0 ? &error : NULL);
        memory_unref_call(call);
}

int memory_fetch(struct pail_remote *base, const struct pail_remote_range *range, const struct pail_remote_sink *sink,
                 void *context, struct pail_remote_call **ret_call, struct pail_remote_error *ret_error)
{
        struct memory_remote *remote = memory_of(base);
        struct pail_remote_call *call = calloc(1, sizeof(*call));

        (void)ret_error;
        PAIL_SIM_CHECK(call);
        *call = (struct pail_remote_call){ .references = 2,
                                           .remote = remote,
                                           .key = memory_copy_text(range->key),
                                           .if_match = memory_copy_text(range->if_match),
                                           .offset = range->offset,
                                           .size_bytes = range->size_bytes,
                                           .sink = sink,
                                           .context = context };
        *ret_call = call;
        PAIL_SIM_CHECK(pail_workpool_submit(remote->servers, serve_fetch, call) == 0);
        return 0;
}
