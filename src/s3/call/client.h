/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of a client: what its calls share, and what it has learned of buckets and of the server. */
#ifndef PAIL_SRC_S3_CALL_CLIENT_H
#define PAIL_SRC_S3_CALL_CLIENT_H

#include <stdatomic.h>
#include <stdbool.h>

#include "express.h"
#include "pail/aws/retry.h"
#include "pail/aws/sigv4.h"
#include "pail/s3/client.h"
#include "pail/s3/types.h"
#include "pail/util/mutex.h"

/* What not every server can do; what is known of it is in feature.h. */
enum pail_s3_feature {
        PAIL_S3_FEATURE_NONE,
        PAIL_S3_FEATURE_COPIES,          /* CopyObject */
        PAIL_S3_FEATURE_PART_COPIES,     /* UploadPartCopy */
        PAIL_S3_FEATURE_DECLARED_COPIES, /* the same into an upload that was begun with a checksum algorithm */
        PAIL_S3_FEATURE_IF_MATCH,        /* of what is written; that it is heeded is another matter */
        PAIL_S3_FEATURE_IF_NONE_MATCH,   /* the same: some servers take one of them alone */
        PAIL_S3_FEATURE_RENAMES,         /* RenameObject */
        PAIL_S3_FEATURE_BULK_DELETES,    /* DeleteObjects */
        PAIL_S3_FEATURE_COUNT,
};

/*
 * Requests that a call makes on the way to its own. They are operations, which are made of calls: so the client is given them when it is made
 * (ops/new_client.c).
 */
struct pail_s3_side_requests {
        /* CreateSession of a directory bucket. Blocks. */
        pail_s3_session_maker *create_session;
        /*
         * Asks HeadBucket where the bucket is, and tells pail_s3_client_region_answered(). Waits for nothing. < 0: it is not asked.
         */
        int (*ask_region)(struct pail_s3_client *client, const char *bucket);
};

struct pail_s3_bucket_facts;
struct pail_s3_customer_keys;

struct pail_s3_client {
        /* Immutable after creation. */
        struct pail_session *session;
        struct pail_http_engine *engine;
        const struct pail_s3_side_requests *side;
        struct pail_s3_client_options options;       /* strings are the client's own */
        struct pail_s3_customer_keys *customer_keys; /* NULL: none */
        enum pail_s3_checksum checksum;              /* AUTO: CRC32C until it is refused */
        bool checks_answers;                         /* asks for the checksums of what it reads */
        unsigned max_attempts;                       /* 0: until the timeout */
        struct pail_retry *retry;
        struct pail_sigv4_key_cache *keys;
        struct pail_s3_express *express;

        _Atomic int64_t limit_ms;                  /* 0: none */
        _Atomic int64_t directory_buckets_from_ms; /* when to ask for them again; 0: at once */
        atomic_bool is_warned_of_directory_buckets;
        atomic_bool no_checksums; /* it refuses them */
        atomic_uint customer_key; /* that the last object was read with */

        struct {
                struct pail_mutex mutex;
                struct pail_cond idle;
                size_t calls; /* under way, done callbacks included */
                struct pail_s3_bucket_facts *facts;
        } guarded;
};

/* pail_s3_client_new() with the requests that it needs. side is borrowed for good. */
int pail_s3_client_make(struct pail_session *session, struct pail_http_engine *engine,
                        const struct pail_s3_client_options *options, const struct pail_s3_side_requests *side,
                        struct pail_s3_client **ret_client, struct pail_error *ret_error);

/* When a call that begins now gives up. */
int64_t pail_s3_client_deadline_ms(const struct pail_s3_client *client, int64_t timeout_ms);
void pail_s3_client_call_begins(struct pail_s3_client *client);
/* The call touches the client no more after this. */
void pail_s3_client_call_ended(struct pail_s3_client *client);

/* The region that an earlier answer told for the bucket; *ret_region NULL: none. Owned by the caller. */
int pail_s3_client_region(struct pail_s3_client *client, const char *bucket, char **ret_region);
int pail_s3_client_learn_region(struct pail_s3_client *client, const char *bucket, const char *region);
/* The bucket is to be made: nothing is known of it. */
void pail_s3_client_forget_bucket(struct pail_s3_client *client, const char *bucket);
/* An answer told a version id: the bucket keeps versions, so objects in it may have retention and legal holds. */
bool pail_s3_client_keeps_versions(struct pail_s3_client *client, const char *bucket);
void pail_s3_client_learn_versions(struct pail_s3_client *client, const char *bucket);
/* Which of two forms of a list the server knows for the bucket. */
enum pail_s3_list_known {
        PAIL_S3_LIST_UNKNOWN,
        PAIL_S3_LIST_NEWER,
        PAIL_S3_LIST_OLDER,
};
enum pail_s3_list_known pail_s3_client_list(struct pail_s3_client *client, const char *bucket);
void pail_s3_client_learn_list(struct pail_s3_client *client, const char *bucket, enum pail_s3_list_known known);
/* Who asks the server for the region of a bucket: each is asked once. */
enum pail_s3_region_ask {
        PAIL_S3_REGION_ASK,      /* the caller, who is to end it with _answered() */
        PAIL_S3_REGION_ASKED,    /* somebody does */
        PAIL_S3_REGION_ANSWERED, /* it was asked, or there is no memory to remember that */
};
enum pail_s3_region_ask pail_s3_client_region_ask(struct pail_s3_client *client, const char *bucket);
/* Without becoming the one who asks. */
bool pail_s3_client_region_is_asked(struct pail_s3_client *client, const char *bucket);
/* region NULL: the answer was none. is_settled false: there was no answer, so another call may ask again. */
void pail_s3_client_region_answered(struct pail_s3_client *client, const char *bucket, const char *region,
                                    bool is_final);

/* feature.h. learn: false: nothing new, or no memory to remember it. */
enum pail_s3_support pail_s3_client_support(struct pail_s3_client *client, const char *bucket,
                                            enum pail_s3_feature feature);
bool pail_s3_client_learn_support(struct pail_s3_client *client, const char *bucket, enum pail_s3_feature feature,
                                  enum pail_s3_support support);
/* HEAD is refused without a word, and GET would tell why. false: it was asked for and told nothing but "denied" a moment ago. */
bool pail_s3_client_asks_why(struct pail_s3_client *client, const char *bucket);
void pail_s3_client_learn_denial(struct pail_s3_client *client, const char *bucket);

/*
 * Whether reading ACLs of this bucket is still worth a request: not once the server said that it has none, nor after
 * several refusals in a row (a policy without s3:GetObjectAcl).
 */
bool pail_s3_client_reads_acls(struct pail_s3_client *client, const char *bucket);
/* error NULL: it could be read. */
void pail_s3_client_learn_acl(struct pail_s3_client *client, const char *bucket, const struct pail_error *error);

#endif
