/* SPDX-License-Identifier: Apache-2.0 */
#include "option_table.h"

#include "pail/daemon/options.h"
#include "pail/util/str.h"

#define AT(member) offsetof(struct pail_options, member)
#define MIB(n) (UINT64_C(n) << 20)
#define GIB(n) (UINT64_C(n) << 30)
#define TIB(n) (UINT64_C(n) << 40)

const struct pail_option pail_option_table[] = {
        { "profile", PAIL_OPTION_STRING, PAIL_OPTIONS_ACCESS, AT(profile), "NAME",
          .default_words = "AWS_PROFILE, else default", .help = "profile of the AWS configuration files" },
        { "region", PAIL_OPTION_STRING, PAIL_OPTIONS_ACCESS, AT(region), "NAME", .default_words = "of the profile",
          .help = "region of the bucket" },
        { "endpoint_url", PAIL_OPTION_STRING, PAIL_OPTIONS_ACCESS, AT(endpoint_url), "URL",
          .default_words = "of the profile, else AWS", .help = "where S3 is served" },
        { "addressing_style", PAIL_OPTION_CHOICE, PAIL_OPTIONS_ACCESS, AT(addressing_style), "STYLE", "auto",
          .choices = "auto path virtual", .help = "auto, path or virtual: where requests name the bucket" },
        { "dualstack", PAIL_OPTION_FLAG, PAIL_OPTIONS_ACCESS, AT(dualstack), .default_words = "of the profile",
          .help = "endpoints of AWS with IPv6" },
        { "fips", PAIL_OPTION_FLAG, PAIL_OPTIONS_ACCESS, AT(fips), .default_words = "of the profile",
          .help = "endpoints of AWS with validated cryptography" },
        { "accelerate", PAIL_OPTION_FLAG, PAIL_OPTIONS_ACCESS, AT(accelerate), .default_words = "of the profile",
          .help = "the accelerate endpoint, for buckets that are far away" },
        { "config_file", PAIL_OPTION_PATH, PAIL_OPTIONS_ACCESS, AT(config_file), "FILE",
          .default_words = "AWS_CONFIG_FILE, else ~/.aws/config", .help = "shared configuration file" },
        { "credentials_file", PAIL_OPTION_PATH, PAIL_OPTIONS_ACCESS, AT(credentials_file), "FILE",
          .default_words = "AWS_SHARED_CREDENTIALS_FILE, else ~/.aws/credentials", .help = "shared credentials file" },
        { "no_sign_request", PAIL_OPTION_FLAG, PAIL_OPTIONS_ACCESS, AT(no_sign_request), .default_words = "off",
          .help = "anonymous requests, for public buckets" },
        { "no_list", PAIL_OPTION_FLAG, PAIL_OPTIONS_ACCESS, AT(no_list), .default_words = "off",
          .help = "the policy allows no listing: mount without asking for one" },
        { "ca_bundle", PAIL_OPTION_PATH, PAIL_OPTIONS_ACCESS, AT(ca_bundle), "FILE",
          .default_words = "AWS_CA_BUNDLE, the profile's, else the system's",
          .help = "certificates to trust, a file or a directory" },
        { "no_verify_ssl", PAIL_OPTION_FLAG, PAIL_OPTIONS_ACCESS, AT(no_verify_ssl), .default_words = "off",
          .help = "do not check the server's certificate (for tests only)" },
        { "profiles", PAIL_OPTION_STRING, PAIL_OPTIONS_ACCESS, AT(profiles), "NAMES", .default_words = "off",
          .help = "of SOURCE s3://: a directory for each profile, separated by ':'" },
        { "manage_buckets", PAIL_OPTION_FLAG, PAIL_OPTIONS_ACCESS, AT(manage_buckets), .default_words = "off",
          .help = "of SOURCE s3://: mkdir and rmdir make and delete buckets" },
        { "requester_pays", PAIL_OPTION_FLAG, PAIL_OPTIONS_ACCESS, AT(requester_pays), .default_words = "off",
          .help = "the requests are billed to us, not to the bucket's owner" },
        { "expected_bucket_owner", PAIL_OPTION_STRING, PAIL_OPTIONS_ACCESS, AT(expected_bucket_owner), "ACCOUNT",
          .default_words = "anyone", .help = "refuse a bucket that is not of this account" },
        { "user_agent_suffix", PAIL_OPTION_STRING, PAIL_OPTIONS_ACCESS, AT(user_agent_suffix), "TEXT",
          .default_words = "none", .help = "words after pail/VERSION in requests" },

        { "uid", PAIL_OPTION_USER, PAIL_OPTIONS_FILES, AT(uid), "USER", .default_words = "as stored, else who mounts",
          .max = UINT32_MAX - 1, .help = "owner of all files, a number or a name" },
        { "gid", PAIL_OPTION_GROUP, PAIL_OPTIONS_FILES, AT(gid), "GROUP", .default_words = "as stored, else who mounts",
          .max = UINT32_MAX - 1, .help = "group of all files" },
        { "umask", PAIL_OPTION_OCTAL, PAIL_OPTIONS_FILES, AT(umask), "OCTAL", "0", .max = 0777,
          .help = "bits taken off file_mode and dir_mode" },
        { "file_mode", PAIL_OPTION_OCTAL, PAIL_OPTIONS_FILES, AT(file_mode), "OCTAL", "0644", .max = 07777,
          .help = "permissions of files stored without any" },
        { "dir_mode", PAIL_OPTION_OCTAL, PAIL_OPTIONS_FILES, AT(dir_mode), "OCTAL", "0755", .max = 07777,
          .help = "permissions of directories stored without any" },
        { "ro", PAIL_OPTION_FLAG, PAIL_OPTIONS_FILES, AT(read_only), .default_words = "off", .help = "read-only" },
        { "allow_other", PAIL_OPTION_FLAG, PAIL_OPTIONS_FILES, AT(allow_other), .default_words = "off",
          .help = "other users may use the mount; owners and modes decide" },

        { "storage_class", PAIL_OPTION_STRING, PAIL_OPTIONS_OBJECTS, AT(storage_class), "CLASS",
          .default_words = "the bucket's", .help = "of new content, such as STANDARD_IA" },
        { "acl", PAIL_OPTION_STRING, PAIL_OPTIONS_OBJECTS, AT(acl), "ACL", .default_words = "the bucket's",
          .help = "canned access control list of new content" },
        { "sse", PAIL_OPTION_CHOICE, PAIL_OPTIONS_OBJECTS, AT(sse), "KIND", "none", .default_words = "the bucket's",
          .choices = "none aes256 kms kms-dsse",
          .help = "aes256, kms or kms-dsse: how the server encrypts new content" },
        { "sse_kms_key_id", PAIL_OPTION_STRING, PAIL_OPTIONS_OBJECTS, AT(sse_kms_key_id), "KEY",
          .default_words = "the account's", .help = "key of KMS that sse=kms uses" },
        { "sse_c_key_file", PAIL_OPTION_PATH, PAIL_OPTIONS_OBJECTS, AT(sse_c_key_file), "FILE", .default_words = "none",
          .help = "keys of our own for the server to encrypt with, one a line" },
        { "checksum", PAIL_OPTION_CHOICE, PAIL_OPTIONS_OBJECTS, AT(checksum), "KIND", "auto",
          .choices = "auto crc32c crc64nvme md5 none",
          .help = "auto, crc32c, crc64nvme, md5 or none: of the bytes sent" },
        { "content_type", PAIL_OPTION_CHOICE, PAIL_OPTIONS_OBJECTS, AT(content_type), "HOW", "auto",
          .choices = "auto none", .help = "auto: by the name of a new file; none" },

        { "ttl", PAIL_OPTION_DURATION, PAIL_OPTIONS_BEHAVIOUR, AT(ttl_ms), "TIME", "1s",
          .max = UINT64_C(365) * 86400000, .help = "how long names and attributes are trusted" },
        { "timeout", PAIL_OPTION_DURATION, PAIL_OPTIONS_BEHAVIOUR, AT(timeout_ms), "TIME", "5m", .min = 1000,
          .max = UINT64_C(7) * 86400000, .help = "how long a call waits in an outage" },
        { "request_timeout", PAIL_OPTION_DURATION, PAIL_OPTIONS_BEHAVIOUR, AT(request_timeout_ms), "TIME", "0",
          .default_words = "30s of silence", .min = 1000, .max = UINT64_C(7) * 86400000,
          .help = "how long one attempt of a request may take" },
        { "retry_mode", PAIL_OPTION_CHOICE, PAIL_OPTIONS_BEHAVIOUR, AT(retry_mode), "MODE", "auto",
          .default_words = "of the profile, else standard", .choices = "auto standard adaptive legacy",
          .help = "standard, or adaptive: send less while the server throttles" },
        { "max_attempts", PAIL_OPTION_COUNT, PAIL_OPTIONS_BEHAVIOUR, AT(max_attempts), "NUMBER", "0",
          .default_words = "of the profile, else until the timeout", .min = 1, .max = 1000000,
          .help = "attempts of a request, in all" },
        { "max_connections", PAIL_OPTION_COUNT, PAIL_OPTIONS_BEHAVIOUR, AT(max_connections), "NUMBER", "64", .min = 1,
          .max = 1024, .help = "connections to the server" },
        { "part_size", PAIL_OPTION_SIZE, PAIL_OPTIONS_BEHAVIOUR, AT(part_size_bytes), "SIZE", "8M", .min = MIB(5),
          .max = GIB(5), .help = "of an upload: bigger files go in parallel parts" },
        { "copy_threshold", PAIL_OPTION_SIZE, PAIL_OPTIONS_BEHAVIOUR, AT(copy_threshold_bytes), "SIZE", "5G",
          .min = MIB(5), .max = GIB(5), .help = "files above it are copied on the server in parallel parts" },

        { "cache_dir", PAIL_OPTION_PATH, PAIL_OPTIONS_LOCAL, AT(cache_dir), "DIR",
          .default_words = "~/.cache/pail, root: /var/cache/pail", .help = "local cache; may be deleted at any time" },
        { "state_dir", PAIL_OPTION_PATH, PAIL_OPTIONS_LOCAL, AT(state_dir), "DIR",
          .default_words = "~/.local/state/pail, root: /var/lib/pail",
          .help = "unsent data; never delete it while mounted" },
        { "spool_limit", PAIL_OPTION_SIZE, PAIL_OPTIONS_LOCAL, AT(spool_limit_bytes), "SIZE", "0",
          .default_words = "the disk", .min = MIB(16), .max = TIB(1024),
          .help = "space that unsent data may take in state_dir; 0: what the disk has" },
        { "memory_limit", PAIL_OPTION_SIZE, PAIL_OPTIONS_LOCAL, AT(memory_limit_bytes), "SIZE", "0",
          .default_words = "1/8 of the memory, at most 1G", .min = MIB(64), .max = TIB(16),
          .help = "memory for data under way, at least 64M; 0: as said" },
        { "log_level", PAIL_OPTION_CHOICE, PAIL_OPTIONS_LOCAL, AT(log_level), "LEVEL", "info",
          .choices = "error warning info debug trace", .help = "error, warning, info, debug or trace" },
        { 0 },
};

const struct pail_option *pail_option_find(const char *name)
{
        for (const struct pail_option *option = pail_option_table; option->name; option++)
                if (pail_str_equal(option->name, name))
                        return option;
        return NULL;
}
