/* SPDX-License-Identifier: Apache-2.0 */
/* Lists: of objects under the prefix "p/", and behind a 'b' as the first character of buckets. */
#include <string.h>

#include "bucket.h"
#include "fuzz.h"
#include "pail/s3/operations.h"

static void list_buckets(void)
{
        struct pail_s3_buckets buckets = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        int r = pail_s3_list_buckets(bucket_client(), &buckets, &error);

        bucket_check(r, &error);
        if (r == 0)
                pail_s3_buckets_done(&buckets);
}

static void list_objects(void)
{
        const struct pail_s3_list_input input = { .bucket = "bucket", .prefix = "p/", .delimiter = "/" };
        struct pail_s3_page page = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        int r = pail_s3_list_objects_v2(bucket_client(), &input, &page, &error);

        bucket_check(r, &error);
        if (r < 0)
                return;
        for (size_t i = 0; i < page.count; i++)
                fuzz_require(strncmp(page.entries[i].key, "p/", 2) == 0, "a key begins with the prefix");
        fuzz_require(!page.is_truncated || (page.next_token && *page.next_token),
                     "a page that is not the last names the next");
        pail_s3_page_done(&page);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        int is_buckets = size > 0 && *data == 'b';

        fuzz_answers(data + is_buckets, size - (size_t)is_buckets);
        if (is_buckets)
                list_buckets();
        else
                list_objects();
        return 0;
}
