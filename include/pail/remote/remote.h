/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The remote: all that the file system knows of S3. A table of functions and the values that cross it; there is no code
 * here. src/s3/remote implements it on the resources, tests/sim in memory; what is above runs on both. No value here is
 * of HTTP: neither a status nor a header reaches the file system.
 *
 * Keys are whole keys of the bucket, unencoded, of at most PAIL_REMOTE_KEY_MAX bytes. Inputs are borrowed for the call,
 * of the asynchronous ones too (what they need later is copied), except where a member says otherwise. Outputs are
 * written on success only and owned by the caller. All functions are thread safe.
 *
 * Errors: 0 or -errno, as a program is to see it; a struct pail_remote_error (may be NULL) says beside it what kind of
 * answer it was, for whoever decides on it, and the reason in words, for the log. Which errno belongs to which answer
 * of S3 is decided in src/s3/call/error.c.
 *
 * Waiting: functions that ask and change nothing wait interruptibly (pail/util/interrupt.h: -EINTR, the question is
 * given up). Those that change something must be called from a thread without a token, so that they are never half
 * done. All give up when the timeout of the mount is over (-ETIMEDOUT).
 */
#ifndef PAIL_REMOTE_REMOTE_H
#define PAIL_REMOTE_REMOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/types.h>
#include <time.h>

enum {
        PAIL_REMOTE_KEY_MAX = 1024,
        PAIL_REMOTE_ETAG_SIZE = 80, /* without its quotes, with a NUL */
        PAIL_REMOTE_CHECKSUM_SIZE = 16,
        PAIL_REMOTE_PAGE_MAX = 1000, /* entries of a page, and keys of remove_many */
        PAIL_REMOTE_PARTS_MAX = 10000,
        PAIL_REMOTE_MESSAGE_SIZE = 600,
};
#define PAIL_REMOTE_PART_LIMIT ((uint64_t)5 << 30)

struct pail_remote;

/* What kind of answer a failure was. The errno is for programs; decisions are made on this. */
enum pail_remote_cause {
        PAIL_REMOTE_UNKNOWN,  /* none of the others; of a change: it may have had its effect (no answer came) */
        PAIL_REMOTE_ABSENT,   /* there is no such object, version or upload */
        PAIL_REMOTE_REPLACED, /* a condition did not hold: the object is another version, or is there */
        PAIL_REMOTE_REFUSED,  /* the credentials have no right to it; also an absent key, to those who may not list */
        PAIL_REMOTE_UNAUTHENTICATED, /* the credentials are not taken, or there are none: nothing was said of the object */
        PAIL_REMOTE_CONFLICT,        /* another request on the same key at the same time: the same again may succeed */
        PAIL_REMOTE_THROTTLED,       /* the server was too busy for longer than the timeout */
        PAIL_REMOTE_UNSUPPORTED,     /* the server does not do this at all */
        PAIL_REMOTE_LOCAL, /* nothing was sent: no memory, a file that cannot be read, interrupted, out of bounds */
};

struct pail_remote_error {
        enum pail_remote_cause cause;
        char message[PAIL_REMOTE_MESSAGE_SIZE]; /* one line, with S3's code; never a secret */
};

/* POSIX attributes as they are stored with an object, and which of them are there. */
enum pail_remote_attribute {
        PAIL_REMOTE_MODE = 1 << 0,
        PAIL_REMOTE_UID = 1 << 1,
        PAIL_REMOTE_GID = 1 << 2,
        PAIL_REMOTE_RDEV = 1 << 3,
        PAIL_REMOTE_ATIME = 1 << 4,
        PAIL_REMOTE_MTIME = 1 << 5,
        PAIL_REMOTE_CTIME = 1 << 6,
};
struct pail_remote_attributes {
        unsigned present; /* set of enum pail_remote_attribute */
        mode_t mode;      /* permissions, with the type where one is stored */
        uid_t uid;
        gid_t gid;
        dev_t rdev;
        struct timespec atime, mtime, ctime;
};

