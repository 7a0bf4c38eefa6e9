/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ages are walked through with the test clock. The source stands still where a test says so, which shows who waits for it and who does
 * not; a wait of a waiting caller is ended by the interrupt token that every caller has, so that it sees the clock move.
 */
#include "pail/aws/refresh.h"

#include <pthread.h>
#include <stdatomic.h>

#include "../support/test.h"
#include "pail/util/clock.h"
#include "pail/util/interrupt.h"
#include "pail/util/mutex.h"
#include "pail/util/str.h"

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

static int answer_locked(struct source *source, struct pail_credentials *ret_credentials, struct pail_error *ret_error)
{
        if (source->result == -ENOENT)
                return -ENOENT;
        if (source->result < 0) {
                pail_error_set(ret_error, source->class, "the source failed");
                ret_error->http_status = source->http_status;
                return source->result;
        }
        if (source->lifetime_s != 0)
                ret_credentials->expires_at = pail_clock_now().tv_sec + source->lifetime_s;
        int r = pail_str_dup("token", &ret_credentials->session_token);
        return r < 0 ? r
                     : pail_str_printf(&ret_credentials->access_key_id, "key%u",
                                       source->is_stubborn ? 1 : source->loads);
}

static int source_load(void *state, struct pail_credentials *ret_credentials, struct pail_error *ret_error)
{
        struct source *source = state;

        PAIL_LOCK(&source->mutex);
        source->loads++;
        source->inside++;
        if (source->inside > source->most_inside)
                source->most_inside = source->inside;
        pail_cond_broadcast(&source->changed);
        while (source->held)
                pail_cond_wait(&source->changed, &source->mutex);
        source->inside--;
        source->ended++;
        return answer_locked(source, ret_credentials, ret_error);
}

static int source_renew(void *state, struct pail_provider_chain *chain, struct pail_error *ret_error)
{
        struct source *source = state;

        (void)chain;
        PAIL_LOCK(&source->mutex);
        int r = source->renewal;
        source->looks++;
        if (r == 1)
                source->renewal = 0;
        if (r < 0)
                pail_error_set(ret_error, PAIL_ERROR_CONFIG, "the file is half written");
        return r;
}

static const struct pail_provider_renewal renewal = { .renew = source_renew };

/* The next one in the chain, of somebody else. */
static int other_load(void *state, struct pail_credentials *ret_credentials, struct pail_error *ret_error)
{
        struct source *source = state;

        (void)ret_error;
        PAIL_LOCK(&source->mutex);
        return source->provider_key ? pail_str_dup(source->provider_key, &ret_credentials->access_key_id) : -ENOENT;
}

static const struct pail_provider other_provider = { .name = "other", .load = other_load };

static void source_told(void *context, int64_t expires_at, unsigned failures, const struct pail_error *error)
{
        struct source *source = context;

        (void)expires_at;
        PAIL_LOCK(&source->mutex);
        source->events++;
        source->failures += error != NULL;
        assert_int_equal(failures == 0, error == NULL);
        pail_cond_broadcast(&source->changed);
}

static const struct pail_provider provider = { .name = "source", .load = source_load };

struct fixture {
        struct source source;
        struct pail_refresher *refresher;
};

static void set_up_chain(struct fixture *fixture, int64_t lifetime_s, bool is_renewable)
{
        struct pail_provider_chain *chain = NULL;

        *fixture = (struct fixture){ .source.lifetime_s = lifetime_s, .source.class = PAIL_ERROR_CONNECT };
        pail_mutex_init(&fixture->source.mutex);
        pail_cond_init(&fixture->source.changed);
        assert_int_equal(pail_provider_chain_new(&chain), 0);
        assert_int_equal(pail_provider_chain_add(chain, &provider, &fixture->source), 0);
        assert_int_equal(pail_provider_chain_add(chain, &other_provider, &fixture->source), 0);
        if (is_renewable)
                pail_provider_chain_set_renewal(chain, &renewal, &fixture->source);
        assert_int_equal(pail_refresher_new(chain, source_told, &fixture->source, &fixture->refresher), 0);
}

