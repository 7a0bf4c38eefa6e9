/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What all list operations are: a question with two markers at most, and an answer of entries. Each describes itself
 * by a constant struct pail_s3_list_kind.
 */
#ifndef PAIL_SRC_S3_OPS_LIST_H
#define PAIL_SRC_S3_OPS_LIST_H

#include "pail/s3/operations.h"
#include "s3/call/call.h"

/* What every entry but a prefix has; an answer without it is none. */
enum {
        PAIL_S3_LIST_KEY = 1,
        PAIL_S3_LIST_ID = 2,
        PAIL_S3_LIST_PART = 4, /* number and ETag */
};

struct pail_s3_list_kind {
        struct pail_s3_operation operation; /* take: pail_s3_list_parse */
        char letter;                        /* by which tokens of one list are told from another's */
        const char *const *items;           /* the elements below the root that are entries; NULL-terminated */
        const char *token, *id;             /* elements that tell where the next page begins; id NULL: there is none */
        unsigned has;                       /* PAIL_S3_LIST_… */
        bool is_open; /* there is no IsTruncated: a token means that there is more; and prefix is the client's work */
        bool can_delete;          /* the entries are objects or versions */
        bool goes_on_behind_last; /* where no token is told, the next page begins behind the last entry */
        const struct pail_s3_list_kind
                *older; /* of the same entries, for servers that do not know this one; NULL: none */
        /* Adds to the query. */
        void (*add_query)(struct pail_s3_call *call, const struct pail_s3_list_input *input);
};

#define PAIL_S3_LIST_OPERATION(name_, root_)                                                                           \
        .name = (name_), .method = "GET", .root = (root_), .answer_cap_bytes = PAIL_S3_LIST_CAP,                       \
        .parse = pail_s3_list_parse

extern const struct pail_s3_list_kind pail_s3_objects_kind, pail_s3_objects_v1_kind, pail_s3_versions_kind,
        pail_s3_uploads_kind, pail_s3_parts_kind, pail_s3_buckets_kind, pail_s3_directory_buckets_kind;

/* The call, ready to be started. */
int pail_s3_list_new(struct pail_s3_client *client, const struct pail_s3_list_kind *kind,
                     const struct pail_s3_list_input *input, struct pail_s3_call **ret_call,
                     struct pail_error *ret_error);
/* Starts a request; the input is not needed any more when this returns. */
int pail_s3_list_begin(struct pail_s3_client *client, const struct pail_s3_list_kind *kind,
                       const struct pail_s3_list_input *input, struct pail_s3_call **ret_call,
                       struct pail_error *ret_error);
/* Waits, interruptibly, and takes the reference. To give up instead: cancel and unref, without a wait. */
int pail_s3_list_wait(struct pail_s3_call *call, struct pail_s3_page *ret_page, struct pail_error *ret_error);
/* begin and wait. */
int pail_s3_list_run(struct pail_s3_client *client, const struct pail_s3_list_kind *kind,
                     const struct pail_s3_list_input *input, struct pail_s3_page *ret_page,
                     struct pail_error *ret_error);

int pail_s3_list_parse(struct pail_s3_call *call, const struct pail_http_response *response,
                       struct pail_error *ret_error);
/* For kinds that have an older one: asks for the same page in that, where the server does not know this. */
enum pail_s3_failure_class pail_s3_list_classify_failure(struct pail_s3_call *call, struct pail_error *error);

#endif
