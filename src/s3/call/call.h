/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A call: one operation on its way through all its attempts. An operation describes itself by a constant struct
 * pail_s3_operation, makes a call, adds query, headers and body to it (request.h), and starts it.
 */
#ifndef PAIL_SRC_S3_CALL_CALL_H
#define PAIL_SRC_S3_CALL_CALL_H

#include <stdatomic.h>
#include <stdbool.h>

#include "client.h"
#include "pail/aws/endpoint.h"
#include "pail/http/request.h"
#include "pail/s3/call.h"
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
enum pail_s3_failure_class {
        PAIL_S3_FAILURE_RETRY,  /* for the retry policy to decide */
        PAIL_S3_FAILURE_FINAL,  /* no other attempt */
        PAIL_S3_FAILURE_REPEAT, /* another one at once: the operation has changed its request */
        PAIL_S3_FAILURE_NONE,   /* it was none: everything has arrived */
};

/* What the client's options add to the requests of an operation, beside what goes with all of them. */
enum pail_s3_operation_flags {
        PAIL_S3_FLAG_CHECKSUM = 1 << 0,   /* its body is bytes of an object: their checksum */
        PAIL_S3_FLAG_ALGORITHM = 1 << 1,  /* it begins an upload: the name of the checksum that its parts will have */
        PAIL_S3_FLAG_WRITE_KEY = 1 << 2,  /* it makes an object or part: the customer's key to encrypt it with */
        PAIL_S3_FLAG_READ_KEY = 1 << 3,   /* it reads an object: the key that this is encrypted with */
        PAIL_S3_FLAG_SOURCE_KEY = 1 << 4, /* the same of the source of a copy */
};

/* checksum.h: the header with the checksum of a body. */
struct pail_s3_checksum_header {
        const char *name; /* NULL: none */
        char text[32];
        bool is_dropped; /* it is not sent, to see whether the server takes the request then */
};

/* All functions run on an engine's thread (prepare of the first attempt: on the caller's) and must not block. */
struct pail_s3_operation {
        const char *name; /* "GetObject" */
        const char *method;
        const char *root; /* root element of the answer; NULL: the answer carries no XML */
        bool is_change;   /* a wait for it is not interrupted: it is never half done */
        bool is_bulk;     /* moves bytes without limit: an attempt that progresses is not ended by the deadline */
        bool is_secret;   /* the answer has secrets in it */
        bool is_regional; /* for the regional endpoint of directory buckets */
        bool has_plain_credentials;   /* never those of a session with a directory bucket */
        bool can_be_empty;            /* an empty answer in place of XML is left to take */
        unsigned flags;               /* enum pail_s3_operation_flags */
        enum pail_s3_feature feature; /* that not every server has */
        bool has_any_content; /* the answer's Content-Type is the object's own and tells nothing of the server */
        size_t answer_cap_bytes;
        int64_t first_byte_ms; /* 0: the engine's */
        int64_t timeout_ms;    /* 0: the client's */
        /* Sets the headers that change from one attempt to the next. May be NULL. */
        int (*prepare)(struct pail_s3_call *call);
        /*
         * Takes in a complete answer with status 2xx; XML is in call->answer. May be NULL. < 0: *ret_error is set;
         * -EBADMSG: worth another attempt.
         */
        int (*parse)(struct pail_s3_call *call, const struct pail_http_response *response,
                     struct pail_error *ret_error);
        /* May rewrite *error. NULL: always PAIL_S3_FAILURE_RETRY. */
        enum pail_s3_failure_class (*classify)(struct pail_s3_call *call, struct pail_error *error);
        /* Receives the body of the answer instead of call->answer; its context is the call. */
        const struct pail_http_sink *sink;
};

struct pail_s3_call {
        atomic_uint refs;
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
        bool has_corrected_clock, has_followed_region, has_renewed_credentials;
        bool awaits_region; /* error is then what it failed with */
        bool awaits_others; /* credentials than those that were refused; the same */
        bool is_waiting;    /* in flight, but only to be looked at again: there were no credentials to sign with */
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
                bool is_in_flight; /* the engine has the request */
                bool is_cancelled;
                bool is_finished;
        } guarded;
};

/* One reference, the caller's. bucket and key are copied and may be NULL, but not "". */
int pail_s3_call_new(struct pail_s3_client *client, const struct pail_s3_operation *operation, const char *bucket,
                     const char *key, struct pail_s3_call **ret_call, struct pail_error *ret_error);
PAIL_DEFINE_CLEANUP(struct pail_s3_call, pail_s3_call_unref);

/*
 * Waits for a started call; pail_s3_errno() of its error. Interrupted, a call that changes nothing is cancelled
 * first: its result is not touched any more when this returns.
 */
int pail_s3_call_wait(struct pail_s3_call *call, struct pail_error *ret_error);

#endif
