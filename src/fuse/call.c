/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interrupts: the waiting thread looks at its token about every 50 ms (pail/util/interrupt.h), and the token asks
 * libfuse whether the kernel has sent INTERRUPT. Registering a callback instead would run on another thread
 * and would have to be taken back under libfuse's locks before each reply, the fast ones included.
 *
 * A fatal signal ends the wait at once; any other only after INTERRUPT_PATIENCE_MS, and only while one that the program
 * handles is still pending: another thread may have taken it, and a stopped job goes on where it was. Should every reader of
 * the device be busy, so that INTERRUPT is not heard, a long wait asks /proc by itself now and then.
 */
#include "call.h"

#include <errno.h>

#include "pail/util/clock.h"
#include "signals.h"

enum {
        INTERRUPT_PATIENCE_MS = 2000,
        EXIT_PATIENCE_MS = 2000,
        UNASKED_PROBE_MS = 500,
};

/* The session ends: what waits for the network now waits for a program that will not hear the answer. */
static bool is_session_over(struct pail_call *call, int64_t now_ms)
{
        if (!fuse_session_exited(call->driver->session))
                return false;
        if (call->exited_ms == 0)
                call->exited_ms = now_ms;
        return now_ms - call->exited_ms >= EXIT_PATIENCE_MS;
}

static bool is_interrupted(void *context)
{
        struct pail_call *call = context;
        int64_t now_ms = pail_clock_monotonic_ms();
        if (call->first_look_ms == 0) {
                call->first_look_ms = now_ms;
                call->next_probe_ms = now_ms + UNASKED_PROBE_MS;
        }
        if (is_session_over(call, now_ms))
                return true;
        if (call->interrupted_ms == 0 && fuse_req_interrupted(call->req))
                call->interrupted_ms = now_ms;
        if (call->interrupted_ms == 0 && now_ms < call->next_probe_ms)
                return false;
        call->next_probe_ms = now_ms + UNASKED_PROBE_MS;

        enum pail_signals signals = pail_signals_of_thread(call->caller.pid);
        if (signals == PAIL_SIGNALS_FATAL)
                return true;
        return call->interrupted_ms != 0 && now_ms - call->interrupted_ms >= INTERRUPT_PATIENCE_MS &&
               signals != PAIL_SIGNALS_NONE;
}

void pail_call_begin_detached(struct pail_call *call, fuse_req_t req)
{
        const struct fuse_ctx *context = fuse_req_ctx(req);
        struct pail_driver *driver = fuse_req_userdata(req);
        *call = (struct pail_call){
                .req = req,
                .driver = driver,
                .fs = driver->fs,
                .caller = { .uid = context->uid, .gid = context->gid, .pid = context->pid, .umask = context->umask },
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

fuse_req_t pail_call_take(struct pail_call *call)
{
        pail_call_end(call);
        return pail_steal(&call->req);
}

void pail_call_reply(struct pail_call *call, int result)
{
        /* ENOSYS has a meaning of its own in this protocol: the kernel never asks again. */
        fuse_reply_err(pail_call_take(call), result == -ENOSYS ? EOPNOTSUPP : -result);
}

static double seconds(int64_t ms)
{
        return ms > 0 ? (double)ms / 1000.0 : 0.0;
}

void pail_call_fill_entry(const struct pail_fs_entry *entry, struct fuse_entry_param *ret_param)
{
        *ret_param = (struct fuse_entry_param){
                .ino = entry->node_id,
                .attr = entry->attributes,
                .attr_timeout = seconds(entry->attributes_ttl_ms),
                .entry_timeout = seconds(entry->entry_ttl_ms),
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
        if (fuse_reply_entry(pail_call_take(call), &param) != 0 && entry->node_id != 0)
                pail_fs_forget(call->fs, entry->node_id, 1);
}

void pail_call_reply_attributes(struct pail_call *call, const struct stat *attributes, int64_t ttl_ms)
{
        fuse_reply_attr(pail_call_take(call), attributes, seconds(ttl_ms));
}