/*
 * All that is stored beside the bytes and goes along with a version: attributes, and what else there is (content type,
 * other programs' metadata, storage class, encryption), packed into a string that only the implementation can read and
 * that a copy or a new version carries on. Equal strings mean equal contents. NULL: nothing.
 */
struct pail_remote_metadata {
        struct pail_remote_attributes attributes;
        char *extra;
};

static inline void pail_remote_metadata_done(struct pail_remote_metadata *metadata)
{
        free(metadata->extra);
        *metadata = (struct pail_remote_metadata){ 0 };
}

/* One version of an object. */
struct pail_remote_object {
        char etag[PAIL_REMOTE_ETAG_SIZE]; /* "": the server told none */
        char *version_id;                 /* NULL: none */
        uint64_t size_bytes;              /* of the whole object, in the answer to a fetch of a range too */
        time_t last_modified;             /* whole seconds; 0: not told */
        time_t date;                      /* of the answer, by the server's clock; 0: not told */
        unsigned tag_count;
        struct pail_remote_metadata metadata;
};
static inline void pail_remote_object_done(struct pail_remote_object *object)
{
        free(object->version_id);
        pail_remote_metadata_done(&object->metadata);
        *object = (struct pail_remote_object){ 0 };
}

/* What a change made: the new version, as far as its answer tells. */
struct pail_remote_stored {
        char etag[PAIL_REMOTE_ETAG_SIZE];
        char *extra; /* what it is stored with beside its attributes, the mount's own options included; NULL: nothing */
};
static inline void pail_remote_stored_done(struct pail_remote_stored *stored)
{
        free(stored->extra);
        *stored = (struct pail_remote_stored){ 0 };
}

/*
 * What the object under the key that is written has to be; all empty: anything. Where the server does not know conditions, the implementation looks
 * at the object just before: what another writes in between is lost.
 */
struct pail_remote_condition {
        const char *if_match; /* this ETag; NULL: not asked */
        bool if_absent;
};

enum pail_remote_priority {
        PAIL_REMOTE_READER,     /* a reader waits for these bytes */
        PAIL_REMOTE_WAITED,     /* somebody waits */
        PAIL_REMOTE_BACKGROUND, /* nobody does yet */
};

/* One entry of a listing: an object, or (is_prefix) keys that go on behind a '/'. */
struct pail_remote_entry {
        char *key;
        bool is_prefix; /* the rest is then empty */
        uint64_t size_bytes;
        struct timespec last_modified;
        char etag[PAIL_REMOTE_ETAG_SIZE];
};
struct pail_remote_page {
        struct pail_remote_entry *entries;
        size_t count;
};
static inline void pail_remote_page_done(struct pail_remote_page *page)
{
        for (size_t i = 0; i < page->count; i++)
                free(page->entries[i].key);
        free(page->entries);
        *page = (struct pail_remote_page){ 0 };
}
struct pail_remote_listing {
        const char *prefix; /* "": everything */
        bool by_directory;  /* what follows the next '/' behind the prefix is shown once, as a prefix */
        unsigned limit;     /* entries in all; 0: no limit */
};
struct pail_remote_list; /* a listing under way; one thread at a time */

/* Bytes to send: memory, or a range of a file that is read where it stands. Borrowed until the request is done. */
struct pail_remote_bytes {
        const void *data; /* NULL: of fd */
        int fd;
        uint64_t offset;
        uint64_t size_bytes;
};

/* What a new version is stored with. */
struct pail_remote_content {
        const struct pail_remote_metadata *metadata;
        const char *content_type; /* where metadata names none; NULL: none */
        const char *tagging;      /* as tags() tells them; NULL: none */
};

struct pail_remote_put {
        const char *key;
        struct pail_remote_content content;
        struct pail_remote_bytes bytes;
        struct pail_remote_condition condition;
};

