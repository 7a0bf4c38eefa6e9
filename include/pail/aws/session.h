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

struct pail_session_options {
        /* All strings may be NULL (not given) and are copied. */
        const char *profile;
        const char *region;
        const char *endpoint_url;
        const char *config_file;      /* instead of AWS_CONFIG_FILE, ~/.aws/config */
        const char *credentials_file; /* instead of AWS_SHARED_CREDENTIALS_FILE, ~/.aws/credentials */
        const char *ca_bundle;
        const char *access_key_id, *secret_access_key, *session_token; /* explicit keys bypass the chain */
        bool no_sign_request; /* anonymous: no credentials are looked for */
        enum pail_addressing_style addressing_style; /* AUTO: the profile's s3 block, else automatic */
        /* Environment to read instead of the process's: "NAME=value" strings, NULL-terminated, borrowed during the call. */
        char *const *environment;
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
enum pail_addressing_style pail_session_addressing_style(const struct pail_session *session);
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
 * A frozen snapshot of the credentials, for signing: the caller owns it (pail_credentials_done). May block while a provider works, so
 * never on an engine's thread. -ENOENT with class CREDENTIALS: none found anywhere; the message names where was looked.
 * On an anonymous session: 0 and empty credentials.
 */
int pail_session_get_credentials(struct pail_session *session, struct pail_credentials *ret_frozen,
                                 struct pail_error *ret_error);
/* The same without blocking: -EAGAIN when a provider would have to work first. */
int pail_session_peek_credentials(struct pail_session *session, struct pail_credentials *ret_frozen);

/* Seconds to add to our clock when signing, learned from the server's Date. */
int64_t pail_session_clock_offset_s(const struct pail_session *session);
void pail_session_set_clock_offset_s(struct pail_session *session, int64_t offset_s);

#endif
