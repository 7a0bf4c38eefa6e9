/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What curl calls while a transfer runs. A callback that wants the transfer to end writes the reason into
 * request->error and returns what makes curl give up; pail_http_transfer_end() lets that error stand.
 */
#include "callbacks.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "body.h"
#include "failure.h"
#include "pail/util/clock.h"
#include "pail/util/math.h"
#include "pail/util/secret.h"
#include "transfer.h"

/* Of a body that nobody takes, this much more than the cap is read, so that the connection can be kept; then we hang up. */
enum { DISCARD_MAX_BYTES = 1024 * 1024 };

/* Every limit but that of connecting counts from the last progress. */
static void note_progress(struct pail_http_transfer *transfer, enum pail_http_phase phase)
{
        transfer->progress_ms = pail_clock_monotonic_ms();
        if (transfer->phase == phase)
                return; /* the limit has only moved away */
        transfer->phase = phase;
        int64_t *next_ms = &transfer->group->next_expiry_ms;
        *next_ms = pail_min(*next_ms, pail_http_transfer_expiry_ms(transfer));
}

static bool is_cancelled(struct pail_http_transfer *transfer)
{
        return atomic_load_explicit(&transfer->request->link.is_cancelled, memory_order_relaxed);
}

static void set_protocol_error(struct pail_http_transfer *transfer, const char *reason)
{
        char peer[128];
        pail_http_failure_peer(transfer->request->url, peer, sizeof(peer));
        pail_error_set(&transfer->request->error, PAIL_ERROR_PROTOCOL, "%s does not answer as HTTP asks: %s", peer,
                       reason);
}

static bool may_send_again(const struct pail_http_transfer *transfer, long written)
{
        const struct pail_http_request *request = transfer->request;
        return written == 0 || request->may_resend || strcmp(request->method, "GET") == 0 ||
               strcmp(request->method, "HEAD") == 0 || transfer->answer.response->status == 417;
}

static long written_bytes(const struct pail_http_transfer *transfer)
{
        long written = 0;
        curl_easy_getinfo(transfer->easy, CURLINFO_REQUEST_SIZE, &written);
        return written;
}

/*
 * After a 417 curl sends the request again and does not wait, but leaves the header that we gave it. The list is curl's
 * to read only when the request is built, which is after the pre-request callback.
 */
static int drop_expectation(struct pail_http_transfer *transfer)
{
        struct curl_slist *expect = transfer->headers; /* always the first */
        char *nothing = pail_secret_strdup("Expect:"); /* as curl itself allocates: see engine.c */
        if (!nothing)
                return pail_error_set_errno(&transfer->request->error, ENOMEM, "cannot set up an HTTP request");
        pail_secret_free(expect->data);
        expect->data = nothing;
        return 0;
}

/* Connected; the request goes out next. Called again for each time that curl sends it. */
static int on_prerequest(void *context, char *peer, char *local, int peer_port, int local_port)
{
        (void)peer, (void)local, (void)peer_port, (void)local_port;
        struct pail_http_transfer *transfer = context;
        long written = written_bytes(transfer);
        if (transfer->sendings++ == 0) {
                transfer->unsent_bytes = written;
        } else if (!may_send_again(transfer, written - transfer->unsent_bytes)) {
                transfer->is_resend_refused = true;
                return CURL_PREREQFUNC_ABORT;
        }
        if (transfer->answer.response->status == 417 && drop_expectation(transfer) < 0)
                return CURL_PREREQFUNC_ABORT;
        /* curl rewinds only when it counted body bytes as written, which is not all that it has read. */
        pail_http_transfer_move_body(transfer, 0);
        transfer->uploaded = 0;
        transfer->phase = PAIL_HTTP_PHASE_CONNECTING;
        note_progress(transfer,
                      transfer->request->body.size_bytes > 0 ? PAIL_HTTP_PHASE_SENDING : PAIL_HTTP_PHASE_WAITING);
        return CURL_PREREQFUNC_OK;
}

static size_t on_read(char *buffer, size_t size, size_t count, void *context)
{
        struct pail_http_transfer *transfer = context;
        struct pail_http_request *request = transfer->request;
        size_t n;
        int r = pail_http_body_read(&request->body, transfer->body_position, buffer, size * count, &n);
        if (r == -ENODATA)
                pail_error_set_errno(&request->error, ENODATA, "the data to send is shorter than announced");
        else if (r < 0)
                pail_error_set_errno(&request->error, -r, "cannot read the data to send");
        if (r < 0)
                return CURL_READFUNC_ABORT;
        pail_http_transfer_move_body(transfer, transfer->body_position + n);
        return n;
}

static int on_seek(void *context, curl_off_t offset, int origin)
{
        struct pail_http_transfer *transfer = context;
        if (origin != SEEK_SET || offset < 0)
                return CURL_SEEKFUNC_CANTSEEK;
        pail_http_transfer_move_body(transfer, (uint64_t)offset);
        return CURL_SEEKFUNC_OK;
}

static int on_progress(void *context, curl_off_t to_download, curl_off_t downloaded, curl_off_t to_upload,
                       curl_off_t uploaded)
{
        (void)to_download, (void)to_upload;
        struct pail_http_transfer *transfer = context;
        if (downloaded == transfer->downloaded && uploaded == transfer->uploaded)
                return 0;
        transfer->downloaded = downloaded;
        transfer->uploaded = uploaded;
        enum pail_http_phase phase = transfer->phase;
        if (phase == PAIL_HTTP_PHASE_SENDING && (uint64_t)uploaded >= transfer->request->body.size_bytes)
                phase = PAIL_HTTP_PHASE_WAITING;
        note_progress(transfer, phase);
        return 0;
}