struct pail_remote_copy {
        const char *from, *to; /* may be the same */
        bool is_move; /* nothing is under from afterwards: in one step where the server can, else once the copy is proven */
        bool is_temporary; /* it is to be removed soon: nothing that would hinder that goes along (retention, legal hold) */
        /* The version that is to be copied, as far as it is known; another one there is REPLACED. NULL: whatever is there. */
        const struct pail_remote_object *source;
        bool acl_is_default; /* the mount has just made the source: it has the access rules of new objects */
        /* These take the place of the source's; NULL: kept. content: of all that is stored, attributes is then not looked at. */
        const struct pail_remote_attributes *attributes;
        const struct pail_remote_content *content;
};

/* A request under way in the background of its caller, reference counted. Any thread, after its end too. */
struct pail_remote_call;

/*
 * Where the bytes of a fetch go: exactly once and in order, whatever attempts it takes. All functions run on a thread of
 * the implementation, never from within fetch(), and must not block.
 */
struct pail_remote_sink {
        /*
         * Before the first byte: the version that answers; of a range only its ETag and size. is_checked: its bytes will be compared with a checksum, and
         * are good only once done says so. < 0 ends the fetch with this value.
         */
        int (*begin)(void *context, const struct pail_remote_object *object, bool is_checked);
        /* < 0 ends the fetch with this value. */
        int (*deliver)(void *context, const void *data, size_t size);
        /* The bytes so far were damaged and come again, from the first on. At most once. */
        int (*restart)(void *context);
        /* The end, once. result 0: all bytes were delivered and are good. error: borrowed. */
        void (*done)(void *context, int result, const struct pail_remote_error *error);
};
struct pail_remote_range {
        const char *key;
        const char *if_match;        /* this version or REPLACED; NULL: any */
        uint64_t offset, size_bytes; /* size 0: the whole object */
        enum pail_remote_priority priority;
};

/* A multipart upload. One thread at a time, but for the ends of its parts. */
struct pail_remote_upload;
struct pail_remote_part {
        unsigned number; /* 1 to PAIL_REMOTE_PARTS_MAX */
        uint64_t size_bytes;
        char etag[PAIL_REMOTE_ETAG_SIZE];
        char checksum[PAIL_REMOTE_CHECKSUM_SIZE]; /* "": none */
};
struct pail_remote_part_source {
        struct pail_remote_bytes bytes; /* of a part that is sent; its size is the part's */
        /* Of a part that the server copies: from this offset of this version of an object. */
        const char *copy_key, *copy_etag; /* NULL: the part is sent */
        uint64_t copy_offset;
        enum pail_remote_priority priority;
};
/* On a thread of the implementation; must not block. error: borrowed. */
typedef void pail_remote_part_done(void *context, int result, const struct pail_remote_error *error);

/* What the server can do, as far as it is known by now. */
struct pail_remote_features {
        bool lists_in_order; /* by key, and below any prefix; false: only below prefixes that end with '/', unsorted */
        bool copies_objects; /* false: it was seen that it does not */
        bool copies_parts;   /* the same */
        uint64_t
                part_min_bytes; /* of a part that is not the last; a part is copied only from an object that is larger */
};

struct pail_remote_ops {
        struct pail_remote *(*ref)(struct pail_remote *remote);
        void (*unref)(struct pail_remote *remote); /* NULL is fine */
        struct pail_remote_features (*features)(struct pail_remote *remote);
        /* The mount ends: what begins from now on gives up at this time (monotonic), or after a second if that is later. */
        void (*set_limit)(struct pail_remote *remote, int64_t limit_ms);

