/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ages are walked through with the test clock. The source stands still where a test says so, which shows who waits for it and who does
 * not; a wait of a waiting caller is ended by the interrupt token that every caller has, so that it sees the clock move.
 */
#include "pail/aws/refresh.h"

#include <pthread.h>
#include <stdatomic.h>

#include "pail/util/clock.h"
#include "pail/util/interrupt.h"
#include "refreshed.h"

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
                cmocka_unit_test(test_frozen),
                cmocka_unit_test(test_threads),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
