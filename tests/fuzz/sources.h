/* SPDX-License-Identifier: Apache-2.0 */
/* Profiles whose credentials come from a service that answers what the fuzzer made up (engine.c). */
#ifndef PAIL_TESTS_FUZZ_SOURCES_H
#define PAIL_TESTS_FUZZ_SOURCES_H

#include <stddef.h>
#include <stdint.h>

/* Writes the files that the profiles below lean on. Once. */
void sources_prepare(void);
/* Files of the profiles "sso" and "login", which are replaced when they are renewed. NULL: one that has to be renewed. */
void sources_write_sso_token(const char *text);
void sources_write_login_token(const char *text);
/*
 * Asks the chain of that profile for credentials. profile: "role", "web", "sso", "login"; "container" and "machine" have none of
 * their own, so that the environment counts.
 */
void sources_ask(const char *profile, const uint8_t *answers, size_t size);

#endif
