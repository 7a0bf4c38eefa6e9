/* SPDX-License-Identifier: Apache-2.0 */
/* Multipart uploads. Copied parts heed the version that they are asked for, Complete heeds its condition. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pail/util/str.h"
#include "private.h"

enum { PARTS_MAX = 64 };

struct pail_remote_upload {
        struct memory_remote *remote;
        char *key, *extra, *tagging;
        struct pail_remote_attributes attributes;
        unsigned number;
        bool is_completed, is_gone;
        struct part {
                char *bytes;
                uint64_t size_bytes;
                char etag[PAIL_REMOTE_ETAG_SIZE];
        } parts[PARTS_MAX];
};

int memory_begin_upload(struct pail_remote *base, const char *key, const struct pail_remote_content *content,
                        bool may_copy, struct pail_remote_upload **ret_upload, struct pail_remote_error *ret_error)
{
        struct memory_remote *remote = memory_of(base);
        struct pail_remote_upload *upload;
        int r = memory_go(remote, MEMORY_PUT, false, ret_error);

        (void)may_copy;
        if (r < 0)
                return r;
        upload = calloc(1, sizeof(*upload));
        PAIL_SIM_CHECK(upload);
        upload->remote = memory_of(base->ops->ref(base));
        upload->key = memory_copy_text(key);
        upload->extra = memory_extra(content);
        upload->tagging = memory_copy_text(content->tagging);
        upload->attributes = content->metadata->attributes;
        upload->number = ++remote->upload_number;
        remote->counters.open_uploads++;
        *ret_upload = upload;
        return 0;
}

/* The bytes of a copied part. */
static int copy_part(struct pail_remote_call *call, struct pail_remote_error *error)
{
        const struct store_version *source = store_current(call->remote->store, call->key);

        if (!source)
                return memory_absent(error);
        if (!pail_str_equal(source->etag, call->if_match))
                return memory_fail(-ESTALE, PAIL_REMOTE_REPLACED, "the source is another version", error);
        if (call->offset + call->part->size_bytes > source->size_bytes)
                return memory_fail(-ERANGE, PAIL_REMOTE_REPLACED, "the source ends before", error);
        call->bytes = calloc(1, call->part->size_bytes + 1);
        PAIL_SIM_CHECK(call->bytes);
        memcpy(call->bytes, source->bytes + call->offset, call->part->size_bytes);
        return 0;
}

static void keep_part(struct pail_remote_call *call)
{
        struct part *part = &call->upload->parts[call->part->number - 1];

        free(part->bytes);
        part->bytes = call->bytes;
        part->size_bytes = call->part->size_bytes;
        call->bytes = NULL;
        snprintf(part->etag, sizeof(part->etag), "part-%u-%u-%u", call->upload->number, call->part->number,
                 ++call->remote->upload_number);
        pail_str_copy(call->part->etag, sizeof(call->part->etag), part->etag);
}

static void serve_part(void *context)
{
        struct pail_remote_call *call = context;
        struct pail_remote_error error = { .cause = PAIL_REMOTE_UNKNOWN };
        int r = memory_go(call->remote, call->bytes ? MEMORY_PUT : MEMORY_COPY, false, &error);

        if (r == 0 && call->is_cancelled)
                r = memory_fail(-EINTR, PAIL_REMOTE_LOCAL, "cancelled", &error);
        if (r == 0 && call->upload->is_gone)
                r = memory_fail(-ENOENT, PAIL_REMOTE_ABSENT, "there is no such upload", &error);
        if (r == 0 && !call->bytes)
                r = copy_part(call, &error);
        if (r == 0) {
                keep_part(call);
                r = memory_return(call->remote, &error);
        }
        call->done(call->context, r, r < 0 ? &error : NULL);
        memory_unref_call(call);
}

int memory_send_part(struct pail_remote_upload *upload, const struct pail_remote_part_source *source,
                     struct pail_remote_part *part, pail_remote_part_done *done, void *context,
                     struct pail_remote_call **ret_call, struct pail_remote_error *ret_error)
{
        struct pail_remote_call *call = calloc(1, sizeof(*call));

