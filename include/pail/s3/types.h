/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes shared by the operations of S3 and its resources. */
#ifndef PAIL_S3_TYPES_H
#define PAIL_S3_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "pail/http/request.h"

enum {
        PAIL_S3_ETAG_SIZE = 80,      /* without its quotes */
        PAIL_S3_CHECKSUM_SIZE = 16,  /* base64 of at most 8 bytes */
        PAIL_S3_KEY_MAX = 1024,      /* bytes of UTF-8 */
        PAIL_S3_METADATA_MAX = 2048, /* bytes of names and values of user metadata */
        PAIL_S3_PARTS_MAX = 10000,
        PAIL_S3_PAGE_MAX = 1000, /* keys of a list answer, parts, or keys of DeleteObjects */
};
#define PAIL_S3_PART_MIN ((uint64_t)5 << 20)
#define PAIL_S3_PART_LIMIT ((uint64_t)5 << 30)

/*
 * The headers that are stored with an object. "Nothing is lost" in a copy means: all of these. Every string is owned;
 * NULL: absent. metadata holds x-amz-meta-* by lower-case names without that prefix; values are raw bytes as received.
 */
struct pail_s3_headers {
        char *content_type;
        char *content_encoding;
        char *cache_control;
        char *content_disposition;
        char *content_language;
        char *expires;
        char *website_redirect_location;
        char *storage_class;          /* NULL: STANDARD */
        char *server_side_encryption; /* "AES256", "aws:kms", "aws:kms:dsse" */
        char *sse_kms_key_id;
        bool bucket_key_enabled;
        /* Object Lock, as S3 writes it, "2030-01-02T03:04:05Z" and "ON". They belong to one version: see pail_bucket_content_headers(). */
        char *object_lock_mode; /* "GOVERNANCE", "COMPLIANCE" */
        char *object_lock_retain_until_date;
        char *object_lock_legal_hold;
        struct pail_http_headers metadata;
};
void pail_s3_headers_done(struct pail_s3_headers *headers); /* empty afterwards */
int pail_s3_headers_copy(const struct pail_s3_headers *source, struct pail_s3_headers *ret_copy);
bool pail_s3_headers_equal(const struct pail_s3_headers *a, const struct pail_s3_headers *b);
/* Sum of names and values of the metadata, in bytes. */
size_t pail_s3_metadata_size(const struct pail_s3_headers *headers);

/* What HeadObject and GetObject tell of an object. */
struct pail_s3_object_metadata {
        char etag[PAIL_S3_ETAG_SIZE];
        uint64_t size_bytes;  /* of the whole object, also on a ranged GET */
        time_t last_modified; /* whole seconds, as the header has it */
        time_t date;          /* of the answer; 0: none */
        char *version_id;     /* NULL: none */
        unsigned tag_count;
        bool archived;         /* GLACIER or DEEP_ARCHIVE and not restored */
        bool is_restoring;     /* archived, and to be readable once that is done */
        time_t restored_until; /* of an archived object that can be read: how long; 0: does not say */
        bool has_checksum;     /* of a GET: its bytes are compared with a checksum once all are there */
        struct pail_s3_headers headers;
};
void pail_s3_object_metadata_done(struct pail_s3_object_metadata *metadata);
int pail_s3_object_metadata_copy(const struct pail_s3_object_metadata *source,
                                 struct pail_s3_object_metadata *ret_copy);

/* One entry of a listing, of whatever kind; what its kind does not tell is NULL, 0 or "". Strings are owned. */
struct pail_s3_entry {
        char *key;             /* decoded; of a bucket: its name; NULL: a part */
        char *id;              /* of a version ("null": made without versioning), or of a multipart upload */
        bool is_prefix;        /* a CommonPrefix; the rest is then empty */
        bool is_latest;        /* version */
        bool is_delete_marker; /* version */
        unsigned part_number;
        uint64_t size_bytes;
        struct timespec last_modified; /* of an upload: when it was begun; of a bucket: when it was made */
        char etag[PAIL_S3_ETAG_SIZE];
        char checksum[PAIL_S3_CHECKSUM_SIZE]; /* of a part; "": not told */
        char *storage_class;                  /* NULL: not told */
};
void pail_s3_entry_done(struct pail_s3_entry *entry); /* empty afterwards */

/* One page of a list, entries in the order of the answer (of objects: Contents, then CommonPrefixes). */
struct pail_s3_page {
        struct pail_s3_entry *entries;
        size_t count;
        bool is_truncated;
        char *next_token;    /* set when truncated: the continuation token, or the marker to go on behind */
        char *next_id;       /* the second marker of the lists that have two; NULL: none */
        size_t hidden_count; /* entries left out because their key holds a NUL */
};
void pail_s3_page_done(struct pail_s3_page *page);

