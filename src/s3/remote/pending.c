/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A call under way. The request's reference is dropped as the last thing that its end does, the caller's when the caller
 * likes: whoever is last frees. call->call is set by the caller's thread before it has the call in hand, perhaps after
 * the end; nobody else looks at it until both references are gone.
 */
#include "pending.h"

#include <errno.h>

int pail_s3_remote_call_new(struct pail_remote_call **ret_call)
{
        struct pail_remote_call *call = calloc(1, sizeof(*call));

        if (!call)
                return -ENOMEM;
        atomic_init(&call->refs, 2);
        *ret_call = call;
        return 0;
}

void pail_s3_remote_raise_call(struct pail_remote_call *call)
{
        pail_s3_call_raise(call->call);
}

void pail_s3_remote_cancel_call(struct pail_remote_call *call)
{
        pail_s3_call_cancel(call->call);
}

void pail_s3_remote_unref_call(struct pail_remote_call *call)
{
        if (!call || atomic_fetch_sub(&call->refs, 1) > 1)
                return;
        pail_s3_call_unref(call->call);
        free(call);
}
