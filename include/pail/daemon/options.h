/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a mount is to be like, as values. Whoever has a command line or a table of options fills it in, owns it and releases it; the daemon only reads
 * it. Integers that say "enum" hold a value of that type.
 */
#ifndef PAIL_DAEMON_OPTIONS_H
#define PAIL_DAEMON_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum pail_sse_choice { PAIL_SSE_NONE, PAIL_SSE_AES256, PAIL_SSE_KMS, PAIL_SSE_KMS_DSSE };
enum pail_content_type_choice { PAIL_CONTENT_TYPE_AUTO, PAIL_CONTENT_TYPE_NONE };

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
        /* Asks a person for the code of an MFA device: pail_session_options.ask_mfa. NULL: nobody is there. */
        int (*ask_mfa)(void *context, const char *serial, char *ret_code, size_t size);
};

#endif
