/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A thread of the engine. It alone touches its curl handles. Each round it takes its mail (one lock), starts and ends
 * what the mail says, lets curl work, reports what is complete, ends what took too long, and sleeps in
 * curl_multi_poll() until a socket, a timer or a letter wakes it. Letters are announced through an eventfd, written
 * only while the thread is not awake, so that a busy engine makes no such calls.
 *
 * Rejected: the socket-action interface with epoll. It saves a poll() per running transfer and round, but costs two
 * epoll_ctl() per request, as curl forgets a socket between two requests; with a few dozen connections a thread, that
 * is no gain.
 *
 * An idle thread has no timer, but for one: idle_ms after its last transfer it closes its kept connections, which
 * S3 would close soon after, and frees its spare handles.
 */
#include "thread.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <utlist.h>

#include "callbacks.h"
#include "failure.h"
#include "pail/util/cleanup.h"
#include "pail/util/clock.h"
#include "pail/util/math.h"

static int make_multi(struct pail_http_thread *thread, CURLM **ret_multi)
{
        CURLM *multi = curl_multi_init();
        if (!multi)
                return -ENOMEM;
        curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)thread->share);
        curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)thread->share);
        *ret_multi = multi;
        return 0;
}

static void free_spare(struct pail_http_thread *thread)
{
        struct pail_http_transfer *transfer, *next;
        DL_FOREACH_SAFE(thread->own.spare, transfer, next) {
                DL_DELETE(thread->own.spare, transfer);
                pail_http_transfer_free(transfer);
        }
}

/* Closes the kept connections: curl has no other call for it than to end the multi handle. */
static void close_idle(struct pail_http_thread *thread)
{
        CURLM *fresh;
        thread->own.idle_since_ms = pail_clock_monotonic_ms();
        if (make_multi(thread, &fresh) < 0)
                return; /* another time */
        free_spare(thread);
        curl_multi_cleanup(thread->own.multi);
        thread->own.multi = fresh;
}

/* Gives the transfer's request back; the handle is out of the multi. */
static void end_transfer(struct pail_http_thread *thread, struct pail_http_transfer *transfer, CURLcode code)
{
        struct pail_http_request *request = transfer->request;
        struct pail_http_account account;
        pail_http_transfer_end(transfer, code, &account);
        DL_DELETE(thread->own.active, transfer);
        /* A handle that failed may still hold its buffer (curl frees it with the connection): not worth keeping. */
        if (request->error.class == PAIL_ERROR_NONE)
                DL_PREPEND(thread->own.spare, transfer);
        else
                pail_http_transfer_free(transfer);
        thread->own.idle_since_ms = pail_clock_monotonic_ms();
        thread->owner->finish(thread->owner_context, thread, request, &account);
}

/* Ends a transfer that is under way; its error is set. */
static void abort_transfer(struct pail_http_thread *thread, struct pail_http_transfer *transfer)
{
        curl_multi_remove_handle(thread->own.multi, transfer->easy);
        end_transfer(thread, transfer, CURLE_OK);
}

static struct pail_http_transfer *new_transfer(struct pail_http_thread *thread)
{
        struct pail_http_transfer *transfer = pail_http_transfer_new(&thread->group);
        if (transfer && pail_http_callbacks_install(transfer)) {
                pail_http_transfer_free(transfer);
                return NULL;
        }
        return transfer;
}

static struct pail_http_transfer *get_transfer(struct pail_http_thread *thread)
{
        struct pail_http_transfer *transfer = thread->own.spare;
        if (!transfer)
                return new_transfer(thread);
        DL_DELETE(thread->own.spare, transfer);
        return transfer;
}

static int start_transfer(struct pail_http_thread *thread, struct pail_http_request *request)
{
        struct pail_http_transfer *transfer = get_transfer(thread);
        if (!transfer)
                return pail_error_set_errno(&request->error, ENOMEM, "cannot set up an HTTP request");
        int r = pail_http_transfer_begin(transfer, request, &request->error);
        if (r < 0) {
                pail_http_transfer_free(transfer);
                return r;
        }
        DL_APPEND(thread->own.active, transfer);
        if (curl_multi_add_handle(thread->own.multi, transfer->easy)) {
                pail_error_set_errno(&request->error, ENOMEM, "cannot start an HTTP request");
                end_transfer(thread, transfer, CURLE_OK);
                return 0;
        }
        thread->group.next_expiry_ms = pail_min(thread->group.next_expiry_ms, pail_http_transfer_expiry_ms(transfer));
        return 0;
}

static void start_posted(struct pail_http_thread *thread, struct pail_http_request *posted)
{
        struct pail_http_request *request, *next;
        DL_FOREACH_SAFE2(posted, request, next, link.next)
        {
                int r = 0;
                if (atomic_load_explicit(&request->link.is_cancelled, memory_order_relaxed)) {
                        pail_http_failure_set_cancelled(request);
                        r = -ECANCELED;
                } else {
                        r = start_transfer(thread, request);
                }
                if (r < 0)
                        thread->owner->finish(thread->owner_context, thread, request, &(struct pail_http_account){ 0 });
        }
}

static void finish_ended(struct pail_http_thread *thread, struct pail_http_request *ended)
{
        struct pail_http_request *request, *next;
        DL_FOREACH_SAFE2(ended, request, next, link.next)
        thread->owner->finish_ended(thread->owner_context, request);
}

