/* SPDX-License-Identifier: Apache-2.0 */
#include "http/transfer.h"

#include <errno.h>
#include <inttypes.h>

#include "pail/util/cleanup.h"
#include "pail/util/clock.h"
#include "pail/util/str.h"

/*
 * curl allocates its buffers when a transfer starts and frees them when it ends. Big ones make long bodies two times
 * cheaper (fewer system calls), but each costs memory while it is in use: their size follows the expected body.
 */
enum {
        BUFFER_MIN_BYTES = 16 * 1024,
        BUFFER_UNKNOWN_BYTES = 64 * 1024,
        BUFFER_MAX_BYTES = 512 * 1024,
};

enum { CONNECT_GRACE_MS = 1000 };

struct pail_http_transfer *pail_http_transfer_new(struct pail_http_thread *thread)
{
        struct pail_http_transfer *transfer = calloc(1, sizeof(*transfer));
        if (!transfer)
                return NULL;
        transfer->thread = thread;
        transfer->easy = curl_easy_init();
        if (!transfer->easy || pail_http_options_apply(transfer->easy, thread) ||
            pail_http_callbacks_install(transfer)) {
                pail_http_transfer_free(transfer);
                return NULL;
        }
        return transfer;
}

void pail_http_transfer_free(struct pail_http_transfer *transfer)
{
        if (!transfer)
                return;
        curl_easy_cleanup(transfer->easy);
        curl_slist_free_all(transfer->headers);
        free(transfer);
}

static int add_line(struct pail_http_transfer *transfer, const char *line)
{
        struct curl_slist *list = curl_slist_append(transfer->headers, line);
        if (!list)
                return -ENOMEM;
        transfer->headers = list;
        return 0;
}

/* The engine frames the body itself, and an Expect of curl's own costs a second against servers that ignore it. */
static bool is_ours(const char *name)
{
        return strcasecmp(name, "Content-Length") == 0 || strcasecmp(name, "Transfer-Encoding") == 0 ||
               strcasecmp(name, "Expect") == 0;
}

static int build_headers(struct pail_http_transfer *transfer, const struct pail_http_request *request)
{
        int r = add_line(transfer, request->expect_continue ? "Expect: 100-continue" : "Expect:");
        if (r >= 0 && !pail_http_headers_get(&request->headers, "Accept"))
                r = add_line(transfer, "Accept:");
        _cleanup_buf_ struct pail_buf line = PAIL_BUF_INIT_SECRET(2 * PAIL_HTTP_HEADERS_MAX_BYTES);
        for (size_t i = 0; i < request->headers.count && r >= 0; i++) {
                const struct pail_http_header *header = &request->headers.items[i];
                if (is_ours(header->name))
                        continue;
                pail_buf_reset(&line);
                pail_buf_append_string(&line, header->name);
                /* curl's way to write a header without a value */
                pail_buf_append_string(&line, *header->value ? ": " : ";");
                r = pail_buf_append_string(&line, header->value);
                if (r >= 0)
                        r = add_line(transfer, line.data);
        }
        return r;
}

void pail_http_transfer_move_body(struct pail_http_transfer *transfer, uint64_t position)
{
        const struct pail_http_body *body = &transfer->request->body;
        int64_t delta_bytes = (int64_t)(position - transfer->body_position);
        transfer->body_position = position;
        if (body->progress && delta_bytes != 0)
                body->progress(body->progress_context, delta_bytes);
}

static long fit_buffer(uint64_t body_bytes)
{
        if (body_bytes >= BUFFER_MAX_BYTES)
                return BUFFER_MAX_BYTES;
        return body_bytes <= BUFFER_MIN_BYTES ? BUFFER_MIN_BYTES : (long)body_bytes;
}

static long receive_buffer_bytes(const struct pail_http_request *request)
{
        if (request->body.size_bytes > 0)
                return BUFFER_MIN_BYTES;
        if (!request->sink)
                return BUFFER_UNKNOWN_BYTES;
        const char *range = pail_http_headers_get(&request->headers, "Range");
        uint64_t first, last;
        if (range && sscanf(range, "bytes=%" SCNu64 "-%" SCNu64, &first, &last) == 2 && last >= first)
                return fit_buffer(last - first);
        return BUFFER_MAX_BYTES;
}

static bool has_body(const struct pail_http_request *request)
{
        /* These say "Content-Length: 0" where there is none (RFC 9110 §8.6). */
        return request->body.size_bytes > 0 || strcmp(request->method, "PUT") == 0 ||
               strcmp(request->method, "POST") == 0;
}

static CURLcode set_method(CURL *easy, const struct pail_http_request *request)
{
        /* Undoes what the request before left behind: upload and no body. */
        CURLcode code = curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
        const char *method = request->method;
        if (has_body(request)) {
                if (!code)
                        code = curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
                if (!code)
                        code = curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)request->body.size_bytes);
                if (!code)
                        code = curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, fit_buffer(request->body.size_bytes));
        } else if (strcmp(method, "HEAD") == 0) {
                code = curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
                method = NULL;
        } else if (strcmp(method, "GET") == 0) {
                method = NULL;
        }
        return code ? code : curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
}

static CURLcode set_request(struct pail_http_transfer *transfer, const struct pail_http_request *request)
{
        CURLcode code = set_method(transfer->easy, request);
        if (!code)
                code = curl_easy_setopt(transfer->easy, CURLOPT_URL, request->url);
        if (!code)
                code = curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, transfer->headers);
        if (!code)
                code = curl_easy_setopt(transfer->easy, CURLOPT_NOPROXY, request->no_proxy ? "*" : NULL);
        if (!code)
                code = curl_easy_setopt(transfer->easy, CURLOPT_BUFFERSIZE, receive_buffer_bytes(request));
        return code;
}

