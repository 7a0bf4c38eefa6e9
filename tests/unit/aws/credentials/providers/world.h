/* SPDX-License-Identifier: Apache-2.0 */
/* All that a provider looks at: profiles, environment, a service to ask through. One provider in a chain of its own. */
#ifndef PAIL_TESTS_UNIT_AWS_CREDENTIALS_PROVIDERS_WORLD_H
#define PAIL_TESTS_UNIT_AWS_CREDENTIALS_PROVIDERS_WORLD_H

#include "../../../support/test.h"
#include "../../files.h"
#include "aws/config/settings.h"
#include "aws/credentials/providers/context.h"
#include "aws/credentials/service.h"

enum { WORLD_VARIABLES = 16 };

struct world {
        void **state; /* the test's: its directory is HOME */
        char *environment[WORLD_VARIABLES + 1];
        size_t variables;
        struct pail_profiles *profiles;
        struct pail_settings settings;
        struct pail_service *service;
        struct pail_provider_context context;
        struct pail_provider_chain *chain; /* the test adds the provider */
        struct pail_credentials found;
        struct pail_error error;
};

/* The texts of the two files; NULL: not there. The session's profile is "p". */
void world_open(struct world *world, void **state, const char *config, const char *credentials);
void world_close(struct world *world);
/* Sets a variable, "NAME=value". */
void world_set(struct world *world, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Asks the chain. -ENOENT: no provider found anything. */
int world_load(struct world *world);
/* Fails the test unless the load ends with that error, of class CREDENTIALS, with words in its message and without the words "SECRET". */
void world_refuses(struct world *world, int r, const char *words);

void assert_contains(const char *text, const char *part);
/* "2030-01-31T12:00:00Z" for now plus some seconds; in one of a few static buffers. */
const char *time_from_now(int64_t seconds);
/* A JSON object with keys that live for so long, under the names of container and metadata services. In a static buffer. */
const char *keys_json(const char *id, int64_t seconds);

#endif
