/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One page of any list, built entry by entry as the parser goes. The fields of all kinds of entries have names of
 * their own, so that one table reads them all. Whether keys are URL-encoded is told somewhere in the answer, before or
 * behind the entries, so keys are decoded at the end.
 *
 * The page belongs to the call until somebody waits for it: who gives up a request need not wait for its end.
 *
 * What the server says is checked where the layers above lean on it: every key begins with the prefix asked for, and
 * a page that is not the last names the next.
 */
#include "list.h"

#include <errno.h>

#include "info.h"
#include "pail/util/clock.h"
#include "pail/util/str.h"
#include "xml_lenient.h"

enum { ENTRIES_MAX = 100000 };

struct listing {
        const struct pail_s3_list_kind *kind;
        char *prefix;
        struct pail_s3_page page;
        size_t allocated;
        const char *item; /* the entry that the parser is in; NULL: none */
        bool is_encoded;
};

static void listing_reset(struct listing *listing)
{
        pail_s3_page_done(&listing->page);
        listing->allocated = 0;
        listing->item = NULL;
        listing->is_encoded = false;
}

static void listing_free(void *state)
{
        struct listing *listing = state;
        listing_reset(listing);
        free(listing->prefix);
        free(listing);
}

static int set_key(struct pail_s3_entry *entry, const char *text)
{
        return pail_str_replace(&entry->key, text);
}

static int set_id(struct pail_s3_entry *entry, const char *text)
{
        return pail_str_replace(&entry->id, text);
}

static int set_storage_class(struct pail_s3_entry *entry, const char *text)
{
        return pail_str_replace(&entry->storage_class, text);
}

static int set_size(struct pail_s3_entry *entry, const char *text)
{
        return pail_str_to_u64(text, &entry->size_bytes) < 0 ? -EBADMSG : 0;
}

static int set_time(struct pail_s3_entry *entry, const char *text)
{
        return pail_clock_parse_iso8601(text, &entry->last_modified) < 0 ? -EBADMSG : 0;
}

/* Nothing hangs on it: it stays 0. */
static int set_time_of_birth(struct pail_s3_entry *entry, const char *text)
{
        (void)pail_clock_parse_iso8601(text, &entry->last_modified);
        return 0;
}

/* Some servers leave it out of lists of objects: it stays empty. */
/* Goes back to the server as it is. */
static int set_checksum(struct pail_s3_entry *entry, const char *text)
{
        pail_str_copy(entry->checksum, sizeof(entry->checksum), text);
        return 0;
}

static int set_etag(struct pail_s3_entry *entry, const char *text)
{
        (void)pail_s3_etag_parse(text, entry->etag);
        return 0;
}

static int set_latest(struct pail_s3_entry *entry, const char *text)
{
        entry->is_latest = pail_str_equal(text, "true");
        return 0;
}

static int set_part_number(struct pail_s3_entry *entry, const char *text)
{
        uint64_t value;
        if (pail_str_to_u64(text, &value) < 0 || value == 0 || value > PAIL_S3_PARTS_MAX)
                return -EBADMSG;
        entry->part_number = (unsigned)value;
        return 0;
}

static const struct {
        const char *name;
        int (*set)(struct pail_s3_entry *entry, const char *text);
} fields[] = {
        { "Key", set_key },
        { "Name", set_key },
        { "Prefix", set_key },
        { "VersionId", set_id },
        { "UploadId", set_id },
        { "Size", set_size },
        { "LastModified", set_time },
        { "Initiated", set_time_of_birth },
        { "CreationDate", set_time_of_birth },
        { "ETag", set_etag },
        { "ChecksumCRC32C", set_checksum },
        { "ChecksumCRC64NVME", set_checksum },
        { "StorageClass", set_storage_class },
        { "IsLatest", set_latest },
        { "PartNumber", set_part_number },
};

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
        for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
                if (pail_str_equal(field, fields[i].name))
                        return fields[i].set(&listing->page.entries[listing->page.count - 1], text);
        }
        return 0;
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
        else if (pail_str_equal(name, listing->kind->token))
                return pail_str_replace(&page->next_token, text);
        else if (pail_str_equal(name, listing->kind->id))
                return pail_str_replace(&page->next_id, text);
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
        int r = listing->is_encoded ? decode(entry->key, scratch, &has_nul) : 0;
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

static int check_markers(struct listing *listing)
{
        struct pail_s3_page *page = &listing->page;
        bool has_token = !pail_str_is_empty(page->next_token);
        if (listing->kind->is_open)
                page->is_truncated = has_token;
        if (page->is_truncated)
                return has_token ? 0 : -EBADMSG;
        free(pail_steal(&page->next_token)); /* ListParts tells one always */
        free(pail_steal(&page->next_id));
        return 0;
}

int pail_s3_list_take(struct pail_s3_call *call, const struct pail_http_response *response,
                      struct pail_error *ret_error)
{
        (void)response;
        (void)ret_error;
        static const struct pail_xml_handler handler = { .on_start = on_start, .on_end = on_end };
        struct listing *listing = call->state;
        listing_reset(listing);
        int r = pail_s3_xml_parse(call->answer.data, call->answer.length, &handler, listing);
        pail_buf_done(&call->answer);
        if (r >= 0)
                r = check_entries(listing);
        return r < 0 ? r : check_markers(listing);
}

int pail_s3_list_new(struct pail_s3_client *client, const struct pail_s3_list_kind *kind,
                     const struct pail_s3_list_input *input, struct pail_s3_call **ret_call,
                     struct pail_error *ret_error)
{
        struct pail_s3_call *call = NULL;
        int r = pail_s3_call_new(client, &kind->operation, input->bucket, input->key, &call, ret_error);
        if (r < 0)
                return r;
        struct listing *listing = calloc(1, sizeof(*listing));
        if (listing) {
                listing->kind = kind;
                call->state = listing;
                call->free_state = listing_free;
                r = pail_str_dup(input->prefix ? input->prefix : "", &listing->prefix);
        }
        if (!listing || r < 0)
                call->build_error = -ENOMEM;
        kind->ask(call, input);
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