/* 0, or the error with which the sink ends the transfer. */
static int tell_sink_of_headers(struct pail_http_transfer *transfer)
{
        struct pail_http_request *request = transfer->request;
        const struct pail_http_sink *sink = request->sink;
        int status = request->response.status;
        if (!sink || !sink->on_headers || status < 200 || status > 299)
                return 0;
        int r = sink->on_headers(request->sink_context, &request->response);
        if (r < 0)
                pail_error_set_errno(&request->error, -r, "the answer was refused");
        return r;
}

static size_t on_header(char *line, size_t size, size_t count, void *context)
{
        struct pail_http_transfer *transfer = context;
        if (is_cancelled(transfer))
                return 0;
        const char *reason = NULL;
        enum pail_http_answer_state before = transfer->answer.state;
        int r = pail_http_answer_line(&transfer->answer, line, size * count, &reason);
        enum pail_http_answer_state after = transfer->answer.state;
        if (r == -EPROTO)
                set_protocol_error(transfer, reason);
        else if (r < 0)
                pail_error_set_errno(&transfer->request->error, -r, "cannot keep the headers of the answer");
        else if (after >= PAIL_HTTP_ANSWER_HEAD)
                note_progress(transfer, PAIL_HTTP_PHASE_RECEIVING);
        if (r >= 0 && before == PAIL_HTTP_ANSWER_HEAD && after == PAIL_HTTP_ANSWER_BODY)
                r = tell_sink_of_headers(transfer);
        return r < 0 ? 0 : size * count;
}

/* The body of an answer that has no sink, or of an error. */
static int keep_body(struct pail_http_transfer *transfer, const char *data, size_t size)
{
        struct pail_http_request *request = transfer->request;
        struct pail_buf *kept = &request->response.error_body;
        size_t room = kept->cap - kept->length;
        int r = pail_buf_append(kept, data, pail_min(size, room));
        if (r < 0)
                return pail_error_set_errno(&request->error, -r, "cannot keep the answer");
        if (request->response.body_bytes <= (uint64_t)kept->cap + DISCARD_MAX_BYTES)
                return 0;
        char peer[128];
        pail_http_failure_peer(request->url, peer, sizeof(peer));
        pail_error_set(&request->error, PAIL_ERROR_PROTOCOL,
                       "the answer of %s (HTTP status %d) is longer than %zu bytes", peer, request->response.status,
                       kept->cap);
        return -EMSGSIZE;
}

static size_t on_body(char *data, size_t size, size_t count, void *context)
{
        struct pail_http_transfer *transfer = context;
        struct pail_http_request *request = transfer->request;
        struct pail_http_response *response = &request->response;
        size *= count;
        if (is_cancelled(transfer))
                return 0;
        response->body_bytes += size;
        if (!request->sink || response->status < 200 || response->status > 299)
                return keep_body(transfer, data, size) < 0 ? 0 : size;
        int r = request->sink->on_body(request->sink_context, data, size);
        if (r >= 0)
                return size;
        pail_error_set_errno(&request->error, -r, "the data received could not be taken");
        return 0;
}

/* Sockets are opened here for their close-on-exec flag, and counted: a thread that has kept connections is preferred. */
static curl_socket_t on_open(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
        (void)purpose;
        struct pail_http_transfer_group *group = context;
        int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
        if (fd < 0)
                return CURL_SOCKET_BAD;
        atomic_fetch_add_explicit(&group->sockets, 1, memory_order_relaxed);
        return fd;
}

static int on_close(void *context, curl_socket_t fd)
{
        struct pail_http_transfer_group *group = context;
        atomic_fetch_sub_explicit(&group->sockets, 1, memory_order_relaxed);
        return close(fd);
}

CURLcode pail_http_callbacks_install(struct pail_http_transfer *transfer)
{
        CURL *easy = transfer->easy;
        CURLcode code = CURLE_OK;
#define SET(option, value)                                                                                             \
        do {                                                                                                           \
                if (!code)                                                                                             \
                        code = curl_easy_setopt(easy, option, value);                                                  \
        } while (0)
        SET(CURLOPT_PRIVATE, transfer);
        SET(CURLOPT_ERRORBUFFER, transfer->detail);
        SET(CURLOPT_PREREQFUNCTION, on_prerequest);
        SET(CURLOPT_PREREQDATA, transfer);
        SET(CURLOPT_READFUNCTION, on_read);
        SET(CURLOPT_READDATA, transfer);
        SET(CURLOPT_SEEKFUNCTION, on_seek);
        SET(CURLOPT_SEEKDATA, transfer);
        SET(CURLOPT_XFERINFOFUNCTION, on_progress);
        SET(CURLOPT_XFERINFODATA, transfer);
        SET(CURLOPT_HEADERFUNCTION, on_header);
        SET(CURLOPT_HEADERDATA, transfer);
        SET(CURLOPT_WRITEFUNCTION, on_body);
        SET(CURLOPT_WRITEDATA, transfer);
        SET(CURLOPT_OPENSOCKETFUNCTION, on_open);
        SET(CURLOPT_OPENSOCKETDATA, transfer->group);
        SET(CURLOPT_CLOSESOCKETFUNCTION, on_close);
        SET(CURLOPT_CLOSESOCKETDATA, transfer->group);
#undef SET
        return code;
}
