/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One page of any list, built entry by entry as the parser goes. Whether keys are URL-encoded is told somewhere in the answer, before or
 * behind the entries, so keys are decoded at the end.
 *
 * The page belongs to the call until somebody waits for it: who gives up a request need not wait for its end.
 *
 * Whether a server knows a list or only an older form of it is found out by the first request of a bucket: it comes with the query of
 * both, and is sent again with the other one. What then does well is remembered.
 *
 * What the server says is checked where the layers above lean on it: every key begins with the prefix asked for, and
 * a page that is not the last names the next.
 */
#include "list.h"

#include <errno.h>

#include "list_fields.h"
#include "pail/util/str.h"
#include "s3/call/error_parse.h"
#include "s3/call/request.h"
#include "s3/call/run.h"
#include "s3/call/xml_lenient.h"

enum { ENTRIES_MAX = 100000 };

struct listing {
        const struct pail_s3_list_kind *kind;
        char *prefix;
        struct pail_s3_page page;
        size_t allocated;
        const char *item; /* the entry that the parser is in; NULL: none */
        bool is_encoded;
        bool has_marker, has_key_count; /* elements of ListObjects and of its version 2 */
        struct pail_buf older_query;    /* empty: it is known which of the two to use */
};

static void listing_reset(struct listing *listing)
{
        pail_s3_page_done(&listing->page);
        listing->allocated = 0;
        listing->item = NULL;
        listing->is_encoded = listing->has_marker = listing->has_key_count = false;
}

static void listing_free(void *state)
{
        struct listing *listing = state;
        listing_reset(listing);
        free(listing->prefix);
        pail_buf_done(&listing->older_query);
        free(listing);
}

static int add_entry(struct listing *listing)
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
        page->entries[page->count++] =
                (struct pail_s3_entry){ .is_prefix = pail_str_equal(listing->item, "CommonPrefixes"),
                                        .is_delete_marker = pail_str_equal(listing->item, "DeleteMarker") };
        return 0;
}

/* What follows the root element and a slash; NULL: the path is not below it. */
static const char *below(const char *path, const char *parent)
{
        size_t length = strlen(parent);
        return strncmp(path, parent, length) == 0 && path[length] == '/' ? path + length + 1 : NULL;
}

static int on_start(void *context, const char *path)
{
        struct listing *listing = context;
        const char *name = below(path, listing->kind->operation.root);
        for (const char *const *item = listing->kind->items; name && *item; item++) {
                if (pail_str_equal(name, *item)) {
                        listing->item = *item;
                        return add_entry(listing);
                }
        }
        return 0;
}

static int end_in_entry(struct listing *listing, const char *name, const char *text)
{
        const char *field = below(name, listing->item);
        if (!field) {
                listing->item = NULL;
                return 0;
        }
        return pail_s3_list_set_field(&listing->page.entries[listing->page.count - 1], field, text);
}

static int on_end(void *context, const char *path, const char *text, size_t length)
{
        (void)length;
        struct listing *listing = context;
        struct pail_s3_page *page = &listing->page;
        const char *name = below(path, listing->kind->operation.root);
        if (!name)
                return 0;
        if (listing->item)
                return end_in_entry(listing, name, text);
        if (pail_str_equal(name, "IsTruncated"))
                page->is_truncated = pail_str_equal(text, "true");
        else if (pail_str_equal(name, "EncodingType"))
                listing->is_encoded = pail_str_equal(text, "url");
        else if (pail_str_equal(name, "Marker"))
                listing->has_marker = true;
        else if (pail_str_equal(name, "KeyCount"))
                listing->has_key_count = true;
        else if (pail_str_equal(name, listing->kind->token))
                return pail_str_replace(&page->next_token, text);
        else if (pail_str_equal(name, listing->kind->id))
                return pail_str_replace(&page->next_id, text);
        return 0;
}

/* In place: decoded text is never longer. *ret_has_nul: it holds a NUL, which no C string and no path can. */
static int decode_key(char *text, struct pail_buf *scratch, bool *ret_has_nul)
{
        pail_buf_reset(scratch);
        if (pail_str_percent_decode(scratch, text, true) < 0)
                return scratch->error ? scratch->error : -EBADMSG;
        *ret_has_nul = memchr(scratch->data, '\0', scratch->length) != NULL;
        memcpy(text, scratch->data, scratch->length + 1);
        return 0;
}