/* A part of a multipart upload, as CompleteMultipartUpload wants it. */
struct pail_s3_part {
        unsigned part_number; /* 1..10000 */
        uint64_t size_bytes;
        char etag[PAIL_S3_ETAG_SIZE];
        char checksum[PAIL_S3_CHECKSUM_SIZE]; /* as the server told it, of the client's kind; "": it told none */
};

/* Where the bytes of an object go, exactly once and in order, whatever attempts it takes. */
struct pail_s3_get_sink {
        int (*on_metadata)(
                void *context,
                const struct pail_s3_object_metadata *metadata); /* once, before the first byte; may be NULL */
        int (*on_body)(void *context, const void *data,
                       size_t size); /* engine's thread; must not block; < 0 ends the call */
        /* All bytes so far were damaged and come again, from the first on. At most once. NULL or < 0: that cannot be. */
        int (*on_damaged)(void *context);
};

/* The buckets of an account. */
struct pail_s3_bucket_entry {
        char *name;
        struct timespec creation_date;
};
struct pail_s3_buckets {
        struct pail_s3_bucket_entry *items;
        size_t count;
};
void pail_s3_buckets_done(struct pail_s3_buckets *buckets);

/* Whether a bucket keeps versions of its objects. */
enum pail_s3_versioning_status {
        PAIL_S3_VERSIONING_NEVER, /* it has not been turned on */
        PAIL_S3_VERSIONING_ENABLED,
        PAIL_S3_VERSIONING_SUSPENDED, /* new objects have the version "null"; the versions that there are stay */
};
struct pail_s3_versioning {
        enum pail_s3_versioning_status status;
        bool needs_mfa_to_delete; /* versions are deleted with a second factor only */
};

struct pail_s3_object_checksum {
        char name[16];  /* "CRC64NVME", "SHA256"…; "": there is none */
        char value[96]; /* base64; of a whole object that is_composite: with "-" and the number of parts behind */
        bool is_composite;
};
struct pail_s3_attributes_part {
        unsigned part_number;
        uint64_t size_bytes;
        struct pail_s3_object_checksum checksum;
};
/* What GetObjectAttributes tells of an object. */
struct pail_s3_object_attributes {
        char etag[PAIL_S3_ETAG_SIZE];
        uint64_t size_bytes;
        time_t last_modified; /* 0: not told */
        char *version_id;     /* NULL: none */
        char *storage_class;  /* NULL: STANDARD */
        struct pail_s3_object_checksum checksum;
        unsigned part_count; /* 0: it was not made of parts, or long ago */
        /* A page of them, in order; those of objects without additional checksums are not told. */
        struct pail_s3_attributes_part *parts;
        size_t count;
        unsigned next_part_number_marker; /* 0: there are no more */
};
void pail_s3_object_attributes_done(struct pail_s3_object_attributes *attributes);

/* Until when a version can be neither deleted nor replaced (Object Lock). */
struct pail_s3_retention {
        char mode[16];                /* "GOVERNANCE", "COMPLIANCE"; "": there is none */
        struct timespec retain_until; /* S3 keeps milliseconds */
};
/* What became of the wish for a copy of an archived object that can be read. */
enum pail_s3_restore_state {
        PAIL_S3_RESTORE_STARTED,
        PAIL_S3_RESTORE_UNDER_WAY, /* it was asked for before */
        PAIL_S3_RESTORE_DONE,      /* there is a copy; it is kept for so many days from now */
};

/* A request signed beforehand, for others to send. */
struct pail_s3_presigned {
        char *url;                  /* whoever has it needs no key: it is wiped by done */
        int64_t ends_at;            /* Unix seconds */
        bool ends_with_credentials; /* earlier than was asked for, with the credentials that it is signed with */
};
void pail_s3_presigned_done(struct pail_s3_presigned *presigned); /* empty afterwards */

/*
 * Whether the server does something: found out by using it, so UNKNOWN is what was not tried yet. One object may be refused what the others
 * are not (encrypted ones, on Ceph): what worked once stays WORKS.
 */
enum pail_s3_support { PAIL_S3_UNKNOWN, PAIL_S3_WORKS, PAIL_S3_MISSING };

/* Conditions of a write or copy; NULL: none. ETags without quotes. */
struct pail_s3_conditions {
        const char *if_match;
        bool if_none_match; /* If-None-Match: * */
};

#endif