static void cancel_marked(struct pail_http_thread *thread)
{
        struct pail_http_transfer *transfer, *next;
        DL_FOREACH_SAFE(thread->own.active, transfer, next) {
                if (!atomic_load_explicit(&transfer->request->link.is_cancelled, memory_order_relaxed))
                        continue;
                pail_http_failure_set_cancelled(transfer->request);
                abort_transfer(thread, transfer);
        }
}

static void cancel_all(struct pail_http_thread *thread)
{
        struct pail_http_transfer *transfer;
        while ((transfer = thread->own.active)) {
                pail_http_failure_set_cancelled(transfer->request);
                abort_transfer(thread, transfer);
        }
}

static void end_expired(struct pail_http_thread *thread)
{
        int64_t now_ms = pail_clock_monotonic_ms();
        if (thread->group.next_expiry_ms > now_ms)
                return;
        int64_t next_ms = INT64_MAX;
        struct pail_http_transfer *transfer, *next;
        DL_FOREACH_SAFE(thread->own.active, transfer, next) {
                int64_t expiry_ms = pail_http_transfer_expiry_ms(transfer);
                if (expiry_ms > now_ms) {
                        next_ms = pail_min(next_ms, expiry_ms);
                        continue;
                }
                pail_http_transfer_set_expired(transfer, now_ms);
                abort_transfer(thread, transfer);
        }
        thread->group.next_expiry_ms = next_ms;
}

static void read_messages(struct pail_http_thread *thread)
{
        CURLMsg *message;
        int left;
        while ((message = curl_multi_info_read(thread->own.multi, &left))) {
                CURL *easy = message->easy_handle;
                CURLcode code = message->data.result;
                char *private = NULL;
                if (message->msg != CURLMSG_DONE || curl_easy_getinfo(easy, CURLINFO_PRIVATE, &private) || !private)
                        continue;
                curl_multi_remove_handle(thread->own.multi, easy);
                end_transfer(thread, (struct pail_http_transfer *)(void *)private, code);
        }
}

static void perform_transfers(struct pail_http_thread *thread)
{
        int running;
        curl_multi_perform(thread->own.multi, &running);
        read_messages(thread);
        end_expired(thread);
}

static bool has_idle_connections(const struct pail_http_thread *thread)
{
        return !thread->own.active && atomic_load_explicit(&thread->group.sockets, memory_order_relaxed) > 0;
}

static void sleep_until_woken(struct pail_http_thread *thread, int64_t until_ms)
{
        until_ms = pail_min(until_ms, thread->group.next_expiry_ms);
        int64_t idle_end_ms = thread->own.idle_since_ms + thread->group.config->idle_ms;
        if (has_idle_connections(thread))
                until_ms = pail_min(until_ms, idle_end_ms);
        int64_t wait_ms = INT_MAX;
        if (until_ms < INT64_MAX)
                wait_ms = until_ms - pail_clock_monotonic_ms();
        wait_ms = pail_max(pail_min(wait_ms, (int64_t)INT_MAX), (int64_t)0);

        struct curl_waitfd wake = { .fd = thread->wake_fd, .events = CURL_WAIT_POLLIN };
        curl_multi_poll(thread->own.multi, &wake, 1, (int)wait_ms, NULL);
        eventfd_t value;
        if (wake.revents)
                eventfd_read(thread->wake_fd, &value);
        if (has_idle_connections(thread) && pail_clock_monotonic_ms() >= idle_end_ms)
                close_idle(thread);
}

static void run_thread(void *argument)
{
        struct pail_http_thread *thread = argument;
        atomic_store_explicit(&thread->self, pail_thread_self(), memory_order_relaxed);
        for (;;) {
                struct pail_http_mail mail;
                thread->owner->fetch_mail(thread->owner_context, thread, &mail);
                finish_ended(thread, mail.ended);
                start_posted(thread, mail.posted);
                if (mail.has_cancels)
                        cancel_marked(thread);
                if (mail.is_stopping)
                        cancel_all(thread);
                if (mail.is_stopping && mail.is_empty)
                        return;
                if (mail.is_empty)
                        sleep_until_woken(thread, mail.next_ms);
                perform_transfers(thread);
        }
}

void pail_http_thread_done(struct pail_http_thread *thread)
{
        free_spare(thread);
        curl_multi_cleanup(pail_steal(&thread->own.multi));
        curl_share_cleanup(pail_steal(&thread->group.sessions));
        if (thread->wake_fd >= 0)
                close(pail_steal_fd(&thread->wake_fd));
}

int pail_http_thread_start(struct pail_http_thread *thread, struct pail_error *ret_error)
{
        thread->group.next_expiry_ms = INT64_MAX;
        thread->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        int r = thread->wake_fd < 0 ? -errno : make_multi(thread, &thread->own.multi);
        if (r >= 0) {
                thread->group.sessions = curl_share_init();
                if (!thread->group.sessions ||
                    curl_share_setopt(thread->group.sessions, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION))
                        r = -ENOMEM;
        }
        if (r >= 0)
                /* Its signals are blocked: SIGPIPE above all, which OpenSSL's writes would raise and curl does not stop for us. */
                r = pail_thread_start("pail-http", run_thread, thread, &thread->handle);
        if (r >= 0)
                return 0;
        pail_http_thread_done(thread);
        return pail_error_set_errno(ret_error, -r, "cannot start a thread of the HTTP engine");
}

void pail_http_thread_join(struct pail_http_thread *thread)
{
        pail_thread_join(pail_steal(&thread->handle));
}

void pail_http_thread_wake(struct pail_http_thread *thread)
{
        /* Fails only when the counter is full, and then the thread is awake. */
        eventfd_write(thread->wake_fd, 1);
}