static bool is_complete(const struct pail_s3_list_kind *kind, const struct pail_s3_entry *entry)
{
        unsigned has = entry->is_prefix ? PAIL_S3_LIST_KEY : kind->has;
        return !((has & PAIL_S3_LIST_KEY) && pail_str_is_empty(entry->key)) &&
               !((has & PAIL_S3_LIST_ID) && pail_str_is_empty(entry->id)) &&
               !((has & PAIL_S3_LIST_PART) && (entry->part_number == 0 || entry->etag[0] == '\0'));
}

/* 1: the entry stays; 0: it does not. */
static int check_entry(struct listing *listing, struct pail_s3_entry *entry, struct pail_buf *scratch)
{
        bool has_nul = false;
        if (!is_complete(listing->kind, entry))
                return -EBADMSG;
        if (!entry->key)
                return 1;
        int r = listing->is_encoded ? decode_key(entry->key, scratch, &has_nul) : 0;
        if (r < 0)
                return r;
        if (!pail_str_starts_with(entry->key, listing->prefix))
                return listing->kind->is_open ? 0 : -EBADMSG;
        listing->page.hidden_count += has_nul;
        return !has_nul;
}

static int check_entries(struct listing *listing)
{
        _cleanup_buf_ struct pail_buf scratch = PAIL_BUF_INIT(PAIL_XML_MAX_TEXT);
        struct pail_s3_page *page = &listing->page;
        size_t kept = 0;
        for (size_t i = 0; i < page->count; i++) {
                struct pail_s3_entry entry = page->entries[i];
                int r = check_entry(listing, &entry, &scratch);
                if (r < 0)
                        return r;
                page->entries[i] = (struct pail_s3_entry){ 0 };
                if (r > 0)
                        page->entries[kept++] = entry;
                else
                        pail_s3_entry_done(&entry);
        }
        page->count = kept;
        return 0;
}

/* Behind the greatest of the keys and prefixes, each of which are in order, and behind all keys that begin with that prefix. */
static int go_on_behind_last(struct pail_s3_page *page)
{
        static const char last_character[] = "\xf4\x8f\xbf\xbf";
        const struct pail_s3_entry *last = NULL;
        for (size_t i = 0; i < page->count; i++) {
                if (!last || strcmp(page->entries[i].key, last->key) > 0)
                        last = &page->entries[i];
        }
        free(pail_steal(&page->next_token));
        return last ? pail_str_printf(&page->next_token, "%s%s", last->key, last->is_prefix ? last_character : "")
                    : -EBADMSG;
}

static int check_markers(struct listing *listing)
{
        struct pail_s3_page *page = &listing->page;
        bool has_token = !pail_str_is_empty(page->next_token);
        if (page->is_truncated && !has_token && listing->kind->goes_on_behind_last)
                return go_on_behind_last(page);
        if (listing->kind->is_open)
                page->is_truncated = has_token;
        if (page->is_truncated)
                return has_token ? 0 : -EBADMSG;
        free(pail_steal(&page->next_token)); /* ListParts tells one always */
        free(pail_steal(&page->next_id));
        return 0;
}

/* The server took no notice of what it does not know, and answered the older question: perhaps not from where it was asked to. */
static bool is_older_answer(const struct listing *listing)
{
        return listing->older_query.length > 0 && listing->kind->older && listing->has_marker &&
               !listing->has_key_count;
}

static void learn_kind(struct pail_s3_call *call, const struct listing *listing)
{
        if (listing->older_query.length > 0)
                pail_s3_client_learn_list(call->client, call->bucket,
                                          listing->kind->older ? PAIL_S3_LIST_NEWER : PAIL_S3_LIST_OLDER);
}

static bool is_unknown_to_server(const struct pail_error *error)
{
        return error->class == PAIL_ERROR_SERVICE && (error->http_status == 501 || error->http_status == 405 ||
                                                      pail_str_equal(error->code, "NotImplemented"));
}

enum pail_s3_failure_class pail_s3_list_classify_failure(struct pail_s3_call *call, struct pail_error *error)
{
        struct listing *listing = call->state;
        if (!listing->kind->older || listing->older_query.length == 0 || !is_unknown_to_server(error))
                return PAIL_S3_FAILURE_RETRY;
        pail_buf_reset(&call->query);
        pail_buf_append(&call->query, listing->older_query.data, listing->older_query.length);
        if (call->query.error)
                return PAIL_S3_FAILURE_FINAL;
        listing->kind = listing->kind->older;
        return PAIL_S3_FAILURE_REPEAT;
}

