/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One page of a listing, built entry by entry as the parser goes. Whether keys are URL-encoded is told somewhere in
 * the answer, before or behind the entries, so keys are decoded at the end.
 *
 * What the server says is checked where the layers above lean on it: every key begins with the prefix asked for, and
 * a page that is not the last names the next.
 */
#include <errno.h>

#include "../call.h"
#include "../info.h"
#include "../request.h"
#include "../xml_lenient.h"
#include "pail/s3/operations.h"
#include "pail/util/clock.h"
#include "pail/util/str.h"
#include "pail/util/xml.h"

enum { ENTRIES_MAX = 100000 };

struct listing {
        struct pail_s3_page page;
        size_t allocated;
        bool is_encoded;
        const char *prefix; /* borrowed from the input */
};

static void listing_reset(struct listing *listing)
{
        pail_s3_page_done(&listing->page);
        listing->allocated = 0;
        listing->is_encoded = false;
}

static int add_entry(struct listing *listing, bool is_prefix)
{
        struct pail_s3_page *page = &listing->page;
        if (page->count == listing->allocated) {
                size_t wanted = listing->allocated ? listing->allocated * 2 : 64;
                if (wanted > ENTRIES_MAX)
                        return -EBADMSG;
                struct pail_s3_entry *entries = reallocarray(page->entries, wanted, sizeof(*entries));
                if (!entries)
                        return -ENOMEM;
                page->entries = entries;
                listing->allocated = wanted;
        }
        page->entries[page->count++] = (struct pail_s3_entry){ .is_prefix = is_prefix };
        return 0;
}

static int on_start(void *context, const char *path)
{
        if (pail_str_equal(path, "ListBucketResult/Contents"))
                return add_entry(context, false);
        if (pail_str_equal(path, "ListBucketResult/CommonPrefixes"))
                return add_entry(context, true);
        return 0;
}

static int end_of_contents(struct pail_s3_entry *entry, const char *name, const char *text)
{
        if (pail_str_equal(name, "/Key"))
                return pail_str_replace(&entry->key, text);
        if (pail_str_equal(name, "/Size"))
                return pail_str_to_u64(text, &entry->size_bytes) < 0 ? -EBADMSG : 0;
        if (pail_str_equal(name, "/LastModified"))
                return pail_clock_parse_iso8601(text, &entry->last_modified) < 0 ? -EBADMSG : 0;
        if (pail_str_equal(name, "/ETag"))
                (void)pail_s3_etag_parse(text, entry->etag); /* some servers leave it out: it stays empty */
        else if (pail_str_equal(name, "/StorageClass"))
                return pail_str_replace(&entry->storage_class, text);
        return 0;
}

static int on_end(void *context, const char *path, const char *text, size_t length)
{
        (void)length;
        static const char root[] = "ListBucketResult/";
        struct listing *listing = context;
        if (!pail_str_starts_with(path, root))
                return 0;
        const char *name = path + strlen(root);
        if (pail_str_starts_with(name, "Contents"))
                return end_of_contents(&listing->page.entries[listing->page.count - 1], name + strlen("Contents"),
                                       text);
        if (pail_str_equal(name, "CommonPrefixes/Prefix"))
                return pail_str_replace(&listing->page.entries[listing->page.count - 1].key, text);
        if (pail_str_equal(name, "IsTruncated"))
                listing->page.is_truncated = pail_str_equal(text, "true");
        else if (pail_str_equal(name, "EncodingType"))
                listing->is_encoded = pail_str_equal(text, "url");
        else if (pail_str_equal(name, "NextContinuationToken"))
                return pail_str_replace(&listing->page.next_token, text);
        return 0;
}

/* In place: decoded text is never longer. *ret_has_nul: it holds a NUL, which no C string and no path can. */
static int decode(char *text, struct pail_buf *scratch, bool *ret_has_nul)
{
        pail_buf_reset(scratch);
        if (pail_str_percent_decode(scratch, text, true) < 0)
                return scratch->error ? scratch->error : -EBADMSG;
        *ret_has_nul = memchr(scratch->data, '\0', scratch->length) != NULL;
        memcpy(text, scratch->data, scratch->length + 1);
        return 0;
}

static void drop_entry(struct pail_s3_page *page, size_t i)
{
        free(page->entries[i].key);
        free(page->entries[i].storage_class);
        memmove(&page->entries[i], &page->entries[i + 1], (page->count - i - 1) * sizeof(page->entries[0]));
        page->count--;
        page->hidden_count++;
}

static int check_entries(struct listing *listing)
{
        _cleanup_buf_ struct pail_buf scratch;
        pail_buf_init(&scratch, PAIL_XML_MAX_TEXT);
        struct pail_s3_page *page = &listing->page;
        for (size_t i = 0; i < page->count;) {
                char *key = page->entries[i].key;
                bool has_nul = false;
                int r = key && *key ? 0 : -EBADMSG;
                if (r >= 0 && listing->is_encoded)
                        r = decode(key, &scratch, &has_nul);
                if (r < 0)
                        return r;
                if (!pail_str_starts_with(key, listing->prefix))
                        return -EBADMSG;
                if (has_nul)
                        drop_entry(page, i);
                else
                        i++;
        }
        return page->is_truncated && pail_str_is_empty(page->next_token) ? -EBADMSG : 0;
}

static int take(struct pail_s3_call *call, const struct pail_http_response *response, struct pail_error *ret_error)
{
        (void)response;
        (void)ret_error;
        static const struct pail_xml_handler handler = { .on_start = on_start, .on_end = on_end };
        struct listing *listing = call->result;
        listing_reset(listing);
        int r = pail_s3_xml_parse(call->answer.data, call->answer.length, &handler, listing);
        pail_buf_done(&call->answer);
        return r < 0 ? r : check_entries(listing);
}

static const struct pail_s3_operation operation = {
        .name = "ListObjectsV2",
        .method = "GET",
        .root = "ListBucketResult",
        .answer_cap_bytes = PAIL_S3_LIST_CAP,
        .take = take,
};

int pail_s3_list_objects_v2(struct pail_s3_client *client, const struct pail_s3_list_input *input,
                            struct pail_s3_page *ret_page, struct pail_error *ret_error)
{
        _cleanup_(pail_s3_call_unref_p) struct pail_s3_call *call = NULL;
        int r = pail_s3_call_new(client, &operation, input->bucket, NULL, &call, ret_error);
        if (r < 0)
                return r;
        pail_s3_call_query(call, "list-type", "2");
        pail_s3_call_query(call, "encoding-type", "url");
        pail_s3_call_query_optional(call, "prefix", input->prefix);
        pail_s3_call_query_optional(call, "delimiter", input->delimiter);
        pail_s3_call_query_optional(call, "start-after", input->start_after);
        pail_s3_call_query_optional(call, "continuation-token", input->continuation_token);
        if (input->max_keys)
                pail_s3_call_query_number(call, "max-keys", input->max_keys);
        struct listing listing = { .prefix = input->prefix ? input->prefix : "" };
        call->result = &listing;
        r = pail_s3_call_run(call, ret_error);
        if (r < 0)
                listing_reset(&listing);
        else
                *ret_page = listing.page;
        return r;
}