static void forget(struct pail_http_transfer *transfer)
{
        curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, NULL);
        curl_slist_free_all(pail_steal(&transfer->headers));
        transfer->request = NULL;
}

int pail_http_transfer_begin(struct pail_http_transfer *transfer, struct pail_http_request *request,
                             struct pail_error *ret_error)
{
        if (!request->method || !request->url || request->body.size_bytes > INT64_MAX)
                return pail_error_set_errno(ret_error, EINVAL, "the HTTP request is not complete");
        int r = build_headers(transfer, request);
        CURLcode code = r < 0 ? CURLE_OK : set_request(transfer, request);
        if (r < 0 || code) {
                forget(transfer);
                return pail_error_set_errno(ret_error, ENOMEM, "cannot set up an HTTP request");
        }
        transfer->request = request;
        pail_http_answer_init(&transfer->answer, &request->response);
        transfer->phase = PAIL_HTTP_PHASE_CONNECTING;
        transfer->progress_ms = pail_clock_monotonic_ms();
        transfer->uploaded = transfer->downloaded = 0;
        transfer->body_position = 0;
        transfer->unsent_bytes = 0;
        transfer->sendings = 0;
        transfer->resend_refused = false;
        transfer->detail[0] = '\0';
        return 0;
}

static int64_t phase_limit_ms(const struct pail_http_transfer *transfer)
{
        const struct pail_http_config *config = &transfer->thread->engine->config;
        switch (transfer->phase) {
        case PAIL_HTTP_PHASE_CONNECTING:
                /* curl's own timer comes first, which divides the time among the addresses of a host. */
                return config->connect_ms + CONNECT_GRACE_MS;
        case PAIL_HTTP_PHASE_WAITING:
                return transfer->request->first_byte_ms > 0 ? transfer->request->first_byte_ms : config->first_byte_ms;
        case PAIL_HTTP_PHASE_SENDING:
        case PAIL_HTTP_PHASE_RECEIVING:
                break;
        }
        return config->stall_ms;
}

int64_t pail_http_transfer_expiry_ms(const struct pail_http_transfer *transfer)
{
        int64_t limit_ms = phase_limit_ms(transfer);
        int64_t expiry_ms;
        if (__builtin_add_overflow(transfer->progress_ms, limit_ms, &expiry_ms))
                expiry_ms = INT64_MAX;
        int64_t deadline_ms = transfer->request->deadline_ms;
        return deadline_ms > 0 && deadline_ms < expiry_ms ? deadline_ms : expiry_ms;
}

void pail_http_transfer_set_expired(struct pail_http_transfer *transfer, int64_t now_ms)
{
        struct pail_http_request *request = transfer->request;
        char peer[128];
        pail_http_failure_peer(request->url, peer, sizeof(peer));
        if (request->deadline_ms > 0 && request->deadline_ms <= now_ms) {
                pail_error_set(&request->error, PAIL_ERROR_TIMEOUT,
                               "the request to %s was not complete at its deadline", peer);
                return;
        }
        if (transfer->phase ==
            PAIL_HTTP_PHASE_CONNECTING) { /* in the words for curl's own timer, which mostly comes first */
                pail_error_set(&request->error, PAIL_ERROR_TIMEOUT, "no connection to %s within %" PRId64 " ms", peer,
                               transfer->thread->engine->config.connect_ms);
                return;
        }
        const char *what = "sent no more data";
        if (transfer->phase == PAIL_HTTP_PHASE_SENDING)
                what = "took no more data";
        if (transfer->phase == PAIL_HTTP_PHASE_WAITING)
                what = "did not begin to answer";
        pail_error_set(&request->error, PAIL_ERROR_TIMEOUT, "%s %s for %" PRId64 " ms", peer, what,
                       phase_limit_ms(transfer));
}

void pail_http_transfer_set_cancelled(struct pail_http_request *request)
{
        pail_error_set(&request->error, PAIL_ERROR_CANCELLED, "cancelled");
}

static void read_account(struct pail_http_transfer *transfer, struct pail_http_account *ret_account)
{
        long request_bytes = 0, header_bytes = 0;
        curl_off_t uploaded = 0, downloaded = 0;
        curl_easy_getinfo(transfer->easy, CURLINFO_REQUEST_SIZE, &request_bytes);
        curl_easy_getinfo(transfer->easy, CURLINFO_HEADER_SIZE, &header_bytes);
        curl_easy_getinfo(transfer->easy, CURLINFO_SIZE_UPLOAD_T, &uploaded);
        curl_easy_getinfo(transfer->easy, CURLINFO_SIZE_DOWNLOAD_T, &downloaded);
        *ret_account = (struct pail_http_account){
                .bytes_sent = (uint64_t)request_bytes + (uint64_t)uploaded,
                .bytes_received = (uint64_t)header_bytes + (uint64_t)downloaded,
        };
}

void pail_http_transfer_end(struct pail_http_transfer *transfer, CURLcode code, struct pail_http_account *ret_account)
{
        struct pail_http_request *request = transfer->request;
        read_account(transfer, ret_account);
        if (request->error.class == PAIL_ERROR_NONE && code)
                pail_http_failure_set(transfer, code);
        long request_bytes = 0;
        curl_easy_getinfo(transfer->easy, CURLINFO_REQUEST_SIZE, &request_bytes);
        request->error.sent = transfer->sendings > 0 && request_bytes > transfer->unsent_bytes;
        request->error.clock_offset_s = transfer->answer.clock_offset_s;
        if (request->error.class != PAIL_ERROR_NONE || request->response.status / 100 != 2)
                pail_http_transfer_move_body(transfer, 0);
        forget(transfer);
}