int pail_s3_list_parse(struct pail_s3_call *call, const struct pail_http_response *response,
                       struct pail_error *ret_error)
{
        (void)response;
        static const struct pail_xml_handler handler = { .on_start = on_start, .on_end = on_end };
        struct listing *listing = call->state;
        listing_reset(listing);
        int r = pail_s3_xml_parse(call->answer.data, call->answer.length, &handler, listing);
        pail_buf_done(&call->answer);
        if (r >= 0 && is_older_answer(listing)) {
                pail_s3_error_from_code(call, NULL, "NotImplemented", NULL, 501, ret_error);
                return -EOPNOTSUPP;
        }
        if (r >= 0)
                r = check_entries(listing);
        if (r >= 0)
                r = check_markers(listing);
        if (r >= 0)
                learn_kind(call, listing);
        return r;
}

/* What to ask should the server not know what it is asked first. */
static int keep_older_query(struct pail_s3_call *call, struct listing *listing, const struct pail_s3_list_input *input)
{
        listing->kind->older->add_query(call, input);
        if (call->query.length == 0)
                pail_s3_call_query_number(call, "max-keys", PAIL_S3_PAGE_MAX); /* empty would mean that there is none */
        int r = pail_buf_append(&listing->older_query, call->query.data, call->query.length);
        pail_buf_reset(&call->query);
        return r;
}

static enum pail_s3_list_known find_known(struct pail_s3_client *client, const struct pail_s3_list_kind *kind,
                                          const char *bucket)
{
        if (!kind->older || !bucket || pail_endpoint_is_directory(bucket))
                return PAIL_S3_LIST_NEWER;
        return pail_s3_client_list(client, bucket);
}

int pail_s3_list_new(struct pail_s3_client *client, const struct pail_s3_list_kind *kind,
                     const struct pail_s3_list_input *input, struct pail_s3_call **ret_call,
                     struct pail_error *ret_error)
{
        struct pail_s3_call *call = NULL;
        enum pail_s3_list_known known = find_known(client, kind, input->bucket);
        if (known == PAIL_S3_LIST_OLDER)
                kind = kind->older;
        int r = pail_s3_call_new(client, &kind->operation, input->bucket, input->key, &call, ret_error);
        if (r < 0)
                return r;
        struct listing *listing = calloc(1, sizeof(*listing));
        if (listing) {
                listing->kind = kind;
                pail_buf_init(&listing->older_query, PAIL_S3_QUERY_CAP);
                call->state = listing;
                call->free_state = listing_free;
                r = pail_str_dup(input->prefix ? input->prefix : "", &listing->prefix);
        }
        if (listing && r >= 0 && known == PAIL_S3_LIST_UNKNOWN)
                r = keep_older_query(call, listing, input);
        if (!listing || r < 0)
                call->build_error = -ENOMEM;
        kind->add_query(call, input);
        *ret_call = call;
        return 0;
}

int pail_s3_list_begin(struct pail_s3_client *client, const struct pail_s3_list_kind *kind,
                       const struct pail_s3_list_input *input, struct pail_s3_call **ret_call,
                       struct pail_error *ret_error)
{
        struct pail_s3_call *call = NULL;
        int r = pail_s3_list_new(client, kind, input, &call, ret_error);
        return r < 0 ? r : pail_s3_call_launch(call, NULL, NULL, ret_call, ret_error);
}

int pail_s3_list_wait(struct pail_s3_call *call, struct pail_s3_page *ret_page, struct pail_error *ret_error)
{
        int r = pail_s3_call_wait(call, ret_error);
        if (r >= 0) {
                struct listing *listing = call->state;
                *ret_page = listing->page;
                listing->page = (struct pail_s3_page){ 0 };
        }
        pail_s3_call_unref(call);
        return r;
}

int pail_s3_list_run(struct pail_s3_client *client, const struct pail_s3_list_kind *kind,
                     const struct pail_s3_list_input *input, struct pail_s3_page *ret_page,
                     struct pail_error *ret_error)
{
        struct pail_s3_call *call = NULL;
        int r = pail_s3_list_begin(client, kind, input, &call, ret_error);
        return r < 0 ? r : pail_s3_list_wait(call, ret_page, ret_error);
}
