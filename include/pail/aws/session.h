/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session: the configuration state that clients are made from, under the names of the AWS SDK for Python. Several
 * sessions live side by side in one process. Immutable after creation but for its credentials and its clock
 * offset, which are guarded inside: thread safe.
 *
 * A setting is looked for in this order: explicit option, environment, profile, default. A profile chosen explicitly
 * removes the environment's credentials from the chain; one chosen by AWS_PROFILE does not (as botocore).
 */
#ifndef PAIL_AWS_SESSION_H
#define PAIL_AWS_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "pail/aws/credentials.h"
#include "pail/aws/retry.h"
#include "pail/util/error.h"

struct pail_session;

enum pail_addressing_style { PAIL_ADDRESSING_AUTO, PAIL_ADDRESSING_PATH, PAIL_ADDRESSING_VIRTUAL };

/* Values of request_checksum_calculation and response_checksum_validation. */
enum pail_when { PAIL_WHEN_SUPPORTED, PAIL_WHEN_REQUIRED };

/* The settings that choose between the endpoints of AWS, under the names of the environment and of profiles. */
struct pail_endpoint_flags {
        bool use_dualstack;       /* AWS_USE_DUALSTACK_ENDPOINT; IPv6 and IPv4 */
        bool use_fips;            /* AWS_USE_FIPS_ENDPOINT, or a region "fips-NAME" */
        bool use_accelerate;      /* use_accelerate_endpoint */
        bool use_arn_region;      /* AWS_S3_USE_ARN_REGION; true unless set */
        bool us_east_1_is_global; /* AWS_S3_US_EAST_1_REGIONAL_ENDPOINT=legacy: s3.amazonaws.com */
        bool no_multiregion;      /* AWS_S3_DISABLE_MULTIREGION_ACCESS_POINTS */
        bool no_express_sessions; /* AWS_S3_DISABLE_EXPRESS_SESSION_AUTH */
};

/*
 * Told of each refresh of the credentials, for logs: on a thread of the session's own, without a lock; must not block. error
 * NULL: renewed. Else it failed, failures times in a row. expires_at: of the credentials in use, Unix seconds; 0: never.
 */
typedef void pail_session_refreshed(void *context, int64_t expires_at, unsigned failures,
                                    const struct pail_error *error);

struct pail_session_options {
        /* All strings may be NULL (not given) and are copied. */
        const char *profile;
        const char *region;
        const char *endpoint_url;
        const char *config_file;      /* instead of AWS_CONFIG_FILE, ~/.aws/config */
        const char *credentials_file; /* instead of AWS_SHARED_CREDENTIALS_FILE, ~/.aws/credentials */
        const char *ca_bundle;
        bool no_verify_ssl; /* of the services that credentials come from; S3 has the engine's */
        const char *access_key_id, *secret_access_key, *session_token; /* explicit keys bypass the chain */
        bool no_sign_request;                                          /* anonymous: no credentials are looked for */
        enum pail_addressing_style addressing_style; /* AUTO: the profile's s3 block, else automatic */
        /* true: on; false: as environment and profile say. */
        bool use_dualstack_endpoint, use_fips_endpoint, use_accelerate_endpoint;
        /* Environment to read instead of the process's: "NAME=value" strings, NULL-terminated, copied. */
        char *const *environment;
        pail_session_refreshed *refreshed; /* may be NULL */
        void *refreshed_context;
        /*
         * Asks the person at the terminal for the code of an MFA device (an ARN or serial number): writes it, or returns -errno (-ENXIO:
         * nobody is there). NULL: nobody ever is. Called while pail_session_get_credentials() waits, on a thread of the session's own,
         * without a lock.
         */
        int (*ask_mfa)(void *context, const char *serial, char *ret_code, size_t size);
        void *ask_context;
};

/* CONFIG: a file that cannot be read or parsed (named with its line), an unknown profile (lists those that exist), a bad value.
 * A HOME missing from the environment is taken from the password database. */
int pail_session_new(const struct pail_session_options *options, struct pail_session **ret_session,
                     struct pail_error *ret_error);
void pail_session_free(struct pail_session *session);

