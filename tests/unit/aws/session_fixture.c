/* SPDX-License-Identifier: Apache-2.0 */
#include "session_fixture.h"

#include "../support/test.h"

void session_fixture_set(struct session_fixture *fixture, const char *variable)
{
        assert_true(fixture->count + 1 < TEST_COUNT(fixture->environment));
        fixture->environment[fixture->count] = strdup(variable);
        fixture->environment[++fixture->count] = NULL;
        fixture->options.environment = fixture->environment;
}

void session_fixture_init(struct session_fixture *fixture, void **state)
{
        char home[4200];

        *fixture = (struct session_fixture){ 0 };
        snprintf(home, sizeof(home), "HOME=%s", (const char *)*state);
        session_fixture_set(fixture, home);
        session_fixture_set(fixture, "AWS_EC2_METADATA_DISABLED=true");
}

void session_fixture_clear(struct session_fixture *fixture)
{
        while (fixture->count > 2)
                free(fixture->environment[--fixture->count]);
        fixture->environment[2] = NULL;
        fixture->options = (struct pail_session_options){ .environment = fixture->environment };
}

void session_fixture_done(struct session_fixture *fixture)
{
        session_fixture_clear(fixture);
        free(fixture->environment[0]);
        free(fixture->environment[1]);
}

struct pail_session *session_fixture_open(const struct session_fixture *fixture)
{
        struct pail_error error = PAIL_ERROR_INIT;
        struct pail_session *session = NULL;

        if (pail_session_new(&fixture->options, &session, &error) < 0)
                fail_msg("%s", error.message);
        return session;
}

/* The message with which a session is refused. */
const char *session_fixture_refusal(const struct session_fixture *fixture)
{
        static struct pail_error error;
        struct pail_session *session = NULL;

        error = PAIL_ERROR_INIT;
        assert_true(pail_session_new(&fixture->options, &session, &error) < 0);
        assert_int_equal(error.class, PAIL_ERROR_CONFIG);
        assert_null(session);
        return error.message;
}

/* "id from provider", or the message. */
const char *session_fixture_credentials(const struct session_fixture *fixture)
{
        static char text[1100];
        struct pail_credentials frozen = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        struct pail_session *session = session_fixture_open(fixture);

        if (pail_session_get_credentials(session, INT64_MAX, &frozen, &error) < 0)
                snprintf(text, sizeof(text), "%s", error.message);
        else if (pail_session_is_anonymous(session))
                snprintf(text, sizeof(text), "%s", frozen.access_key_id ? "not anonymous" : "anonymous");
        else
                snprintf(text, sizeof(text), "%s from %s", frozen.access_key_id, frozen.provider);
        pail_credentials_done(&frozen);
        pail_session_free(session);
        return text;
}