static void set_up(struct fixture *fixture, int64_t lifetime_s)
{
        set_up_chain(fixture, lifetime_s, false);
}

static void tear_down(struct fixture *fixture)
{
        pail_refresher_free(fixture->refresher);
        assert_true(fixture->source.most_inside <= 1);
        pail_cond_done(&fixture->source.changed);
        pail_mutex_done(&fixture->source.mutex);
}

static void set_source(struct fixture *fixture, int result, enum pail_error_class class)
{
        PAIL_LOCK(&fixture->source.mutex);
        fixture->source.result = result;
        fixture->source.class = class;
}

static void set_held(struct fixture *fixture, bool held)
{
        PAIL_LOCK(&fixture->source.mutex);
        fixture->source.held = held;
        pail_cond_broadcast(&fixture->source.changed);
}

static unsigned loads(struct fixture *fixture)
{
        PAIL_LOCK(&fixture->source.mutex);
        return fixture->source.loads;
}

/* Until the source was asked so often, and has stood still or been told of. */
static void wait_loads(struct fixture *fixture, unsigned count)
{
        PAIL_LOCK(&fixture->source.mutex);
        while (fixture->source.loads < count)
                pail_cond_wait(&fixture->source.changed, &fixture->source.mutex);
}

/* Every load but the first is told of once it is over. */
static void wait_events(struct fixture *fixture, unsigned count)
{
        PAIL_LOCK(&fixture->source.mutex);
        while (fixture->source.events < count)
                pail_cond_wait(&fixture->source.changed, &fixture->source.mutex);
}

static void advance(int64_t seconds)
{
        pail_clock_test_advance(seconds * 1000);
}

static int get_until(struct fixture *fixture, int64_t deadline_ms, char ret_key[static 64])
{
        struct pail_credentials frozen = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        int r = pail_refresher_get(fixture->refresher, deadline_ms, &frozen, &error);

        snprintf(ret_key, 64, "%s", r == 0 ? frozen.access_key_id : pail_error_class_name(error.class));
        pail_credentials_done(&frozen);
        return r;
}

static int peek(struct fixture *fixture)
{
        struct pail_credentials frozen = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        int r = pail_refresher_peek(fixture->refresher, &frozen, &error);

        assert_int_equal(!frozen.access_key_id, r != 0);
        assert_int_equal(error.class == PAIL_ERROR_NONE, r == 0);
        pail_credentials_done(&frozen);
        return r;
}

static void assert_key(struct fixture *fixture, const char *expected)
{
        char key[64];

        assert_int_equal(get_until(fixture, INT64_MAX, key), 0);
        assert_string_equal(key, expected);
}

static void assert_fails(struct fixture *fixture, int expected, enum pail_error_class class)
{
        char key[64];

        assert_int_equal(get_until(fixture, pail_clock_monotonic_ms() + 20, key), expected);
        assert_string_equal(key, pail_error_class_name(class));
}

/* ---- callers on threads of their own ---- */

struct caller {
        struct fixture *fixture;
        pthread_t thread;
        int64_t deadline_ms;
        char key[64];
        int result;
        atomic_bool is_interrupted;
};

static bool is_interrupted(void *context)
{
        return atomic_load(&((struct caller *)context)->is_interrupted);
}

static void *call(void *argument)
{
        struct caller *caller = argument;
        const struct pail_interrupt interrupt = { .is_set = is_interrupted, .context = caller };

        pail_interrupt_install(&interrupt);
        caller->result = get_until(caller->fixture, caller->deadline_ms, caller->key);
        pail_interrupt_install(NULL);
        return NULL;
}

static void start(struct caller *caller, struct fixture *fixture, int64_t deadline_ms)
{
        *caller = (struct caller){ .fixture = fixture, .deadline_ms = deadline_ms };
        assert_int_equal(pthread_create(&caller->thread, NULL, call, caller), 0);
}

