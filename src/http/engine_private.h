/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the engine share: the engine, its threads, and the calls between engine.c and thread.c. */
#ifndef HTTP_ENGINE_PRIVATE_H
#define HTTP_ENGINE_PRIVATE_H

#include <curl/curl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "http/queue.h"
#include "pail/http/engine.h"
#include "pail/util/mutex.h"
#include "pail/util/thread.h"

struct pail_http_transfer;

/* The options with their defaults filled in. Never changes while the engine lives. */
struct pail_http_config {
        int64_t connect_ms;
        int64_t first_byte_ms;
        int64_t stall_ms;
        int64_t idle_ms;
        char *ca_file; /* at most one of the two */
        char *ca_directory;
        char *user_agent;
        bool no_verify_ssl;
};

struct pail_http_thread {
        struct pail_http_engine *engine;
        unsigned index;
        unsigned share; /* of max_connections */
        struct pail_thread *handle;
        _Atomic(struct pail_thread *) self; /* set by itself: callbacks run there before handle is known */
        int wake_fd;                        /* eventfd, written by others while the thread sleeps */
        atomic_uint sockets;                /* open connections, busy or kept */

        /* Guarded by the engine's lock. */
        struct {
                struct pail_http_request *posted; /* to be started here */
                unsigned active;                  /* posted and running */
                bool awake;                       /* will look at its mail without being woken */
                bool cancels;                     /* one of the running requests is to be cancelled */
        } mail;

        /* Touched by the thread alone. */
        struct {
                CURLM *multi;
                CURLSH *sessions;                  /* TLS sessions, for all handles of the thread */
                struct pail_http_transfer *active; /* lists */
                struct pail_http_transfer *spare;
                int64_t next_expiry_ms; /* no running transfer expires earlier */
                int64_t idle_since_ms;  /* when the last one ended */
        } own;
};

struct pail_http_engine {
        struct pail_http_config config;
        unsigned max_connections;
        unsigned max_background;
        unsigned thread_count; /* started */
        struct pail_http_thread *threads;

        struct {
                struct pail_mutex mutex;
                struct pail_http_queue queue;
                struct pail_http_request *ended; /* done is owed to these */
                unsigned active;                 /* posted and running, over all threads */
                unsigned background;             /* of these */
                struct pail_http_stats stats;    /* without active and queued */
                bool stopping;
        } guarded;
};

/* What a thread finds when it looks. Both lists are the thread's then. */
struct pail_http_mail {
        struct pail_http_request *posted;
        struct pail_http_request *ended;
        bool cancels;
        bool stopping;
        bool empty;
        int64_t next_ms; /* when to look again at the latest */
};

/* engine.c, for thread.c */
void pail_http_engine_fetch(struct pail_http_engine *engine, struct pail_http_thread *thread,
                            struct pail_http_mail *ret_mail);
struct pail_http_account {
        uint64_t bytes_sent, bytes_received;
};
/* The request has its result: frees its connection for the next one, then calls done. */
void pail_http_engine_finish(struct pail_http_engine *engine, struct pail_http_thread *thread,
                             struct pail_http_request *request, const struct pail_http_account *account);
/* The same for one from mail.ended. */
void pail_http_engine_finish_ended(struct pail_http_engine *engine, struct pail_http_request *request);

/* thread.c, for engine.c. Start fails with SYSTEM; join waits for the thread to see that the engine is stopping. */
int pail_http_thread_start(struct pail_http_thread *thread, struct pail_error *ret_error);
void pail_http_thread_join(struct pail_http_thread *thread);
/* After join. Closes the thread's connections. */
void pail_http_thread_done(struct pail_http_thread *thread);
/* Interrupts the sleep of the thread. */
void pail_http_thread_wake(struct pail_http_thread *thread);

#endif
