/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which key an object was written with is in no answer. A refusal may mean that it was another: so the call is sent again with the next one,
 * and once with none, before the refusal is believed. What opened the last object is tried first.
 */
#include "customer_key.h"

#include <string.h>

#include "customer_keys.h"
#include "pail/util/str.h"

/* What is tried after as many others: the keys in their order and then none, but for the first, which goes before all. */
static unsigned candidate_at(unsigned first, unsigned tried)
{
        if (tried == 0)
                return first;
        return tried <= first ? tried - 1 : tried;
}

static bool is_key_searched(const struct pail_s3_call *call)
{
        return call->client->customer_keys &&
               call->operation->flags & (PAIL_S3_FLAG_READ_KEY | PAIL_S3_FLAG_SOURCE_KEY);
}

int pail_s3_customer_key_apply(struct pail_s3_call *call)
{
        const struct pail_s3_customer_keys *keys = call->client->customer_keys;
        struct pail_http_headers *headers = &call->http.headers;
        if (!keys)
                return 0;
        unsigned flags = call->operation->flags, found = candidate_at(call->first_key, call->tried_keys);
        int r = 0;
        pail_s3_customer_keys_wipe(headers);
        if (flags & PAIL_S3_FLAG_WRITE_KEY)
                r = pail_s3_customer_keys_set(keys, false, 0, headers);
        if (r >= 0 && flags & PAIL_S3_FLAG_READ_KEY)
                r = pail_s3_customer_keys_set(keys, false, found, headers);
        if (r >= 0 && flags & PAIL_S3_FLAG_SOURCE_KEY)
                r = pail_s3_customer_keys_set(keys, true, found, headers);
        return r;
}

/* A wrong key is refused with 403, one too many or too few with 400; to HEAD, without a word. */
static bool is_refusal(const struct pail_s3_call *call, const struct pail_error *error)
{
        static const char *const codes[] = { "", "AccessDenied", "BadRequest", "InvalidArgument", "InvalidRequest" };
        bool is_elsewhere = error->region[0] && !pail_str_equal(error->region, call->endpoint.signing_region);
        if (error->class != PAIL_ERROR_SERVICE || (error->http_status != 400 && error->http_status != 403) ||
            is_elsewhere)
                return false;
        for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
                if (pail_str_equal(error->code, codes[i]))
                        return true;
        }
        return false;
}

void pail_s3_customer_key_describe_refusal(const struct pail_s3_call *call, struct pail_error *error)
{
        if (!is_key_searched(call) || !is_refusal(call, error))
                return;
        bool is_copy = call->operation->flags & PAIL_S3_FLAG_SOURCE_KEY;
        struct pail_error told = *error;
        pail_error_set(&told, PAIL_ERROR_SERVICE,
                       "none of the keys of sse_c_key_file fits %ss3://%s/%s, or access to it is denied (%s)",
                       is_copy ? "what is to be copied to " : "", call->bucket, call->key, call->operation->name);
        told.http_status = 403;
        told.sent = true;
        pail_str_copy(told.code, sizeof(told.code), "AccessDenied");
        memcpy(told.request_id, error->request_id, sizeof(told.request_id));
        *error = told;
}

bool pail_s3_customer_key_next(struct pail_s3_call *call, const struct pail_error *error)
{
        if (!is_key_searched(call) || call->tried_keys >= pail_s3_customer_keys_count(call->client->customer_keys) ||
            !is_refusal(call, error))
                return false;
        call->tried_keys++;
        return true;
}

void pail_s3_customer_key_learn(struct pail_s3_call *call)
{
        if (is_key_searched(call))
                atomic_store(&call->client->customer_key, candidate_at(call->first_key, call->tried_keys));
}