static void join(struct caller *caller, int expected, const char *key)
{
        pthread_join(caller->thread, NULL);
        assert_int_equal(caller->result, expected);
        assert_string_equal(caller->key, key);
}

/* ---- tests ---- */

static void test_lasting(void **state)
{
        struct fixture fixture;

        (void)state;
        set_up(&fixture, 0);
        assert_int_equal(peek(&fixture), -EAGAIN);
        assert_key(&fixture, "key1");
        advance(86400 * 365);
        assert_key(&fixture, "key1");
        assert_int_equal(peek(&fixture), 0);
        assert_int_equal(loads(&fixture), 1);
        tear_down(&fixture);
        pail_refresher_free(NULL);
}

/* lifetime, where its windows begin */
static void assert_windows(int64_t lifetime_s, int64_t advisory_s, int64_t mandatory_s)
{
        struct fixture fixture;

        set_up(&fixture, lifetime_s);
        assert_key(&fixture, "key1");
        advance(lifetime_s - advisory_s - 2);
        assert_key(&fixture, "key1");
        assert_int_equal(loads(&fixture), 1);

        /* Advisory: asked for, and nobody waits. */
        set_held(&fixture, true);
        advance(3);
        assert_key(&fixture, "key1");
        wait_loads(&fixture, 2);
        assert_int_equal(peek(&fixture), 0);
        advance(advisory_s - mandatory_s - 3);
        assert_key(&fixture, "key1");

        /* Mandatory: all wait. */
        advance(4);
        assert_int_equal(peek(&fixture), -EAGAIN);
        assert_fails(&fixture, -ETIMEDOUT, PAIL_ERROR_TIMEOUT);
        set_held(&fixture, false);
        assert_key(&fixture, "key2");
        assert_int_equal(loads(&fixture), 2);
        tear_down(&fixture);
}

static void test_windows(void **state)
{
        (void)state;
        assert_windows(12 * 3600, 900, 600);
        assert_windows(3600, 900, 600);
        assert_windows(200, 50, 33);
        assert_windows(60, 15, 10);
}

/* The number of refreshes that the header promises, seen from a caller that asks every second. */
static void test_count(void **state)
{
        struct fixture fixture;
        char key[64];

        (void)state;
        set_up(&fixture, 200);
        for (unsigned second = 0; second < 600; second++) {
                assert_int_equal(get_until(&fixture, INT64_MAX, key), 0);
                usleep(500); /* a background load is to end within a few seconds of the test clock */
                advance(1);
        }
        assert_in_range(loads(&fixture), 3, 1 + 600 / 150);
        tear_down(&fixture);
}

static void test_outage_in_the_advisory_window(void **state)
{
        struct fixture fixture;

        (void)state;
        set_up(&fixture, 3600);
        assert_key(&fixture, "key1");
        advance(3600 - 900 + 1);
        set_source(&fixture, -EIO, PAIL_ERROR_CONNECT);
        assert_key(&fixture, "key1");
        wait_events(&fixture, 1);

        /* Not again before the pause of a minute is over. */
        advance(59);
        assert_key(&fixture, "key1");
        assert_int_equal(peek(&fixture), 0);
        assert_int_equal(loads(&fixture), 2);
        advance(2);
        assert_key(&fixture, "key1");
        wait_events(&fixture, 2);
        assert_int_equal(fixture.source.failures, 2);

        /* What is final counts as little here. */
        set_source(&fixture, -EACCES, PAIL_ERROR_CREDENTIALS);
        advance(61);
        assert_key(&fixture, "key1");
        wait_events(&fixture, 3);

        set_source(&fixture, 0, PAIL_ERROR_NONE);
        advance(61);
        assert_key(&fixture, "key1");
        wait_events(&fixture, 4);
        assert_key(&fixture, "key5");
        assert_int_equal(fixture.source.failures, 3);
        tear_down(&fixture);
}

