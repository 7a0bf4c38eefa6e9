/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signs what it is told on stdin and prints each stage: another implementation then tells whether it agrees. A record has
 *   method, origin, prefix (of the path), key (raw), param NAME [VALUE] (raw, repeated), header NAME VALUE (repeated), body,
 *   unsigned (the payload's hash is not to be signed), time, region, id, secret, token
 * and the answer is
 *   url, canonical, string, authorization, end
 * or, of a record with presign SECONDS, where headers and body are of no meaning,
 *   presigned, end
 * or "refused" with the message. All requests share one key cache, as those of a mount do.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "aws/signing/sigv4_canonical.h"
#include "pail/aws/sigv4.h"
#include "pail/aws/sigv4_body.h"
#include "pail/aws/sigv4_presign.h"
#include "pail/util/buf.h"
#include "pail/util/cleanup.h"
#include "pail/util/secret.h"
#include "pail/util/str.h"
#include "record.h"

enum { BUFFER_MAX = 1024 * 1024 };

static void append_parameters(struct pail_buf *url, const struct record *record)
{
        char separator = '?';

        for (size_t i = 0; i < record->count; i++) {
                const struct record_line *line = &record->lines[i];

                if (strcmp(line->word, "param") != 0)
                        continue;
                pail_buf_append_char(url, separator);
                pail_str_percent_encode(url, line->fields[0], strlen(line->fields[0]), false);
                if (line->count > 1) {
                        pail_buf_append_char(url, '=');
                        pail_str_percent_encode(url, line->fields[1], strlen(line->fields[1]), false);
                }
                separator = '&';
        }
}

static int make_url(const struct record *record, char **ret_url)
{
        const char *key = record_get(record, "key");
        _cleanup_buf_ struct pail_buf url = PAIL_BUF_INIT(BUFFER_MAX);

        pail_buf_printf(&url, "%s%s/", record_get(record, "origin"), record_get(record, "prefix"));
        pail_str_percent_encode(&url, key, strlen(key), true);
        append_parameters(&url, record);
        return pail_buf_steal(&url, ret_url, NULL);
}

static int make_request(const struct record *record, struct pail_http_request *request)
{
        int r = pail_str_dup(record_get(record, "method"), &request->method);

        if (r == 0)
                r = make_url(record, &request->url);
        for (size_t i = 0; r == 0 && i < record->count; i++)
                if (strcmp(record->lines[i].word, "header") == 0)
                        r = pail_http_headers_add(&request->headers, record->lines[i].fields[0],
                                                  record->lines[i].fields[1]);
        return r;
}

static int hash_body(const struct record *record, char ret_hash[static 65])
{
        static char none[1];
        const char *body = record_get(record, "body");
        _cleanup_free_ char *copy = NULL;
        struct iovec vector = { none, 0 };

        if (record_get(record, "unsigned")) {
                pail_str_copy(ret_hash, 65, PAIL_SIGV4_UNSIGNED_PAYLOAD);
                return 0;
        }
        if (body) {
                int r = pail_str_dup(body, &copy);
                if (r < 0)
                        return r;
                vector = (struct iovec){ copy, strlen(copy) };
        }
        return pail_sigv4_body_hash(&(struct pail_http_body){ .vector = &vector, .vector_count = 1, .fd = -1 },
                                    ret_hash);
}

/* The stages once more, one by one, over the headers that Authorization says are signed. */
static int print_stages(const struct pail_http_request *request, const struct pail_sigv4_scope *scope, const char *hash)
{
        const char *authority = strstr(request->url, "://") + 3, *path = strchr(authority, '/');
        const char *question = strchr(path, '?'),
                   *list = strstr(pail_http_headers_get(&request->headers, "Authorization"), "SignedHeaders=") + 14;
        _cleanup_free_ char *path_copy = strndup(path, question ? (size_t)(question - path) : strlen(path));
        struct pail_http_headers chosen = { 0 };
        _cleanup_buf_ struct pail_buf canonical = PAIL_BUF_INIT(BUFFER_MAX);
        _cleanup_buf_ struct pail_buf names = PAIL_BUF_INIT(BUFFER_MAX);
        _cleanup_buf_ struct pail_buf string = PAIL_BUF_INIT(BUFFER_MAX);
        int r = 0;

        for (size_t i = 0; r == 0 && i < request->headers.count; i++) {
                const struct pail_http_header *header = &request->headers.items[i];
                const char *found = strcasestr(list, header->name),
                           *after = found ? found + strlen(header->name) : NULL;
                if (after && (*after == ';' || *after == ',') && (found == list || found[-1] == ';'))
                        r = pail_http_headers_add(&chosen, header->name, header->value);
        }
        if (r == 0)
                r = pail_sigv4_canonical_request(request->method, path_copy, question ? question + 1 : NULL, &chosen,
                                                 hash, &canonical, &names);
        if (r == 0)
                r = pail_sigv4_canonical_string_to_sign(scope, canonical.data, canonical.length, &string);
        pail_http_headers_done(&chosen);
        record_print("canonical", canonical.data);
        record_print("string", string.data);
        return r;
}

static int presign(const struct record *record, const struct pail_http_request *request,
                   const struct pail_credentials *credentials, const struct pail_sigv4_scope *scope,
                   struct pail_sigv4_key_cache *cache, struct pail_error *ret_error)
{
        _cleanup_secret_ char *url = NULL;
        int64_t expires_s = 0;
        int r = pail_str_to_i64(record_get(record, "presign"), &expires_s);

        if (r == 0)
                r = pail_sigv4_presign(request->method, request->url, credentials, scope, expires_s, cache, &url,
                                       ret_error);
        if (r == 0)
                record_print("presigned", url);
        return r;
}

static int sign(const struct record *record, struct pail_http_request *request,
                const struct pail_credentials *credentials, const struct pail_sigv4_scope *scope,
                struct pail_sigv4_key_cache *cache, struct pail_error *ret_error)
{
        char hash[65];
        int r = hash_body(record, hash);

        if (r == 0)
                r = pail_sigv4_sign(request, credentials, scope, hash, cache, ret_error);
        if (r < 0)
                return r;
        record_print("url", request->url);
        r = print_stages(request, scope, hash);
        record_print("authorization", pail_http_headers_get(&request->headers, "Authorization"));
        return r;
}

static void answer(const struct record *record, struct pail_sigv4_key_cache *cache)
{
        _cleanup_(pail_http_request_done) struct pail_http_request request = { 0 };
        _cleanup_(pail_credentials_done) struct pail_credentials credentials = { 0 };
        struct pail_sigv4_scope scope = { .region = record_get(record, "region"), .service = "s3" };
        struct pail_error error = PAIL_ERROR_INIT;
        int64_t time = 0;
        int r;

        pail_http_request_init(&request);
        r = make_request(record, &request);
        if (r == 0)
                r = pail_str_to_i64(record_get(record, "time"), &time);
        scope.time = time;
        if (r == 0)
                r = pail_str_dup(record_get(record, "id"), &credentials.access_key_id);
        if (r == 0)
                r = pail_str_dup(record_get(record, "secret"), &credentials.secret_access_key);
        if (r == 0)
                r = pail_str_dup(record_get(record, "token"), &credentials.session_token);
        if (r == 0)
                r = record_get(record, "presign") ? presign(record, &request, &credentials, &scope, cache, &error)
                                                  : sign(record, &request, &credentials, &scope, cache, &error);
        if (r < 0)
                record_print("refused", error.message[0] ? error.message : strerror(-r));
        record_print("end", NULL);
}

int main(void)
{
        static struct record record;
        struct pail_sigv4_key_cache *cache = NULL;

        if (pail_sigv4_key_cache_new(&cache) < 0)
                return 1;
        for (; record_read(&record); record_done(&record))
                answer(&record, cache);
        pail_sigv4_key_cache_free(cache);
        return fflush(stdout) == 0 ? 0 : 1;
}
