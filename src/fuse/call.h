/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One request of the kernel while it is served: who asked, and the token by which waits of the layers below
 * are interrupted. Lives on the stack of the worker thread. Private to the layer.
 */
#ifndef PAIL_FUSE_CALL_H
#define PAIL_FUSE_CALL_H

#include <stdint.h>

#include "context.h"
#include "pail/mount/mount.h"
#include "pail/util/cleanup.h"
#include "pail/util/interrupt.h"

struct pail_call {
        fuse_req_t req; /* NULL once replied to */
        struct fuse_session *session;
        struct pail_mount *mount;
        struct pail_fs_caller caller;
        struct pail_interrupt interrupt;
        bool is_armed;
        bool may_be_abandoned; /* a query whose asker may die without the kernel saying so */
        /* What the token has seen; used by the waiting thread only. Monotonic, 0: not yet. */
        bool is_interrupted; /* the kernel said INTERRUPT */
        int64_t pending_ms, exited_ms,
                next_look_ms; /* since when a signal is pending, the session over; when to look at /proc again */
};

/* Fills the call and installs its token for this thread. */
void pail_call_begin(struct pail_call *call, fuse_req_t req);
/* Removes the token. Every reply does it first, since the request is gone afterwards. Idempotent. */
void pail_call_end(struct pail_call *call);
/* A call that is never interrupted: nobody waits for its end. */
void pail_call_begin_detached(struct pail_call *call, fuse_req_t req);

#define PAIL_CALL(name, req)                                                                                           \
        _cleanup_(pail_call_end) struct pail_call name = { 0 };                                                        \
        pail_call_begin(&name, req)

/* r: 0 or -errno. */
void pail_call_reply(struct pail_call *call, int r);
/* Replies with an entry that counts a lookup; takes the lookup back when the kernel did not take the reply. */
void pail_call_reply_entry(struct pail_call *call, const struct pail_fs_entry *entry);
void pail_call_reply_attributes(struct pail_call *call, const struct stat *attributes, int64_t ttl_ms);
/* Ends the call and gives the request out for another kind of reply. */
fuse_req_t pail_call_steal_request(struct pail_call *call);

void pail_call_fill_entry(const struct pail_fs_entry *entry, struct fuse_entry_param *ret_param);

#endif
