/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A call: one operation on its way through all its attempts. An operation describes itself by a constant struct
 * pail_s3_operation, makes a call, adds query, headers and body to it (request.h), and starts it.
 */
#ifndef PAIL_SRC_S3_CALL_H
#define PAIL_SRC_S3_CALL_H

#include <stdatomic.h>
#include <stdbool.h>

#include "checksum.h"
#include "client.h"
#include "pail/aws/endpoint.h"
#include "pail/http/request.h"
#include "pail/util/buf.h"
#include "pail/util/cleanup.h"

enum {
        PAIL_S3_ANSWER_CAP = 1 << 20,       /* of an answer in XML, where the operation says nothing else */
        PAIL_S3_LIST_CAP = 16 << 20,        /* of a list */
        PAIL_S3_QUERY_CAP = 16 * 1024,      /* a prefix, a token and markers of 1024 bytes, encoded three for one */
        PAIL_S3_EXPECT_MIN = 1 << 20,       /* bodies from this size ask before they are sent */
        PAIL_S3_SERVER_WORK_MS = 15 * 60000 /* before the first byte of an answer that the server has to work for */
};

/* What becomes of a failed attempt. */
enum pail_s3_judgement {
        PAIL_S3_JUDGE_RETRY,   /* ask for the verdict of retry */
        PAIL_S3_JUDGE_FAILED,  /* no other attempt */
        PAIL_S3_JUDGE_AGAIN,   /* another one at once: the operation has changed its request */
        PAIL_S3_JUDGE_SUCCESS, /* it was none: everything has arrived */
};

/* What the client's options add to the requests of an operation, beside what goes with all of them. */
enum pail_s3_wants {
        PAIL_S3_WANTS_CHECKSUM = 1 << 0,   /* its body is bytes of an object: their checksum */
        PAIL_S3_WANTS_ALGORITHM = 1 << 1,  /* it begins an upload: the name of the checksum that its parts will have */
        PAIL_S3_WANTS_WRITE_KEY = 1 << 2,  /* it makes an object or part: the customer's key to encrypt it with */
        PAIL_S3_WANTS_READ_KEY = 1 << 3,   /* it reads an object: the key that this is encrypted with */
        PAIL_S3_WANTS_SOURCE_KEY = 1 << 4, /* the same of the source of a copy */
};

struct pail_s3_call;

/* All functions run on an engine's thread (prepare of the first attempt: on the caller's) and must not block. */
struct pail_s3_operation {
        const char *name; /* "GetObject" */
        const char *method;
        const char *root;       /* root element of the answer; NULL: the answer carries no XML */
        bool changes;           /* a wait for it is not interrupted: it is never half done */
        bool is_bulk;           /* moves bytes without limit: an attempt that progresses is not ended by the deadline */
        bool is_secret;         /* the answer has secrets in it */
        bool is_regional;       /* for the regional endpoint of directory buckets */
        bool plain_credentials; /* never those of a session with a directory bucket */
        bool may_be_empty;      /* an empty answer in place of XML is left to take */
        unsigned wants;         /* enum pail_s3_wants */
        enum pail_s3_feature feature; /* that not every server has */
        bool any_content; /* the answer's Content-Type is the object's own and tells nothing of the server */
        size_t answer_cap_bytes;
        int64_t first_byte_ms; /* 0: the engine's */
        int64_t timeout_ms;    /* 0: the client's */
        /* Sets the headers that change from one attempt to the next. May be NULL. */
        int (*prepare)(struct pail_s3_call *call);
        /*
         * Takes in a complete answer with status 2xx; XML is in call->answer. May be NULL. < 0: *ret_error is set;
         * -EBADMSG: worth another attempt.
         */
        int (*take)(struct pail_s3_call *call, const struct pail_http_response *response, struct pail_error *ret_error);
        /* May rewrite *error. NULL: always PAIL_S3_JUDGE_RETRY. */
        enum pail_s3_judgement (*judge)(struct pail_s3_call *call, struct pail_error *error);
        /* Receives the body of the answer instead of call->answer; its context is the call. */
        const struct pail_http_sink *sink;
};

struct pail_s3_call {
        atomic_uint references;
        struct pail_s3_client *client;
        const struct pail_s3_operation *operation;
        char *bucket, *key; /* NULL: none */
        int build_error;    /* first failure of a function of request.h; start returns it */