/* Past the expiry callers wait, the source is asked after 1, 2, 4, 8, 15, 15 s, and they go on when it is back. */
static void test_outage_beyond_the_expiry(void **state)
{
        static const int64_t pauses_s[] = { 1, 2, 4, 8, 15, 15 };
        struct fixture fixture;
        struct caller patient, hurried;

        (void)state;
        set_up(&fixture, 200);
        assert_key(&fixture, "key1");
        set_source(&fixture, -EIO, PAIL_ERROR_CONNECT);
        advance(201);
        start(&patient, &fixture, INT64_MAX);
        start(&hurried, &fixture, pail_clock_monotonic_ms() + 40 * 1000);
        wait_events(&fixture, 1);
        for (unsigned i = 0; i < TEST_COUNT(pauses_s); i++) {
                pail_clock_test_advance(pauses_s[i] * 1000 - 500);
                usleep(120 * 1000); /* two looks at the clock */
                assert_int_equal(loads(&fixture), i + 2);
                pail_clock_test_advance(500);
                wait_events(&fixture, i + 2);
        }
        join(&hurried, -ETIMEDOUT, pail_error_class_name(PAIL_ERROR_TIMEOUT));
        set_source(&fixture, 0, PAIL_ERROR_NONE);
        advance(15);
        join(&patient, 0, "key9");
        assert_int_equal(fixture.source.most_inside, 1);
        tear_down(&fixture);
}

static void test_what_is_final(void **state)
{
        static const struct {
                int result;
                enum pail_error_class class;
                int http_status;
                bool is_final;
        } cases[] = {
                { -EPERM, PAIL_ERROR_CREDENTIALS, 0, true },    { -EPERM, PAIL_ERROR_CREDENTIALS, 403, true },
                { -EPERM, PAIL_ERROR_CREDENTIALS, 503, false }, { -EPERM, PAIL_ERROR_CREDENTIALS, 429, false },
                { -ECHILD, PAIL_ERROR_CREDENTIALS, 0, false },  { -ETIMEDOUT, PAIL_ERROR_CREDENTIALS, 0, false },
                { -EPERM, PAIL_ERROR_CONFIG, 0, true },         { -EPERM, PAIL_ERROR_TLS, 0, true },
                { -EPERM, PAIL_ERROR_RESOLVE, 0, false },       { -EPERM, PAIL_ERROR_TIMEOUT, 0, false },
                { -EPERM, PAIL_ERROR_TRANSFER, 0, false },      { -EPERM, PAIL_ERROR_SERVICE, 500, false },
                { -EPERM, PAIL_ERROR_SERVICE, 400, true },      { -EPERM, PAIL_ERROR_SYSTEM, 0, false },
        };

        (void)state;
        for (unsigned i = 0; i < TEST_COUNT(cases); i++) {
                struct fixture fixture;

                set_up(&fixture, 200);
                assert_key(&fixture, "key1");
                set_source(&fixture, cases[i].result, cases[i].class);
                fixture.source.http_status = cases[i].http_status;
                advance(201);
                if (!cases[i].is_final) {
                        assert_fails(&fixture, -ETIMEDOUT, PAIL_ERROR_TIMEOUT);
                        tear_down(&fixture);
                        continue;
                }
                /* Told at once, to all for a while, and then the source is asked again. */
                char key[64];
                assert_int_equal(get_until(&fixture, INT64_MAX, key), -EPERM);
                assert_string_equal(key, pail_error_class_name(cases[i].class));
                assert_int_equal(get_until(&fixture, INT64_MAX, key), -EPERM);
                assert_int_equal(peek(&fixture), -EPERM);
                assert_int_equal(loads(&fixture), 2);
                set_source(&fixture, 0, PAIL_ERROR_NONE);
                advance(4);
                assert_key(&fixture, "key3");
                tear_down(&fixture);
        }
}

