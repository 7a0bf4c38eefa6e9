/* SPDX-License-Identifier: Apache-2.0 */
/* What a session (<pail/aws/session.h>) is made from, and the values of its settings that are no strings. */
#ifndef PAIL_AWS_SESSION_OPTIONS_H
#define PAIL_AWS_SESSION_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pail/util/error.h"

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

#endif
