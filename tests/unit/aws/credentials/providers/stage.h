/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What providers of credentials see of the world: a home directory with profile files, an environment, and a scripted service that
 * stands for STS, SSO and SSO OIDC. The test's state is the directory (files.h).
 */
#ifndef PAIL_TESTS_UNIT_AWS_CREDENTIALS_PROVIDERS_STAGE_H
#define PAIL_TESTS_UNIT_AWS_CREDENTIALS_PROVIDERS_STAGE_H

#include "../script.h"
#include "aws/config/settings.h"
#include "aws/credentials/providers/context.h"

struct stage {
        struct script *script;
        char *environment[24];
        size_t variables;
        struct pail_profiles *profiles;
        struct pail_settings settings;
        struct pail_service *service;
        struct pail_provider_context context;
        struct pail_provider_chain *chain;
        /* The result of the last load. */
        struct pail_credentials credentials;
        struct pail_error error;
};

/* Begins with HOME, the three AWS_ENDPOINT_URL_… and AWS_EC2_METADATA_DISABLED. */
void stage_begin(struct stage *stage, void **state);
/* "NAME=value", before stage_open(). */
void stage_set(struct stage *stage, const char *variable);
/* Writes and reads both files (NULL: none); profile NULL: as the environment says. An empty chain is there for providers. */
void stage_open(struct stage *stage, void **state, const char *config, const char *credentials, const char *profile);
/* Asks the chain. */
int stage_load(struct stage *stage);
/* The next load must give this. */
void stage_expect_key(struct stage *stage, const char *access_key_id, const char *provider);
/* The next load must fail with this class, and these words in the message (NULL: any). */
void stage_expect_error(struct stage *stage, enum pail_error_class class, const char *words);
/* Everything of stage_open() and later is undone; another stage_open() may follow. */
void stage_close(struct stage *stage);
void stage_end(struct stage *stage);

/* Answers of STS and SSO, good for an hour, in a static buffer. */
const char *stage_sts_answer(const char *access_key_id);
const char *stage_sts_error(const char *code);
const char *stage_sso_answer(const char *access_key_id);

/* The value of a parameter of a form, in a static buffer; NULL: it was not sent. */
const char *stage_form_value(const struct asked *asked, const char *name);

#endif
