/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CreateSession of a directory bucket: credentials for the requests of the next five minutes, and for this bucket only. Their expiry is told
 * in the server's time; what is kept is the same length of time by our own clock.
 */
#include <errno.h>
#include <string.h>

#include "../ops.h"
#include "../request.h"
#include "../xml_fields.h"
#include "pail/util/clock.h"
#include "pail/util/str.h"

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

static int take(struct pail_s3_call *call, const struct pail_http_response *response, struct pail_error *ret_error)
{
        (void)ret_error;
        struct pail_credentials *credentials = call->result;
        _cleanup_free_ char *expiration = NULL;
        pail_credentials_done(credentials);
        *credentials = (struct pail_credentials){ .provider = "CreateSession" };
        const struct pail_s3_field fields[] = {
                { "CreateSessionResult/Credentials/AccessKeyId", &credentials->access_key_id },
                { "CreateSessionResult/Credentials/SecretAccessKey", &credentials->secret_access_key },
                { "CreateSessionResult/Credentials/SessionToken", &credentials->session_token },
                { "CreateSessionResult/Credentials/Expiration", &expiration },
        };
        int r = pail_s3_parse_fields(call->answer.data, call->answer.length, fields, sizeof(fields) / sizeof(fields[0]));
        if (call->answer.allocated > 0)
                explicit_bzero(call->answer.data, call->answer.allocated);
        if (r < 0)
                return r;
        if (pail_str_is_empty(credentials->access_key_id) || pail_str_is_empty(credentials->secret_access_key) ||
            pail_str_is_empty(credentials->session_token))
                return -EBADMSG;
        credentials->expires_at = pail_clock_now().tv_sec + lifetime_s(response, expiration);
        return 0;
}

static const struct pail_s3_operation operation = {
        .name = "CreateSession",
        .method = "GET",
        .root = "CreateSessionResult",
        .plain_credentials = true,
        .take = take,
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