/* Before there were any, at mount, every failure is told at once. */
static void test_the_first(void **state)
{
        struct fixture fixture;
        char key[64];

        (void)state;
        set_up(&fixture, 200);
        set_source(&fixture, -EIO, PAIL_ERROR_CONNECT);
        assert_int_equal(get_until(&fixture, INT64_MAX, key), -EIO);
        assert_string_equal(key, pail_error_class_name(PAIL_ERROR_CONNECT));
        set_source(&fixture, -EAGAIN, PAIL_ERROR_SYSTEM);
        advance(4);
        assert_int_equal(get_until(&fixture, INT64_MAX, key), -EIO);
        set_source(&fixture, 0, PAIL_ERROR_NONE);
        fixture.source.lifetime_s = -1;
        advance(4);
        assert_int_equal(get_until(&fixture, INT64_MAX, key), -EKEYEXPIRED);
        fixture.source.lifetime_s = 200;
        advance(4);
        assert_key(&fixture, "key4");
        assert_int_equal(fixture.source.events, 0);
        tear_down(&fixture);
}

/* Many ask at once, one load; an interrupt ends the wait of one of them. */
static void test_single_flight(void **state)
{
        enum { CALLERS = 8 };
        struct caller callers[CALLERS], interrupted;
        struct fixture fixture;

        (void)state;
        set_up(&fixture, 0);
        set_held(&fixture, true);
        for (unsigned i = 0; i < CALLERS; i++)
                start(&callers[i], &fixture, INT64_MAX);
        wait_loads(&fixture, 1);
        assert_int_equal(peek(&fixture), -EAGAIN);
        start(&interrupted, &fixture, INT64_MAX);
        atomic_store(&interrupted.is_interrupted, true);
        join(&interrupted, -EINTR, pail_error_class_name(PAIL_ERROR_CANCELLED));

        set_held(&fixture, false);
        for (unsigned i = 0; i < CALLERS; i++)
                join(&callers[i], 0, "key1");
        assert_int_equal(loads(&fixture), 1);
        tear_down(&fixture);
}

static bool refuse_as(struct fixture *fixture, const char *key, enum pail_refusal refusal)
{
        char id[64], token[] = "token";
        const struct pail_credentials refused = { .access_key_id = id, .session_token = token };

        snprintf(id, sizeof(id), "%s", key);
        return pail_refresher_refuse(fixture->refresher, &refused, refusal);
}

static bool refuse(struct fixture *fixture, const char *key)
{
        return refuse_as(fixture, key, PAIL_REFUSAL_EXPIRED);
}

/* The key of others than the refused ones; "": there are none. */
static void find_others(struct fixture *fixture, const char *key, char ret_key[static 64])
{
        char id[64], token[] = "token";
        const struct pail_credentials refused = { .access_key_id = id, .session_token = token };
        struct pail_credentials frozen = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        int r;

        snprintf(id, sizeof(id), "%s", key);
        while ((r = pail_refresher_peek_others(fixture->refresher, &refused, &frozen, &error)) == -EAGAIN)
                usleep(1000);
        assert_in_range(r, 0, 1);
        snprintf(ret_key, 64, "%s", r == 0 ? frozen.access_key_id : "");
        pail_credentials_done(&frozen);
}

static void assert_others(struct fixture *fixture, const char *key, const char *expected)
{
        char found[64];

        assert_true(refuse_as(fixture, key, PAIL_REFUSAL_UNKNOWN));
        find_others(fixture, key, found);
        assert_string_equal(found, expected);
}

