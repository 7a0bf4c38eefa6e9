/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interrupts: the waiting thread looks at its token about every 50 ms (pail/util/interrupt.h), and the token asks
 * libfuse whether the kernel has sent INTERRUPT. Registering a callback instead would run on another thread
 * and would have to be taken back under libfuse's locks before each reply, the fast ones included.
 *
 * A fatal signal ends the wait at once; one that the program handles ends it after it was pending for PATIENCE_MS;
 * what is ignored, blocked or job control never does: a stopped job goes on where it was. Which it is stands in /proc.
 *
 * INTERRUPT is not all there is. Reads through the page cache are sent on behalf of nobody, and the kernel neither
 * interrupts them nor ends them when their reader was killed; and when every reader of the device is busy no INTERRUPT is heard. So
 * a long wait also looks at /proc by itself, every LOOK_MS.
 */
#include "call.h"

#include <errno.h>

#include "pail/util/clock.h"
#include "signals.h"

enum {
        PATIENCE_MS = 2000,
        LOOK_MS = 500,
};

/* The session ends: what waits for the network now waits for a program that will not hear the answer. */
static bool is_session_over(struct pail_call *call, int64_t now_ms)
{
        if (!fuse_session_exited(call->session))
                return false;
        if (call->exited_ms == 0)
                call->exited_ms = now_ms;
        return now_ms - call->exited_ms >= PATIENCE_MS;
}

/* Looks at the signals of the thread that asked. */
static bool is_asker_leaving(struct pail_call *call, int64_t now_ms)
{
        enum pail_signals signals = pail_signals_of_thread(call->caller.pid);
        switch (signals) {
        case PAIL_SIGNALS_FATAL:
                return true;
        case PAIL_SIGNALS_GONE:
                return call->may_be_abandoned;
        case PAIL_SIGNALS_CAUGHT:
                break;
        case PAIL_SIGNALS_UNKNOWN:
                if (call->is_interrupted)
                        break;
                /* fall through */
        case PAIL_SIGNALS_NONE:
                call->pending_ms = 0;
                return false;
        }
        if (call->pending_ms == 0)
                call->pending_ms = now_ms;
        return now_ms - call->pending_ms >= PATIENCE_MS;
}

static bool is_interrupted(void *context)
{
        struct pail_call *call = context;
        int64_t now_ms = pail_clock_monotonic_ms();
        if (is_session_over(call, now_ms))
                return true;
        if (call->next_look_ms == 0)
                call->next_look_ms = now_ms + LOOK_MS;
        if (!call->is_interrupted && fuse_req_interrupted(call->req)) {
                call->is_interrupted = true;
                call->next_look_ms = now_ms;
        }
        if (now_ms < call->next_look_ms)
                return false;
        call->next_look_ms = now_ms + (call->is_interrupted ? LOOK_MS / 5 : LOOK_MS);
        return is_asker_leaving(call, now_ms);
}

void pail_call_begin_detached(struct pail_call *call, fuse_req_t req)
{
        const struct fuse_ctx *asker = fuse_req_ctx(req);
        const struct pail_fuse_context *context = fuse_req_userdata(req);
        *call = (struct pail_call){
                .req = req,
                .session = context->session,
                .mount = context->mount,
                .caller = { .uid = asker->uid, .gid = asker->gid, .pid = asker->pid, .umask = asker->umask },
        };
}

void pail_call_begin(struct pail_call *call, fuse_req_t req)
{
        pail_call_begin_detached(call, req);
        call->interrupt = (struct pail_interrupt){ .is_set = is_interrupted, .context = call };
        call->is_armed = true;
        pail_interrupt_install(&call->interrupt);
}

void pail_call_end(struct pail_call *call)
{
        if (call->is_armed)
                pail_interrupt_install(NULL);
        call->is_armed = false;
}

fuse_req_t pail_call_steal_request(struct pail_call *call)
{
        pail_call_end(call);
        return pail_steal(&call->req);
}

void pail_call_reply(struct pail_call *call, int r)
{
        /* ENOSYS has a meaning of its own in this protocol: the kernel never asks again. */
        fuse_reply_err(pail_call_steal_request(call), r == -ENOSYS ? EOPNOTSUPP : -r);
}

static double to_seconds(int64_t ms)
{
        return ms > 0 ? (double)ms / 1000.0 : 0.0;
}

void pail_call_fill_entry(const struct pail_fs_entry *entry, struct fuse_entry_param *ret_param)
{
        *ret_param = (struct fuse_entry_param){
                .ino = entry->node_id,
                .attr = entry->attributes,
                .attr_timeout = to_seconds(entry->attributes_ttl_ms),
                .entry_timeout = to_seconds(entry->entry_ttl_ms),
        };
}

void pail_call_reply_entry(struct pail_call *call, const struct pail_fs_entry *entry)
{
        if (entry->node_id == 0 && entry->entry_ttl_ms <= 0) {
                pail_call_reply(call, -ENOENT);
                return;
        }
        struct fuse_entry_param param;
        pail_call_fill_entry(entry, &param);
        if (fuse_reply_entry(pail_call_steal_request(call), &param) != 0 && entry->node_id != 0)
                pail_mount_forget(call->mount, entry->node_id, 1);
}

void pail_call_reply_attributes(struct pail_call *call, const struct stat *attributes, int64_t ttl_ms)
{
        fuse_reply_attr(pail_call_steal_request(call), attributes, to_seconds(ttl_ms));
}
