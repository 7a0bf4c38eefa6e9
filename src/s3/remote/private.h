/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the remote share. Everything is in terms of <pail/remote/remote.h>. */
#ifndef PAIL_SRC_S3_REMOTE_PRIVATE_H
#define PAIL_SRC_S3_REMOTE_PRIVATE_H

#include <stdatomic.h>

#include "metadata.h"
#include "pail/s3/object.h"
#include "pail/s3/remote.h"

struct pail_s3_remote {
        struct pail_remote base;
        atomic_uint references;
        struct pail_bucket *bucket;
        struct pail_s3_client *client;
        atomic_bool doubts_declared_copies; /* an upload that declared checksums and copied parts was refused */
        struct pail_s3_remote_options options;
};

static inline struct pail_s3_remote *pail_s3_remote_of(struct pail_remote *remote)
{
        return (struct pail_s3_remote *)remote;
}

/*
 * The end of each function: result, and what error says of a failure in the terms of the remote. Returns result; a
 * failure that says nothing of itself was one of this machine.
 */
int pail_s3_remote_end(int result, const struct pail_error *error, struct pail_remote_error *ret_error);
/* The same for the asynchronous ones, where error NULL is success. */
int pail_s3_remote_result(const struct pail_error *error, struct pail_remote_error *ret_error);
enum pail_http_priority pail_s3_remote_priority(enum pail_remote_priority priority);
struct pail_http_body pail_s3_remote_body(const struct pail_remote_bytes *bytes, struct iovec *vector);
/* What a new version was stored with, as its writer sees it. headers as they were sent. */
int pail_s3_remote_stored(struct pail_s3_remote *remote, const struct pail_s3_headers *headers, const char *etag,
                          struct pail_remote_stored *ret_stored);

/* list.c */
int pail_s3_remote_list(struct pail_remote *remote, const struct pail_remote_listing *listing,
                        struct pail_remote_list **ret_list);
int pail_s3_remote_next_page(struct pail_remote_list *list, struct pail_remote_page *ret_page,
                             struct pail_remote_error *ret_error);
void pail_s3_remote_end_list(struct pail_remote_list *list);

/* fetch.c */
int pail_s3_remote_fetch(struct pail_remote *remote, const struct pail_remote_range *range,
                         const struct pail_remote_sink *sink, void *context, struct pail_remote_call **ret_call,
                         struct pail_remote_error *ret_error);

/* call.c: a call of the client, and what is wanted when it ends. */
struct pail_remote_call {
        atomic_uint references; /* of the caller, and of the request until its end */
        struct pail_s3_call *call;
        const struct pail_remote_sink *sink; /* of a fetch */
        bool is_whole;                       /* all of an object, not a range */
        struct pail_remote_upload *upload;   /* of a part */
        struct pail_remote_part *part;
        struct pail_s3_part sent;
        struct iovec vector;
        pail_remote_part_done *done;
        void *context;
};
/* Two references. -ENOMEM. */
int pail_s3_remote_call_new(struct pail_remote_call **ret_call);
void pail_s3_remote_raise_call(struct pail_remote_call *call);
void pail_s3_remote_cancel_call(struct pail_remote_call *call);
void pail_s3_remote_unref_call(struct pail_remote_call *call);

/* write.c */
int pail_s3_remote_put(struct pail_remote *remote, const struct pail_remote_put *put,
                       struct pail_remote_stored *ret_stored, struct pail_remote_error *ret_error);
int pail_s3_remote_copy(struct pail_remote *remote, const struct pail_remote_copy *copy,
                        struct pail_remote_stored *ret_stored, struct pail_remote_error *ret_error);
int pail_s3_remote_remove(struct pail_remote *remote, const char *key, struct pail_remote_error *ret_error);
int pail_s3_remote_remove_many(struct pail_remote *remote, const char *const *keys, size_t count,
                               struct pail_remote_error *ret_error);

/* upload.c */
int pail_s3_remote_begin_upload(struct pail_remote *remote, const char *key, const struct pail_remote_content *content,
                                bool may_copy, struct pail_remote_upload **ret_upload,
                                struct pail_remote_error *ret_error);
int pail_s3_remote_send_part(struct pail_remote_upload *upload, const struct pail_remote_part_source *source,
                             struct pail_remote_part *part, pail_remote_part_done *done, void *context,
                             struct pail_remote_call **ret_call, struct pail_remote_error *ret_error);
int pail_s3_remote_complete_upload(struct pail_remote_upload *upload, const struct pail_remote_part *parts,
                                   size_t count, const struct pail_remote_condition *condition,
                                   struct pail_remote_stored *ret_stored, struct pail_remote_error *ret_error);
void pail_s3_remote_end_upload(struct pail_remote_upload *upload, bool has_cancelled);

#endif