        /* The request. Belongs to the engine while an attempt is under way. */
        struct pail_http_request http;
        struct pail_buf query;
        struct pail_endpoint endpoint;
        struct pail_credentials credentials;
        char payload_hash[65];
        char invocation_id[37];
        struct pail_s3_checksum_header checksum;
        enum pail_s3_feature condition; /* NONE: it is unconditional */
        bool without_crc;               /* checksum.h: of a part, or of the upload that is begun */
        unsigned first_key,
                tried_keys; /* customer_key.h: where the search for the object's key began, and how far it is */
        char *text;         /* a body in memory, owned */
        struct iovec text_vector;

        /* The operation's own. */
        void *result; /* borrowed until the call has finished */
        void *state;
        void (*free_state)(void *state);

        /* Progress: touched by one thread at a time, the one that starts, then the engine's. */
        struct pail_buf answer;
        unsigned attempt;   /* made so far, the one under way included */
        unsigned fruitless; /* of them, since bytes last arrived */
        unsigned malformed; /* answers that could not be read */
        bool clock_corrected, region_followed, credentials_renewed;
        bool awaits_region; /* error is then what it failed with */
        bool awaits_others; /* credentials than those that were refused; the same */
        bool is_parked;     /* in flight, but only to be looked at again: there were no credentials to sign with */
        bool maybe_applied; /* an attempt before the last may have reached the server and worked */
        int64_t timeout_ms, deadline_ms, attempt_started_ms;
        pail_s3_done *done;
        void *done_context;
        bool has_retried;
        struct pail_error last_failure; /* that the last retry was for */
        struct pail_error error;        /* valid once finished, and while region or credentials are awaited */

        struct {
                struct pail_mutex mutex;
                struct pail_cond cond;
                enum pail_http_priority priority;
                bool in_flight; /* the engine has the request */
                bool cancelled;
                bool finished;
        } guarded;
};

/* One reference, the caller's. bucket and key are copied and may be NULL, but not "". */
int pail_s3_call_new(struct pail_s3_client *client, const struct pail_s3_operation *operation, const char *bucket,
                     const char *key, struct pail_s3_call **ret_call, struct pail_error *ret_error);
PAIL_DEFINE_CLEANUP(struct pail_s3_call, pail_s3_call_unref);

/* Sends it. May block for credentials and for hashing the body. On failure nothing was sent and done never runs. */
int pail_s3_call_start(struct pail_s3_call *call, pail_s3_done *done, void *done_context, struct pail_error *ret_error);
/*
 * Waits for a started call; pail_s3_errno() of its error. Interrupted, a call that changes nothing is cancelled
 * first: its result is not touched any more when this returns.
 */
int pail_s3_call_wait(struct pail_s3_call *call, struct pail_error *ret_error);
/* start and wait. */
int pail_s3_call_run(struct pail_s3_call *call, struct pail_error *ret_error);
/* The end of an asynchronous form: starts the call and hands the reference over. Takes the reference on failure too. */
int pail_s3_call_launch(struct pail_s3_call *call, pail_s3_done *done, void *done_context,
                        struct pail_s3_call **ret_call, struct pail_error *ret_error);

/*
 * attempt.c: makes the request ready for its next attempt: endpoint, headers of the attempt, signature. 1: not yet, because
 * there are no credentials at the moment, or the bucket's region is being asked for, and this thread may not wait; *ret_error
 * says why. 2: other credentials were awaited, and there are none.
 */
int pail_s3_attempt_prepare(struct pail_s3_call *call, struct pail_error *ret_error);
/* Of a call that is not sent: its URL and credentials, and *ret_scope (borrowed from it) to sign it for now. Returns as the above. */
int pail_s3_attempt_address(struct pail_s3_call *call, struct pail_sigv4_scope *ret_scope,
                            struct pail_error *ret_error);
/* The server does not accept the credentials of the last attempt. false: trying again is of no use. */
bool pail_s3_attempt_refuse_credentials(struct pail_s3_call *call, enum pail_refusal refusal);
/*
 * answer.c: looks at what an attempt brought: 0, or *ret_error. *ret_malformed: the answer could not be read, as if
 * it had been status 500.
 */
int pail_s3_answer_check(struct pail_s3_call *call, bool *ret_malformed, struct pail_error *ret_error);
extern const struct pail_http_sink pail_s3_answer_sink;

#endif
