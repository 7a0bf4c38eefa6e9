/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PAIL_TESTS_SIM_MEMORY_PRIVATE_H
#define PAIL_TESTS_SIM_MEMORY_PRIVATE_H

#include "memory.h"
#include "pail/util/mutex.h"
#include "pail/util/workpool.h"

struct memory_remote {
        struct pail_remote base;
        struct pail_sim *sim;
        struct store *store;
        const struct memory_weather *weather;
        int author;
        unsigned references;
        struct pail_workpool *servers; /* each asynchronous request runs on one of its threads */
        struct pail_mutex mutex;       /* for waiting */
        struct pail_cond never;
        struct memory_counters counters;
        unsigned upload_number;
};

static inline struct memory_remote *memory_of(struct pail_remote *remote)
{
        return (struct memory_remote *)remote;
}

/* The way there: 0, or the request never has its effect. is_question: an interrupted caller gives up. */
int memory_go(struct memory_remote *remote, enum memory_request request, bool is_question,
              struct pail_remote_error *ret_error);
/* The way back of a change: 0, or the answer is lost. */
int memory_return(struct memory_remote *remote, struct pail_remote_error *ret_error);
int memory_fail(int result, enum pail_remote_cause cause, const char *message, struct pail_remote_error *ret_error);
/* -ENOENT, ABSENT. */
int memory_absent(struct pail_remote_error *ret_error);
/* Does the object under the key agree? */
int memory_check(struct memory_remote *remote, const char *key, const struct pail_remote_condition *condition,
                 struct pail_remote_error *ret_error);
char *memory_copy_text(const char *text);
void memory_describe(const struct store_version *version, struct pail_remote_object *ret_object);
/* What is stored beside the bytes, as put and begin_upload take it. */
char *memory_extra(const struct pail_remote_content *content);
void memory_stored(const struct store_version *version, struct pail_remote_stored *ret_stored);
/* Bytes of a request body, from memory or its file. Owned. */
char *memory_read_bytes(const struct pail_remote_bytes *bytes);

/* async.c */
int memory_fetch(struct pail_remote *remote, const struct pail_remote_range *range, const struct pail_remote_sink *sink,
                 void *context, struct pail_remote_call **ret_call, struct pail_remote_error *ret_error);
void memory_raise_call(struct pail_remote_call *call);
void memory_cancel_call(struct pail_remote_call *call);
void memory_unref_call(struct pail_remote_call *call);

/* lists.c */
int memory_list(struct pail_remote *remote, const struct pail_remote_listing *listing,
                struct pail_remote_list **ret_list);
int memory_next_page(struct pail_remote_list *list, struct pail_remote_page *ret_page,
                     struct pail_remote_error *ret_error);
void memory_end_list(struct pail_remote_list *list);

/* uploads.c */
int memory_begin_upload(struct pail_remote *remote, const char *key, const struct pail_remote_content *content,
                        bool may_copy, struct pail_remote_upload **ret_upload, struct pail_remote_error *ret_error);
int memory_send_part(struct pail_remote_upload *upload, const struct pail_remote_part_source *source,
                     struct pail_remote_part *part, pail_remote_part_done *done, void *context,
                     struct pail_remote_call **ret_call, struct pail_remote_error *ret_error);
int memory_complete_upload(struct pail_remote_upload *upload, const struct pail_remote_part *parts, size_t count,
                           const struct pail_remote_condition *condition, struct pail_remote_stored *ret_stored,
                           struct pail_remote_error *ret_error);
void memory_end_upload(struct pail_remote_upload *upload, bool has_cancelled);

/* A call under way, of a fetch or a part. */
struct pail_remote_call {
        unsigned references;
        struct memory_remote *remote;
        bool is_cancelled;
        /* of a fetch */
        char *key, *if_match;
        uint64_t offset, size_bytes;
        const struct pail_remote_sink *sink;
        /* of a part */
        struct pail_remote_upload *upload;
        struct pail_remote_part *part;
        char *bytes; /* NULL: copied from key, if_match, offset */
        pail_remote_part_done *done;
        void *context;
};

#endif
