/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "../call.h"
#include "../request.h"
#include "../xml_lenient.h"
#include "pail/s3/operations.h"
#include "pail/util/clock.h"
#include "pail/util/str.h"
#include "pail/util/xml.h"

enum { BUCKETS_MAX = 100000 };

void pail_s3_buckets_done(struct pail_s3_buckets *buckets)
{
        for (size_t i = 0; i < buckets->count; i++)
                free(buckets->items[i].name);
        free(buckets->items);
        free(buckets->next_token);
        *buckets = (struct pail_s3_buckets){ 0 };
}

static int add_entry(struct pail_s3_buckets *buckets)
{
        if (buckets->count >= BUCKETS_MAX)
                return -EBADMSG;
        struct pail_s3_bucket_entry *items = reallocarray(buckets->items, buckets->count + 1, sizeof(*items));
        if (!items)
                return -ENOMEM;
        buckets->items = items;
        items[buckets->count++] = (struct pail_s3_bucket_entry){ 0 };
        return 0;
}

static int on_start(void *context, const char *path)
{
        return pail_str_equal(path, "ListAllMyBucketsResult/Buckets/Bucket") ? add_entry(context) : 0;
}

static int on_end(void *context, const char *path, const char *text, size_t length)
{
        (void)length;
        struct pail_s3_buckets *buckets = context;
        if (pail_str_equal(path, "ListAllMyBucketsResult/ContinuationToken") && *text)
                return pail_str_replace(&buckets->next_token, text);
        if (!pail_str_starts_with(path, "ListAllMyBucketsResult/Buckets/Bucket"))
                return 0;
        struct pail_s3_bucket_entry *entry = &buckets->items[buckets->count - 1];
        const char *name = path + strlen("ListAllMyBucketsResult/Buckets/Bucket");
        if (pail_str_equal(name, "/Name"))
                return pail_str_replace(&entry->name, text);
        if (pail_str_equal(name, "/CreationDate"))
                (void)pail_clock_parse_iso8601(text, &entry->creation_date); /* stays 0 */
        return *name == '\0' && !entry->name ? -EBADMSG : 0;
}

static int take(struct pail_s3_call *call, const struct pail_http_response *response, struct pail_error *ret_error)
{
        (void)response;
        (void)ret_error;
        static const struct pail_xml_handler handler = { .on_start = on_start, .on_end = on_end };
        pail_s3_buckets_done(call->result);
        return pail_s3_xml_parse(call->answer.data, call->answer.length, &handler, call->result);
}

static const struct pail_s3_operation operation = {
        .name = "ListBuckets",
        .method = "GET",
        .root = "ListAllMyBucketsResult",
        .answer_cap_bytes = PAIL_S3_LIST_CAP,
        .take = take,
};

int pail_s3_list_buckets(struct pail_s3_client *client, const char *continuation_token,
                         struct pail_s3_buckets *ret_buckets, struct pail_error *ret_error)
{
        _cleanup_(pail_s3_call_unref_p) struct pail_s3_call *call = NULL;
        int r = pail_s3_call_new(client, &operation, NULL, NULL, &call, ret_error);
        if (r < 0)
                return r;
        pail_s3_call_query_optional(call, "continuation-token", continuation_token);
        _cleanup_(pail_s3_buckets_done) struct pail_s3_buckets buckets = { 0 };
        call->result = &buckets;
        r = pail_s3_call_run(call, ret_error);
        if (r < 0)
                return r;
        *ret_buckets = buckets;
        buckets = (struct pail_s3_buckets){ 0 };
        return 0;
}
