/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The options of a mount. One table says everything about each of them: the parser, "pail -h", pail(1) and the README's
 * table are made from it or checked against it. Private to the layer.
 */
#ifndef PAIL_CLI_OPTIONS_H
#define PAIL_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pail/util/error.h"

enum pail_option_type {                       /* of the member of struct pail_options */
                        PAIL_OPTION_FLAG,     /* bool */
                        PAIL_OPTION_STRING,   /* char * */
                        PAIL_OPTION_PATH,     /* char *, made absolute */
                        PAIL_OPTION_SIZE,     /* uint64_t, bytes */
                        PAIL_OPTION_COUNT,    /* uint64_t */
                        PAIL_OPTION_OCTAL,    /* uint64_t */
                        PAIL_OPTION_DURATION, /* int64_t, milliseconds */
                        PAIL_OPTION_CHOICE,   /* uint64_t, index into choices */
                        PAIL_OPTION_USER,     /* int64_t, number or name; -1: not given */
                        PAIL_OPTION_GROUP,
};

enum pail_option_category {
        PAIL_OPTIONS_ACCESS,
        PAIL_OPTIONS_FILES,
        PAIL_OPTIONS_OBJECTS,
        PAIL_OPTIONS_BEHAVIOUR,
        PAIL_OPTIONS_LOCAL,
        PAIL_OPTIONS_CATEGORIES,
};

struct pail_option {
        const char *name;
        enum pail_option_type type;
        enum pail_option_category category;
        size_t offset;             /* into struct pail_options */
        const char *argument;      /* what follows the '=' in help; NULL for flags */
        const char *default_value; /* parsed like a user's; NULL: none */
        const char *default_words; /* shown instead of default_value; NULL: that itself */
        const char *choices;       /* "auto path virtual" */
        uint64_t min, max;         /* of numbers; max 0: no limit */
        const char *help;          /* one line */
};

enum pail_sse_choice { PAIL_SSE_NONE, PAIL_SSE_AES256, PAIL_SSE_KMS, PAIL_SSE_KMS_DSSE };
enum pail_content_type_choice { PAIL_CONTENT_TYPE_AUTO, PAIL_CONTENT_TYPE_NONE };

extern const struct pail_option pail_option_table[]; /* ends with name NULL */

struct pail_options {
        char *profile, *region, *endpoint_url, *config_file, *credentials_file, *ca_bundle;
        uint64_t addressing_style; /* enum pail_addressing_style */
        bool dualstack, fips, accelerate;
        bool no_sign_request, no_verify_ssl, no_list;
        char *profiles; /* "a:b:c" */
        bool manage_buckets;
        bool requester_pays;
        char *expected_bucket_owner, *user_agent_suffix;
        char *storage_class, *acl, *sse_kms_key_id, *sse_c_key_file;
        uint64_t sse;          /* enum pail_sse_choice */
        uint64_t checksum;     /* enum pail_s3_checksum */
        uint64_t content_type; /* enum pail_content_type_choice */
        int64_t uid, gid;
        uint64_t umask, file_mode, dir_mode;
        bool read_only, allow_other;
        int64_t ttl_ms, timeout_ms, request_timeout_ms; /* request_timeout 0: none of its own */
        uint64_t retry_mode;                            /* enum pail_retry_mode */
        uint64_t max_attempts;                          /* 0: the profile's, else no limit */
        uint64_t max_connections, part_size_bytes, copy_threshold_bytes;
        char *cache_dir, *state_dir;
        uint64_t memory_limit_bytes; /* 0: from the machine */
        uint64_t spool_limit_bytes;  /* 0: no limit but the disk */
        uint64_t log_level;          /* enum pail_log_level */
        /* Not in the table: generic options and switches. */
        char **fuse_options; /* for libfuse as they are, NULL-terminated */
        size_t fuse_option_count;
        bool allow_root, nonempty, debug, foreground, fake, sloppy, is_log_level_given;
};

/* Sets every default. */
int pail_options_init(struct pail_options *options, struct pail_error *ret_error);
void pail_options_done(struct pail_options *options);

/* An option list as after -o: "a,b=c"; "\," is a comma in a value. A later option overrides an earlier one. CONFIG: what is wrong, in words. */
int pail_options_parse(struct pail_options *options, const char *list, struct pail_error *ret_error);
/* Options that contradict each other, once all are known. */
int pail_options_check(const struct pail_options *options, struct pail_error *ret_error);
/* value NULL: none was given. */
int pail_option_set(struct pail_options *options, const struct pail_option *option, const char *value,
                    struct pail_error *ret_error);
const struct pail_option *pail_option_find(const char *name);
int pail_options_add_fuse(struct pail_options *options, const char *text);

/* Generic options of FUSE and mount(8). 1: known and taken; 0: not one of them; -errno. */
int pail_generic_option_set(struct pail_options *options, const char *name, const char *value,
                            struct pail_error *ret_error);
/* Their names in turn; NULL: no more. */
const char *pail_generic_option_name(size_t index);

/* The known option nearest to a name that is none; NULL: nothing is near. */
const char *pail_option_suggest(const char *name);

#endif
