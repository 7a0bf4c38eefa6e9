/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The providers of credentials, each added to a chain by one function that copies what it is given, unless it says
 * "borrowed". 0, -ENOMEM, or -E2BIG for a full chain.
 */
#ifndef PAIL_SRC_AWS_CREDENTIALS_PROVIDERS_PROVIDERS_H
#define PAIL_SRC_AWS_CREDENTIALS_PROVIDERS_PROVIDERS_H

#include <stdbool.h>

#include "pail/aws/credentials.h"
#include "pail/aws/profile.h"

struct pail_service;
struct pail_settings;

/* Where providers look. Borrowed for the life of the chain, with everything in it. */
struct pail_provider_context {
        const struct pail_profiles *profiles;
        const struct pail_settings *settings; /* file names for messages, the session's profile, region, endpoints */
        char *const *environment;             /* a copy of the session's: it outlives the caller's */
        const char *directory;                /* where relative file names begin; NULL: the working directory */
        struct pail_service *service;
        /* Asks the person at the terminal for a one-time code of an MFA device; NULL: nobody is there. 0, or -errno. */
        int (*ask_mfa)(void *context, const char *serial, char *ret_code, size_t size);
        void *ask_context;
};

/* The providers of profiles. Each finds nothing (-ENOENT) where the profile has none of its keys. */
int pail_provider_assume_role_add(struct pail_provider_chain *chain, const struct pail_provider_context *context,
                                  const char *profile);
/* with_environment: AWS_WEB_IDENTITY_TOKEN_FILE and its companions count, too. */
int pail_provider_web_identity_add(struct pail_provider_chain *chain, const struct pail_provider_context *context,
                                   const char *profile, bool with_environment);
int pail_provider_sso_add(struct pail_provider_chain *chain, const struct pail_provider_context *context,
                          const char *profile);
int pail_provider_login_add(struct pail_provider_chain *chain, const struct pail_provider_context *context,
                            const char *profile);
int pail_provider_process_add(struct pail_provider_chain *chain, const struct pail_provider_context *context,
                              const char *profile);
/* The providers of the machine: "container-role" and "iam-role". */
int pail_provider_container_add(struct pail_provider_chain *chain, const struct pail_provider_context *context);
int pail_provider_metadata_add(struct pail_provider_chain *chain, const struct pail_provider_context *context);

/* "explicit": keys that the caller has. session_token may be NULL. */
int pail_provider_explicit_add(struct pail_provider_chain *chain, const char *access_key_id,
                               const char *secret_access_key, const char *session_token);
/* "env": AWS_ACCESS_KEY_ID and its companions, as they are in environment now. */
int pail_provider_env_add(struct pail_provider_chain *chain, char *const *environment);
/* "shared-credentials-file": the keys of a profile there. profiles: borrowed for the life of the chain. file: for messages, may be NULL. */
int pail_provider_shared_add(struct pail_provider_chain *chain, const struct pail_profiles *profiles,
                             const char *profile, const char *file);
/* "config-file": the same in the config file. */
int pail_provider_config_add(struct pail_provider_chain *chain, const struct pail_profiles *profiles,
                             const char *profile, const char *file);

/* What the two providers that read a profile have in common; get looks in the one file or in the other. */
typedef const char *pail_provider_file_get(const struct pail_profiles *profiles, const char *profile, const char *key);
int pail_provider_file_add(struct pail_provider_chain *chain, const struct pail_provider *provider,
                           const struct pail_profiles *profiles, const char *profile, const char *file,
                           pail_provider_file_get *get);
/* The functions of such a provider. */
int pail_provider_file_load(void *state, struct pail_credentials *ret_credentials, struct pail_error *ret_error);
void pail_provider_file_free(void *state);

#endif