static void test_refused(void **state)
{
        struct fixture fixture;

        (void)state;
        set_up(&fixture, 3600);
        assert_key(&fixture, "key1");
        /* As new as they get. */
        assert_false(refuse(&fixture, "key1"));
        assert_key(&fixture, "key1");
        advance(10);
        assert_true(refuse(&fixture, "key1"));
        assert_true(refuse(&fixture, "key1"));
        assert_key(&fixture, "key2");
        /* A late answer to what was signed with the old ones. */
        assert_true(refuse(&fixture, "key1"));
        assert_key(&fixture, "key2");
        assert_int_equal(loads(&fixture), 2);

        /* A source that has no others: S3 is to say so again. */
        fixture.source.is_stubborn = true;
        advance(10);
        assert_true(refuse(&fixture, "key2"));
        assert_key(&fixture, "key1");
        advance(10);
        assert_true(refuse(&fixture, "key1"));
        assert_key(&fixture, "key1");
        assert_false(refuse(&fixture, "key1"));
        tear_down(&fixture);
}

/* Not for their age: the source is asked again only where something has changed, and that is looked for once a second. */
static void test_unknown(void **state)
{
        struct fixture fixture;

        (void)state;
        set_up_chain(&fixture, 0, true);
        assert_key(&fixture, "key1");
        assert_others(&fixture, "key1", "");
        assert_int_equal(fixture.source.looks, 2); /* and one before the load */
        assert_false(refuse_as(&fixture, "key1", PAIL_REFUSAL_UNKNOWN));
        assert_key(&fixture, "key1");
        assert_int_equal(loads(&fixture), 1);

        advance(2);
        fixture.source.renewal = 1;
        assert_others(&fixture, "key1", "key2");
        assert_int_equal(fixture.source.events, 1);
        assert_key(&fixture, "key2");
        /* A late answer to what was signed with the old ones needs no look. */
        assert_others(&fixture, "key1", "key2");
        assert_int_equal(fixture.source.looks, 3);
        tear_down(&fixture);

        /* Nothing to look at. */
        set_up(&fixture, 0);
        assert_key(&fixture, "key1");
        assert_false(refuse_as(&fixture, "key1", PAIL_REFUSAL_UNKNOWN));
        tear_down(&fixture);
}

/* Expired although just loaded: a file may have been written a moment later. */
static void test_expired_at_once(void **state)
{
        struct fixture fixture;
        char key[64];

        (void)state;
        set_up_chain(&fixture, 0, true);
        assert_key(&fixture, "key1");
        fixture.source.renewal = 1;
        assert_true(refuse(&fixture, "key1"));
        find_others(&fixture, "key1", key);
        assert_string_equal(key, "key2");
        assert_int_equal(loads(&fixture), 2);
        tear_down(&fixture);
}

/* What is found counts only when it is good, and other than before; all else leaves everything as it was. */
static void test_looked_for_nothing(void **state)
{
        struct fixture fixture;

        (void)state;
        set_up_chain(&fixture, 0, true);
        fixture.source.is_stubborn = true;
        assert_key(&fixture, "key1");
        fixture.source.renewal = 1;
        assert_others(&fixture, "key1", ""); /* the same */
        fixture.source.is_stubborn = false;
        assert_int_equal(fixture.source.events, 0);

        for (unsigned i = 1; i <= 3; i++) {
                advance(2);
                fixture.source.renewal = i == 1 ? -EINVAL : 1;
                set_source(&fixture, i == 2 ? -EIO : i == 3 ? -ENOENT : 0, PAIL_ERROR_CONNECT);
                fixture.source.provider_key = i == 3 ? "somebody else's" : NULL;
                assert_others(&fixture, "key1", "");
                wait_events(&fixture, i);
                assert_int_equal(fixture.source.failures, i);
                assert_key(&fixture, "key1");
        }
        tear_down(&fixture);
}

/* Nor does a renewal that is due, with a chain that has changed or not, lead to somebody else. */
static void test_never_somebody_else(void **state)
{
        struct fixture fixture;
        char key[64];

        (void)state;
        set_up_chain(&fixture, 100, true);
        assert_key(&fixture, "key1");
        set_source(&fixture, -ENOENT, PAIL_ERROR_NONE);
        fixture.source.provider_key = "somebody else's";
        advance(110);
        for (unsigned i = 0; i < 2; i++) {
                assert_int_equal(get_until(&fixture, INT64_MAX, key), -EACCES);
                advance(4);
        }
        set_source(&fixture, 0, PAIL_ERROR_NONE);
        assert_key(&fixture, "key4");
        tear_down(&fixture);
}

