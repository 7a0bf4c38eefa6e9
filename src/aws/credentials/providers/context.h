/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where providers of credentials look. Each provider is added to a chain by one function that copies what it is given, unless it says
 * "borrowed": 0, -ENOMEM, or -E2BIG for a full chain. One of a profile finds nothing (-ENOENT) where the profile has none of its keys.
 */
#ifndef PAIL_SRC_AWS_CREDENTIALS_PROVIDERS_CONTEXT_H
#define PAIL_SRC_AWS_CREDENTIALS_PROVIDERS_CONTEXT_H

#include <stddef.h>

#include "pail/aws/profile.h"
#include "pail/aws/provider_chain.h"

struct pail_service;
struct pail_settings;

/* Borrowed for the life of the chain, with everything in it. */
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

/* For messages: the file that a key of the profile is from. Borrowed from the settings. */
const char *pail_provider_context_key_file(const struct pail_provider_context *context, const char *profile,
                                           const char *key);
/* A wrong configuration, in words: names the profile and the file that roles and the like are usually in. CONFIG; returns -EINVAL. */
int pail_provider_context_refuse(const struct pail_provider_context *context, const char *profile,
                                 struct pail_error *ret_error, const char *format, ...)
        __attribute__((format(printf, 4, 5)));

#endif
