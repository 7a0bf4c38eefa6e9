/* SPDX-License-Identifier: Apache-2.0 */
/* GetObjectRetention and PutObjectRetention, of a version. */
#include <errno.h>

#include "pail/s3/operations.h"
#include "pail/util/clock.h"
#include "pail/util/str.h"
#include "pail/util/xml.h"
#include "s3/call/call.h"
#include "s3/call/request.h"
#include "s3/call/retention.h"
#include "s3/call/run.h"
#include "s3/call/xml_fields.h"

enum { BODY_CAP = 1024 };

static int parse_answer(struct pail_s3_call *call, const struct pail_http_response *response,
                        struct pail_error *ret_error)
{
        (void)response;
        (void)ret_error;
        struct pail_s3_retention *retention = call->result;
        _cleanup_free_ char *mode = NULL, *date = NULL;
        char root[64], mode_path[128], date_path[128];
        *retention = (struct pail_s3_retention){ 0 };
        pail_s3_xml_root(call->answer.data, call->answer.length, root, sizeof(root));
        if (!strstr(root, "Retention")) /* to Amazon S3 that is the whole name, to others a part of it */
                return -EBADMSG;
        snprintf(mode_path, sizeof(mode_path), "%s/Mode", root);
        snprintf(date_path, sizeof(date_path), "%s/RetainUntilDate", root);
        const struct pail_s3_field fields[] = { { mode_path, &mode }, { date_path, &date } };
        int r = pail_s3_parse_fields(call->answer.data, call->answer.length, fields, 2);
        if (r < 0 || pail_str_is_empty(mode))
                return r;
        if (strlen(mode) >= sizeof(retention->mode) || !date ||
            pail_clock_parse_iso8601(date, &retention->retain_until) < 0)
                return -EBADMSG;
        pail_str_copy(retention->mode, sizeof(retention->mode), mode);
        return 0;
}

/* An object that nobody has locked, in a bucket where one could be. */
static enum pail_s3_failure_class classify_failure(struct pail_s3_call *call, struct pail_error *error)
{
        (void)call;
        return pail_s3_is_unlocked(error) ? PAIL_S3_FAILURE_NONE : PAIL_S3_FAILURE_RETRY;
}

static const struct pail_s3_operation get_operation = {
        .name = "GetObjectRetention",
        .method = "GET",
        .parse = parse_answer,
        .classify = classify_failure,
};

int pail_s3_get_object_retention(struct pail_s3_client *client, const char *bucket, const char *key,
                                 const char *version_id, struct pail_s3_retention *ret_retention,
                                 struct pail_error *ret_error)
{
        _cleanup_(pail_s3_call_unref_p) struct pail_s3_call *call = NULL;
        int r = pail_s3_call_new(client, &get_operation, bucket, key, &call, ret_error);
        if (r < 0)
                return r;
        struct pail_s3_retention retention = { 0 };
        pail_s3_call_query(call, "retention", NULL);
        pail_s3_call_query_optional(call, "versionId", version_id);
        call->result = &retention;
        r = pail_s3_call_run(call, ret_error);
        if (r >= 0)
                *ret_retention = retention;
        return r;
}

static const struct pail_s3_operation put_operation = {
        .name = "PutObjectRetention",
        .method = "PUT",
        .is_change = true,
};

static int make_body(const struct pail_s3_retention *retention, struct pail_buf *body)
{
        struct tm utc;
        char date[32];
        pail_buf_append_string(body, "<Retention xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
        if (retention->mode[0]) {
                if (!gmtime_r(&retention->retain_until.tv_sec, &utc) ||
                    strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &utc) == 0)
                        return -EINVAL;
                pail_buf_append_string(body, "<Mode>");
                pail_xml_escape(body, retention->mode);
                pail_buf_printf(body, "</Mode><RetainUntilDate>%s.%03ldZ</RetainUntilDate>", date,
                                retention->retain_until.tv_nsec / 1000000);
        }
        return pail_buf_append_string(body, "</Retention>");
}

int pail_s3_put_object_retention(struct pail_s3_client *client, const char *bucket, const char *key,
                                 const char *version_id, const struct pail_s3_retention *retention,
                                 bool bypasses_governance, struct pail_error *ret_error)
{
        _cleanup_buf_ struct pail_buf body = PAIL_BUF_INIT(BODY_CAP);
        int r = make_body(retention, &body);
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "cannot make the retention of s3://%s/%s", bucket, key);
        _cleanup_(pail_s3_call_unref_p) struct pail_s3_call *call = NULL;
        r = pail_s3_call_new(client, &put_operation, bucket, key, &call, ret_error);
        if (r < 0)
                return r;
        pail_s3_call_query(call, "retention", NULL);
        pail_s3_call_query_optional(call, "versionId", version_id);
        if (bypasses_governance)
                pail_s3_call_header(call, "x-amz-bypass-governance-retention", "true");
        pail_s3_call_body_checksum(call, body.data, body.length);
        pail_s3_call_text(call, &body, "application/xml");
        return pail_s3_call_run(call, ret_error);
}