/* Many are refused at once: one look. */
static void test_one_look(void **state)
{
        enum { CALLERS = 8 };
        struct fixture fixture;
        char key[64];

        (void)state;
        set_up_chain(&fixture, 0, true);
        assert_key(&fixture, "key1");
        set_held(&fixture, true);
        fixture.source.renewal = 1;
        for (unsigned i = 0; i < CALLERS; i++)
                assert_true(refuse_as(&fixture, "key1", PAIL_REFUSAL_UNKNOWN));
        wait_loads(&fixture, 2);
        /* Nobody else waits for what comes of it. */
        assert_key(&fixture, "key1");
        set_held(&fixture, false);
        for (unsigned i = 0; i < CALLERS; i++) {
                find_others(&fixture, "key1", key);
                assert_string_equal(key, "key2");
        }
        assert_int_equal(loads(&fixture), 2);
        assert_int_equal(fixture.source.looks, 2);
        tear_down(&fixture);
}

/* What is handed out is the caller's: it outlives what comes after. And the session may end while the source stands still. */
static void test_frozen(void **state)
{
        struct pail_credentials frozen = { 0 };
        struct fixture fixture;

        (void)state;
        set_up(&fixture, 200);
        assert_int_equal(pail_refresher_get(fixture.refresher, INT64_MAX, &frozen, NULL), 0);
        advance(210);
        assert_key(&fixture, "key2");
        assert_string_equal(frozen.access_key_id, "key1");
        pail_credentials_done(&frozen);
        advance(160);
        assert_key(&fixture, "key2");
        wait_loads(&fixture, 3);
        tear_down(&fixture);
}

/* For ThreadSanitizer: callers, lookers and refusals while a source with short-lived credentials comes and goes. */
static void *hammer(void *argument)
{
        struct fixture *fixture = argument;
        char key[64];
        intptr_t failures = 0;

        for (unsigned i = 0; i < 200; i++) {
                int r = get_until(fixture, pail_clock_monotonic_ms() + 60 * 1000, key);
                failures += r != 0 && r != -ETIMEDOUT;
                if (i % 16 == 0)
                        refuse(fixture, key);
                if (i % 16 == 8)
                        refuse_as(fixture, key, PAIL_REFUSAL_UNKNOWN);
                r = peek(fixture);
                failures += r != 0 && r != -EAGAIN;
                advance(1);
        }
        return (void *)failures;
}

static void test_threads(void **state)
{
        enum { THREADS = 6 };
        pthread_t threads[THREADS];
        struct fixture fixture;

        (void)state;
        set_up_chain(&fixture, 20, true);
        for (unsigned i = 0; i < THREADS; i++)
                assert_int_equal(pthread_create(&threads[i], NULL, hammer, &fixture), 0);
        for (unsigned i = 0; i < THREADS; i++) {
                void *failures;
                pthread_join(threads[i], &failures);
                assert_null(failures);
        }
        assert_true(loads(&fixture) > 20);
        tear_down(&fixture);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_lasting),
                cmocka_unit_test(test_windows),
                cmocka_unit_test(test_count),
                cmocka_unit_test(test_outage_in_the_advisory_window),
                cmocka_unit_test(test_outage_beyond_the_expiry),
                cmocka_unit_test(test_what_is_final),
                cmocka_unit_test(test_the_first),
                cmocka_unit_test(test_single_flight),
                cmocka_unit_test(test_refused),
                cmocka_unit_test(test_unknown),
                cmocka_unit_test(test_expired_at_once),
                cmocka_unit_test(test_looked_for_nothing),
                cmocka_unit_test(test_never_somebody_else),
                cmocka_unit_test(test_one_look),
                cmocka_unit_test(test_frozen),
                cmocka_unit_test(test_threads),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