        (void)ret_error;
        PAIL_SIM_CHECK(call && part->number >= 1 && part->number <= PARTS_MAX);
        *call = (struct pail_remote_call){ .references = 2,
                                           .remote = upload->remote,
                                           .upload = upload,
                                           .part = part,
                                           .key = memory_copy_text(source->copy_key),
                                           .if_match = memory_copy_text(source->copy_etag),
                                           .offset = source->copy_offset,
                                           .bytes = source->copy_key ? NULL : memory_read_bytes(&source->bytes),
                                           .done = done,
                                           .context = context };
        *ret_call = call;
        PAIL_SIM_CHECK(pail_workpool_submit(upload->remote->servers, serve_part, call) == 0);
        return 0;
}

/* All parts one after the other. Owned; NULL: one of them is not there. */
static char *assemble(const struct pail_remote_upload *upload, const struct pail_remote_part *parts, size_t count,
                      size_t *ret_size)
{
        size_t size = 0, at = 0;
        char *bytes;

        for (size_t i = 0; i < count; i++) {
                const struct part *part = &upload->parts[parts[i].number - 1];

                PAIL_SIM_CHECK(i == 0 || parts[i].number > parts[i - 1].number);
                if (!part->bytes || !pail_str_equal(part->etag, parts[i].etag))
                        return NULL;
                PAIL_SIM_CHECK(i + 1 == count || part->size_bytes >= MEMORY_PART_MIN_BYTES);
                size += part->size_bytes;
        }
        bytes = calloc(1, size + 1);
        PAIL_SIM_CHECK(bytes);
        for (size_t i = 0; i < count; i++) {
                const struct part *part = &upload->parts[parts[i].number - 1];

                memcpy(bytes + at, part->bytes, part->size_bytes);
                at += part->size_bytes;
        }
        *ret_size = size;
        return bytes;
}

int memory_complete_upload(struct pail_remote_upload *upload, const struct pail_remote_part *parts, size_t count,
                           const struct pail_remote_condition *condition, struct pail_remote_stored *ret_stored,
                           struct pail_remote_error *ret_error)
{
        struct memory_remote *remote = upload->remote;
        char suffix[16];
        size_t size = 0;
        char *bytes;
        int r = memory_go(remote, MEMORY_PUT, false, ret_error);

        if (r < 0)
                return r;
        upload->is_gone = upload->is_gone || pail_sim_chance(remote->sim, remote->weather->forget_one_in);
        bytes = upload->is_gone ? NULL : assemble(upload, parts, count, &size);
        if (!bytes)
                return memory_fail(-ENOENT, PAIL_REMOTE_ABSENT, "there is no such upload", ret_error);
        r = memory_check(remote, upload->key, condition, ret_error);
        if (r < 0) {
                free(bytes);
                return r;
        }
        snprintf(suffix, sizeof(suffix), "-%zu", count);
        const struct store_version *version = store_write(remote->store,
                                                          &(struct store_change){ .key = upload->key,
                                                                                  .bytes = bytes,
                                                                                  .size_bytes = size,
                                                                                  .attributes = &upload->attributes,
                                                                                  .extra = upload->extra,
                                                                                  .tagging = upload->tagging,
                                                                                  .etag_suffix = suffix,
                                                                                  .author = remote->author,
                                                                                  .act = STORE_COMPLETE });
        free(bytes);
        upload->is_gone = upload->is_completed = true;
        r = memory_return(remote, ret_error);
        if (r == 0)
                memory_stored(version, ret_stored);
        return r;
}

void memory_end_upload(struct pail_remote_upload *upload, bool has_cancelled)
{
        (void)has_cancelled;
        if (!upload)
                return;
        upload->remote->counters.open_uploads--;
        for (unsigned i = 0; i < PARTS_MAX; i++)
                free(upload->parts[i].bytes);
        free(upload->key);
        free(upload->extra);
        free(upload->tagging);
        upload->remote->base.ops->unref(&upload->remote->base);
        free(upload);
}
