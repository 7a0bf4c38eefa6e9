/* SPDX-License-Identifier: Apache-2.0 */
/* A session in an environment of the test's own. The test's state is the directory (files.h). */
#ifndef PAIL_TESTS_UNIT_AWS_SESSION_FIXTURE_H
#define PAIL_TESTS_UNIT_AWS_SESSION_FIXTURE_H

#include "pail/aws/session.h"

/* What every test begins with: an environment whose HOME is the test's directory, room for more, and options that use it. */
struct session_fixture {
        char *environment[16];
        size_t count;
        struct pail_session_options options;
};

void session_fixture_set(struct session_fixture *fixture, const char *variable);
void session_fixture_init(struct session_fixture *fixture, void **state);
void session_fixture_clear(struct session_fixture *fixture);
void session_fixture_done(struct session_fixture *fixture);
struct pail_session *session_fixture_open(const struct session_fixture *fixture);
/* The message with which a session is refused. */
const char *session_fixture_refusal(const struct session_fixture *fixture);
/* "id from provider", or the message. */
const char *session_fixture_credentials(const struct session_fixture *fixture);

#endif