/* Borrowed for the life of the session. */
const char *pail_session_profile_name(const struct pail_session *session); /* "default" when none was named */
const char *pail_session_region_name(const struct pail_session *session);  /* NULL: none configured */
const char *pail_session_endpoint_url(const struct pail_session *session); /* NULL: AWS's own endpoints */
const char *pail_session_ca_bundle(const struct pail_session *session);    /* NULL: none configured */
/* The shared files that were looked for, whether they exist or not; NULL: no home directory to find them in. */
const char *pail_session_config_file(const struct pail_session *session);
const char *pail_session_credentials_file(const struct pail_session *session);
enum pail_addressing_style pail_session_addressing_style(const struct pail_session *session);
const struct pail_endpoint_flags *pail_session_endpoint_flags(const struct pail_session *session);
/* payload_signing_enabled: bodies are hashed into the signature over https too. */
bool pail_session_signs_payload(const struct pail_session *session);
/* What in the files is passed over, one sentence each, for a log: keys in "s3 =" blocks that nothing reads. NULL-terminated. */
const char *const *pail_session_warnings(const struct pail_session *session);
bool pail_session_is_anonymous(const struct pail_session *session);
/* Sorted, NULL-terminated, owned by the session. */
const char *const *pail_session_available_profiles(const struct pail_session *session);
/* max_attempts of environment or profile; 0: not configured. */
unsigned pail_session_max_attempts(const struct pail_session *session);
/* retry_mode of environment or profile; DEFAULT: not configured. */
enum pail_retry_mode pail_session_retry_mode(const struct pail_session *session);
/* Of environment or profile; SUPPORTED: not configured, as in the SDKs. */
enum pail_when pail_session_request_checksum_calculation(const struct pail_session *session);
enum pail_when pail_session_response_checksum_validation(const struct pail_session *session);
/* A key of the chosen profile after the merge of both files ("role_arn"), or of a nested block ("s3", "addressing_style"); NULL: absent. */
const char *pail_session_profile_value(const struct pail_session *session, const char *block, const char *key);

/*
 * A frozen snapshot of the credentials, for signing: the caller owns it (pail_credentials_done). Renewing them is a matter of the
 * session: a caller notices nothing until few are left of their minutes, and then waits, interruptibly (-EINTR, class CANCELLED), until
 * deadline_ms (monotonic; INT64_MAX: none; -ETIMEDOUT, class TIMEOUT). So never on an engine's thread. What waiting cannot help is said at
 * once: -ENOENT with class CREDENTIALS where none were found, naming where was looked, or what their source says. On an
 * anonymous session: 0 and empty credentials.
 */
int pail_session_get_credentials(struct pail_session *session, int64_t deadline_ms, struct pail_credentials *ret_frozen,
                                 struct pail_error *ret_error);
/* The same without waiting: -EAGAIN where the other would wait. They are being asked for then: look again later. */
int pail_session_peek_credentials(struct pail_session *session, struct pail_credentials *ret_frozen,
                                  struct pail_error *ret_error);
enum pail_refusal {
        PAIL_REFUSAL_EXPIRED, /* for their age, whatever their expires_at: their source is asked for others */
        PAIL_REFUSAL_UNKNOWN, /* they are not, or no longer, good: others are asked for only where a shared file has changed */
};
/*
 * S3 does not accept a snapshot. true: there are others already, or it is found out whether there are: pail_session_peek_others() says.
 * false: it was found out only just now, and trying again is of no use. Never blocks.
 */
bool pail_session_refuse_credentials(struct pail_session *session, const struct pail_credentials *refused,
                                     enum pail_refusal refusal);
/* pail_session_peek_credentials() after that; 1: there are none but the refused ones. *ret_error is then as it was. */
int pail_session_peek_others(struct pail_session *session, const struct pail_credentials *refused,
                             struct pail_credentials *ret_frozen, struct pail_error *ret_error);

/* Seconds to add to our clock when signing, learned from the server's Date. */
int64_t pail_session_clock_offset_s(const struct pail_session *session);
void pail_session_set_clock_offset_s(struct pail_session *session, int64_t offset_s);

#endif