        /*
         * Listings: list asks nothing yet; next_page waits, and asks for the page after it while the caller works on
         * this one. 1: a page; 0: no more; -EINTR: may be called again. end_list gives up what is under way; NULL is fine.
         */
        int (*list)(struct pail_remote *remote, const struct pail_remote_listing *listing,
                    struct pail_remote_list **ret_list);
        int (*next_page)(struct pail_remote_list *list, struct pail_remote_page *ret_page,
                         struct pail_remote_error *ret_error);
        void (*end_list)(struct pail_remote_list *list);

        /* Questions: these wait. */
        int (*head)(struct pail_remote *remote, const char *key, struct pail_remote_object *ret_object,
                    struct pail_remote_error *ret_error);
        /* The whole of a small object, with a NUL behind it. -EMSGSIZE: it has more than limit_bytes. */
        int (*read)(struct pail_remote *remote, const char *key, size_t limit_bytes, char **ret_text,
                    struct pail_remote_error *ret_error);
        /* In one string; "" when there are none. */
        int (*tags)(struct pail_remote *remote, const char *key, char **ret_tagging,
                    struct pail_remote_error *ret_error);

        /* Does not wait. < 0: nothing was started, and the sink is not called. sink: borrowed until done has returned. */
        int (*fetch)(struct pail_remote *remote, const struct pail_remote_range *range,
                     const struct pail_remote_sink *sink, void *context, struct pail_remote_call **ret_call,
                     struct pail_remote_error *ret_error);
        /* Somebody waits for it now. */
        void (*raise_call)(struct pail_remote_call *call);
        /* Ends it soon; its done is called all the same. */
        void (*cancel_call)(struct pail_remote_call *call);
        void (*unref_call)(struct pail_remote_call *call); /* NULL is fine */

        /* Changes: these wait. */
        int (*put)(struct pail_remote *remote, const struct pail_remote_put *put, struct pail_remote_stored *ret_stored,
                   struct pail_remote_error *ret_error);
        /* A copy on the server that loses nothing: tags and access rules go along too. */
        int (*copy)(struct pail_remote *remote, const struct pail_remote_copy *copy,
                    struct pail_remote_stored *ret_stored, struct pail_remote_error *ret_error);
        /* An absent key is no error. */
        int (*remove)(struct pail_remote *remote, const char *key, struct pail_remote_error *ret_error);
        /* Any number of keys. The first failure is returned, the others are tried all the same. */
        int (*remove_many)(struct pail_remote *remote, const char *const *keys, size_t count,
                           struct pail_remote_error *ret_error);

        /* Uploads: begin and complete wait. may_copy: parts of it may be copied on the server. */
        int (*begin_upload)(struct pail_remote *remote, const char *key, const struct pail_remote_content *content,
                            bool may_copy, struct pail_remote_upload **ret_upload, struct pail_remote_error *ret_error);
        /*
         * Does not wait. part (number and size set) is the caller's until done, and filled in before done is called;
         * unlike all else here the bytes are borrowed until then. < 0: nothing was started.
         */
        int (*send_part)(struct pail_remote_upload *upload, const struct pail_remote_part_source *source,
                         struct pail_remote_part *part, pail_remote_part_done *done, void *context,
                         struct pail_remote_call **ret_call, struct pail_remote_error *ret_error);
        /*
         * parts: ascending. With 0 the object is the new version. ABSENT: the server has lost the upload, or some of its
         * parts, or does not take them as they were sent: it has to be begun anew.
         */
        int (*complete_upload)(struct pail_remote_upload *upload, const struct pail_remote_part *parts, size_t count,
                               const struct pail_remote_condition *condition, struct pail_remote_stored *ret_stored,
                               struct pail_remote_error *ret_error);
        /*
         * Frees it. Unless it was completed, the server is told to forget its parts, of which none is under way any more.
         * has_cancelled: some were cancelled and may yet arrive. Waits. NULL is fine.
         */
        void (*end_upload)(struct pail_remote_upload *upload, bool has_cancelled);
};

/* The first member of whatever an implementation allocates. */
struct pail_remote {
        const struct pail_remote_ops *ops;
};

#endif
