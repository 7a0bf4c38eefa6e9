/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One curl easy handle and the request it works on. All of it belongs to one engine thread. Handles are kept
 * and used again: making one costs more than a small request.
 */
#ifndef HTTP_TRANSFER_H
#define HTTP_TRANSFER_H

#include <curl/curl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "answer.h"
#include "options.h"

/*
 * CONNECTING → SENDING (curl's pre-request callback: the first byte may go out; with no body, WAITING at once) →
 * WAITING (the last byte of the body is written) → RECEIVING (the first line of the answer came). A server may
 * answer early: SENDING → RECEIVING. When curl sends a request again, the same callback begins anew with SENDING.
 */
enum pail_http_phase {
        PAIL_HTTP_PHASE_CONNECTING,
        PAIL_HTTP_PHASE_SENDING,
        PAIL_HTTP_PHASE_WAITING,
        PAIL_HTTP_PHASE_RECEIVING,
};

/* What the transfers of one thread share. Touched by that thread alone, but for the count of sockets. */
struct pail_http_transfer_group {
        const struct pail_http_config *config; /* borrowed */
        CURLSH *sessions;                      /* TLS sessions, for all handles of the thread */
        int64_t next_expiry_ms;                /* no running transfer expires earlier */
        atomic_uint sockets;                   /* open connections, busy or kept */
};

/* Bytes on the wire, for statistics. */
struct pail_http_account {
        uint64_t bytes_sent, bytes_received;
};

struct pail_http_transfer {
        struct pail_http_transfer *next, *prev; /* in the thread's list */
        struct pail_http_transfer_group *group;
        CURL *easy;
        struct pail_http_request *request; /* NULL: spare */
        struct curl_slist *headers;
        struct pail_http_answer answer;
        enum pail_http_phase phase;
        int64_t progress_ms;          /* when the phase began or the last byte moved */
        int64_t uploaded, downloaded; /* as curl last told */
        uint64_t body_position;
        long unsent_bytes; /* of curl's count of request bytes, those that went to a proxy before the request */
        unsigned sendings; /* how often curl began to send the request */
        bool is_resend_refused;
        char detail[CURL_ERROR_SIZE]; /* curl's words */
};

/* A handle with all options set that do not depend on the request, without callbacks yet. NULL: no memory. */
struct pail_http_transfer *pail_http_transfer_new(struct pail_http_transfer_group *group);
/* The next byte of the body to be read; who follows the progress is told. */
void pail_http_transfer_move_body(struct pail_http_transfer *transfer, uint64_t position);
/* Not while the handle is in a multi. */
void pail_http_transfer_free(struct pail_http_transfer *transfer);

/* Sets the handle up for a request, ready to be added to a multi. SYSTEM, CONFIG. */
int pail_http_transfer_begin(struct pail_http_transfer *transfer, struct pail_http_request *request,
                             struct pail_error *ret_error);
/*
 * Writes the result into the request, unless there is an error in it already, which then stands; the handle has left
 * the multi. The request is no longer the transfer's afterwards.
 */
void pail_http_transfer_end(struct pail_http_transfer *transfer, CURLcode code, struct pail_http_account *ret_account);

/* When the transfer is to be ended, as things are: INT64_MAX, or the earliest of its limits. */
int64_t pail_http_transfer_expiry_ms(const struct pail_http_transfer *transfer);
/* Sets the error of a transfer that expired at now_ms. */
void pail_http_transfer_set_expired(struct pail_http_transfer *transfer, int64_t now_ms);

#endif
