/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A thread of the engine, with a curl multi handle of its own. It gets its work from its owner, and reports to it, through
 * a struct of functions: it knows nothing of the engine that it belongs to.
 */
#ifndef HTTP_THREAD_H
#define HTTP_THREAD_H

#include <curl/curl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "pail/http/request.h"
#include "pail/util/error.h"
#include "pail/util/thread.h"
#include "transfer.h"

struct pail_http_thread;

/* What a thread finds when it looks. Both lists are the thread's then. */
struct pail_http_mail {
        struct pail_http_request *posted;
        struct pail_http_request *ended;
        bool has_cancels;
        bool is_stopping;
        bool is_empty;
        int64_t next_ms; /* when to look again at the latest */
};

/* Called by the thread itself, without a lock held. */
struct pail_http_thread_owner {
        /* Gives out what is new for the thread, and notes that it sleeps when there is nothing. */
        void (*fetch_mail)(void *context, struct pail_http_thread *thread, struct pail_http_mail *ret_mail);
        /* The request has its result: frees its connection for the next one, then calls done. */
        void (*finish)(void *context, struct pail_http_thread *thread, struct pail_http_request *request,
                       const struct pail_http_account *account);
        /* The same for one from mail.ended. */
        void (*finish_ended)(void *context, struct pail_http_request *request);
};

struct pail_http_thread {
        const struct pail_http_thread_owner *owner;
        void *owner_context;
        unsigned index;
        unsigned share; /* of max_connections */
        struct pail_thread *handle;
        _Atomic(struct pail_thread *) self; /* set by itself: callbacks run there before handle is known */
        int wake_fd;                        /* eventfd, written by others while the thread sleeps */
        struct pail_http_transfer_group group;

        /* Guarded by the owner's lock. */
        struct {
                struct pail_http_request *posted; /* to be started here */
                unsigned active;                  /* posted and running */
                bool is_awake;                    /* will look at its mail without being woken */
                bool has_cancels;                 /* one of the running requests is to be cancelled */
        } mail;

        /* Touched by the thread alone. */
        struct {
                CURLM *multi;
                struct pail_http_transfer *active; /* lists */
                struct pail_http_transfer *spare;
                int64_t idle_since_ms; /* when the last one ended */
        } own;
};

/* owner, owner_context, index, share, group.config and mail are set. SYSTEM. */
int pail_http_thread_start(struct pail_http_thread *thread, struct pail_error *ret_error);
/* Waits for the thread to see in its mail that it is to stop. */
void pail_http_thread_join(struct pail_http_thread *thread);
/* After join. Closes the thread's connections. */
void pail_http_thread_done(struct pail_http_thread *thread);
/* Interrupts the sleep of the thread. */
void pail_http_thread_wake(struct pail_http_thread *thread);

#endif
