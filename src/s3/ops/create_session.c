/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CreateSession of a directory bucket: credentials for the requests of the next five minutes, and for this bucket only. Their expiry is told
 * in the server's time; what is kept is the same length of time by our own clock.
 */
#include <errno.h>
#include <string.h>

#include "ops.h"
#include "pail/util/clock.h"
#include "pail/util/secret.h"
#include "pail/util/str.h"
#include "s3/call/request.h"
#include "s3/call/run.h"
#include "s3/call/xml_fields.h"

enum { LIFETIME_S = 5 * 60 };

static int64_t lifetime_s(const struct pail_http_response *response, const char *expiration)
{
        const char *date = pail_http_headers_get(&response->headers, "Date");
        struct timespec expires_at;
        time_t now;

        if (pail_str_is_empty(expiration) || pail_clock_parse_iso8601(expiration, &expires_at) < 0 || !date ||
            pail_clock_parse_http(date, &now) < 0)
                return LIFETIME_S;
        /* Nonsense is not believed: with an expiry in the past every request would ask for a new session. */
        return expires_at.tv_sec > now && expires_at.tv_sec - now < LIFETIME_S ? expires_at.tv_sec - now : LIFETIME_S;
}

/* What the parser found: copies on the common heap, which live no longer than this. */
struct texts {
        char *id, *secret, *token, *expiration;
};

static void texts_done(struct texts *texts)
{
        pail_secret_free(texts->id); /* wipes memory of malloc too */
        pail_secret_free(texts->secret);
        pail_secret_free(texts->token);
        free(texts->expiration);
}

static int copy_credentials(const struct texts *texts, struct pail_credentials *credentials)
{
        if (pail_str_is_empty(texts->id) || pail_str_is_empty(texts->secret) || pail_str_is_empty(texts->token))
                return -EBADMSG;
        int r = pail_secret_dup(texts->id, &credentials->access_key_id);
        if (r == 0)
                r = pail_secret_dup(texts->secret, &credentials->secret_access_key);
        return r == 0 ? pail_secret_dup(texts->token, &credentials->session_token) : r;
}

static int parse_answer(struct pail_s3_call *call, const struct pail_http_response *response,
                        struct pail_error *ret_error)
{
        (void)ret_error;
        struct pail_credentials *credentials = call->result;
        _cleanup_(texts_done) struct texts texts = { 0 };
        const struct pail_s3_field fields[] = {
                { "CreateSessionResult/Credentials/AccessKeyId", &texts.id },
                { "CreateSessionResult/Credentials/SecretAccessKey", &texts.secret },
                { "CreateSessionResult/Credentials/SessionToken", &texts.token },
                { "CreateSessionResult/Credentials/Expiration", &texts.expiration },
        };
        pail_credentials_done(credentials);
        *credentials = (struct pail_credentials){ .provider = "CreateSession" };
        int r = pail_s3_parse_fields(call->answer.data, call->answer.length, fields,
                                     sizeof(fields) / sizeof(fields[0]));
        if (r == 0)
                r = copy_credentials(&texts, credentials);
        credentials->expires_at = pail_clock_now().tv_sec + lifetime_s(response, texts.expiration);
        return r;
}

static const struct pail_s3_operation operation = {
        .name = "CreateSession",
        .method = "GET",
        .root = "CreateSessionResult",
        .is_secret = true,
        .has_plain_credentials = true,
        .parse = parse_answer,
};

int pail_s3_create_session(struct pail_s3_client *client, const char *bucket, struct pail_credentials *ret_credentials,
                           struct pail_error *ret_error)
{
        _cleanup_(pail_s3_call_unref_p) struct pail_s3_call *call = NULL;
        int r = pail_s3_call_new(client, &operation, bucket, NULL, &call, ret_error);
        if (r < 0)
                return r;
        _cleanup_(pail_credentials_done) struct pail_credentials credentials = { 0 };
        pail_s3_call_query(call, "session", NULL);
        call->result = &credentials;
        r = pail_s3_call_run(call, ret_error);
        if (r < 0)
                return r;
        *ret_credentials = credentials;
        credentials = (struct pail_credentials){ 0 };
        return 0;
}
