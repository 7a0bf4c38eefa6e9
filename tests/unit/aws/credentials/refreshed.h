/* SPDX-License-Identifier: Apache-2.0 */
/* A refresher over a source that does what a test says. The source stands still where a test says so. */
#ifndef PAIL_TESTS_UNIT_AWS_CREDENTIALS_REFRESHED_H
#define PAIL_TESTS_UNIT_AWS_CREDENTIALS_REFRESHED_H

#include "../../support/test.h"
#include "pail/aws/refresh.h"
#include "pail/util/mutex.h"

struct source {
        struct pail_mutex mutex;
        struct pail_cond changed;
        int result;
        enum pail_error_class class; /* of a failure */
        int http_status;             /* of a failure */
        int64_t lifetime_s;          /* of what it returns; 0: for ever */
        bool is_stubborn;            /* always the same key */
        bool held;                   /* load() stands still */
        unsigned loads, ended, inside, most_inside;
        unsigned events, failures; /* told by the refresher: in all, and of them failures */
        int renewal;               /* what the next look for changes says; 1 counts once */
        unsigned looks;
        const char *provider_key; /* the key of the second provider; NULL: it has none */
};

struct fixture {
        struct source source;
        struct pail_refresher *refresher;
};

void set_up_chain(struct fixture *fixture, int64_t lifetime_s, bool is_renewable);
void set_up(struct fixture *fixture, int64_t lifetime_s);
void tear_down(struct fixture *fixture);
void set_source(struct fixture *fixture, int result, enum pail_error_class class);
void set_held(struct fixture *fixture, bool held);
unsigned loads(struct fixture *fixture);
void wait_loads(struct fixture *fixture, unsigned count);
void wait_events(struct fixture *fixture, unsigned count);
void advance(int64_t seconds);
int get_until(struct fixture *fixture, int64_t deadline_ms, char ret_key[static 64]);
int peek(struct fixture *fixture);
void assert_key(struct fixture *fixture, const char *expected);
void assert_fails(struct fixture *fixture, int expected, enum pail_error_class class);
bool refuse_as(struct fixture *fixture, const char *key, enum pail_refusal refusal);
bool refuse(struct fixture *fixture, const char *key);

#endif
