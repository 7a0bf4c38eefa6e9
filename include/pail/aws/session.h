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

#include "pail/aws/refresh.h"
#include "pail/aws/retry.h"
#include "pail/aws/session_options.h"
#include "pail/util/cleanup.h"
#include "pail/util/error.h"

struct pail_session;
struct pail_endpoint_settings; /* <pail/aws/endpoint.h> */

/* CONFIG: a file that cannot be read or parsed (named with its line), an unknown profile (lists those that exist), a bad value.
 * A HOME missing from the environment is taken from the password database. */
int pail_session_new(const struct pail_session_options *options, struct pail_session **ret_session,
                     struct pail_error *ret_error);
void pail_session_free(struct pail_session *session);
PAIL_DEFINE_CLEANUP(struct pail_session, pail_session_free);

/* Borrowed for the life of the session. */
const char *pail_session_profile_name(const struct pail_session *session); /* "default" when none was named */
const char *pail_session_region_name(const struct pail_session *session);  /* NULL: none configured */
const char *pail_session_endpoint_url(const struct pail_session *session); /* NULL: AWS's own endpoints */
const char *pail_session_ca_bundle(const struct pail_session *session);    /* NULL: none configured */
/* The shared files that were looked for, whether they exist or not; NULL: no home directory to find them in. */
const char *pail_session_config_file(const struct pail_session *session);
const char *pail_session_credentials_file(const struct pail_session *session);
enum pail_addressing_style pail_session_addressing_style(const struct pail_session *session);
/* What an endpoint is resolved from: <pail/aws/endpoint.h>. */
const struct pail_endpoint_settings *pail_session_endpoint_settings(const struct pail_session *session);
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
