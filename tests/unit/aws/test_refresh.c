/* SPDX-License-Identifier: Apache-2.0 */
/* Ages are walked through with the test clock; a provider that stands still shows who waits and who does not. */
#include "aws/refresh.h"

#include <pthread.h>

#include "../support/test.h"
#include "pail/util/clock.h"
#include "pail/util/interrupt.h"
#include "pail/util/mutex.h"
#include "pail/util/str.h"

struct source {
        struct pail_mutex mutex;
        struct pail_cond changed;
        int result;
        int64_t lifetime_s; /* of what it returns; 0: for ever */
        unsigned loads;
        bool held, entered; /* held: load() stands still */
};

static int source_load(void *state, struct pail_credentials *ret_credentials, struct pail_error *ret_error)
{
        struct source *source = state;

        PAIL_LOCK(&source->mutex);
        source->loads++;
        source->entered = true;
        pail_cond_broadcast(&source->changed);
        while (source->held)
                pail_cond_wait(&source->changed, &source->mutex);
        if (source->result < 0) {
                pail_error_set(ret_error, PAIL_ERROR_CREDENTIALS, "the source failed");
                return source->result;
        }
        if (source->lifetime_s != 0)
                ret_credentials->expires_at = pail_clock_now().tv_sec + source->lifetime_s;
        return pail_str_printf(&ret_credentials->access_key_id, "key%u", source->loads);
}

static const struct pail_provider provider = { .name = "source", .load = source_load };

struct fixture {
        struct source source;
        struct pail_refresher *refresher;
};

static void set_up(struct fixture *fixture, int64_t lifetime_s)
{
        struct pail_provider_chain *chain = NULL;

        *fixture = (struct fixture){ .source.lifetime_s = lifetime_s };
        pail_mutex_init(&fixture->source.mutex);
        pail_cond_init(&fixture->source.changed);
        assert_int_equal(pail_provider_chain_new(&chain), 0);
        assert_int_equal(pail_provider_chain_add(chain, &provider, &fixture->source), 0);
        assert_int_equal(pail_refresher_new(chain, &fixture->refresher), 0);
}

static void tear_down(struct fixture *fixture)
{
        pail_refresher_free(fixture->refresher);
        pail_cond_done(&fixture->source.changed);
        pail_mutex_done(&fixture->source.mutex);
}

static int get(struct fixture *fixture, char ret_key[static 16])
{
        struct pail_credentials frozen = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        int r = pail_refresher_get(fixture->refresher, &frozen, &error);

        pail_str_copy(ret_key, 16, r == 0 ? frozen.access_key_id : pail_error_class_name(error.class));
        pail_credentials_done(&frozen);
        return r;
}

static int peek(struct fixture *fixture)
{
        struct pail_credentials frozen = { 0 };
        int r = pail_refresher_peek(fixture->refresher, &frozen);

        assert_int_equal(!frozen.access_key_id, r != 0);
        pail_credentials_done(&frozen);
        return r;
}

static void assert_key(struct fixture *fixture, const char *expected)
{
        char key[16];

        assert_int_equal(get(fixture, key), 0);
        assert_string_equal(key, expected);
}

static void test_lasting(void **state)
{
        struct fixture fixture;

        (void)state;
        set_up(&fixture, 0);
        assert_int_equal(peek(&fixture), -EAGAIN);
        assert_key(&fixture, "key1");
        pail_clock_test_advance(1000LL * 86400 * 365);
        assert_key(&fixture, "key1");
        assert_int_equal(peek(&fixture), 0);
        assert_int_equal(fixture.source.loads, 1);
        tear_down(&fixture);
        pail_refresher_free(NULL);
}

static void test_ages(void **state)
{
        struct fixture fixture;
        char key[16];

        (void)state;
        set_up(&fixture, 3600);
        assert_key(&fixture, "key1");
        pail_clock_test_advance(1000LL * (3600 - 15 * 60 - 5));
        assert_key(&fixture, "key1");
        assert_int_equal(peek(&fixture), 0);

        /* Advisory: renewed. */
        pail_clock_test_advance(10 * 1000);
        assert_int_equal(peek(&fixture), -EAGAIN);
        assert_key(&fixture, "key2");

        /* A failure keeps the old ones for a minute, in which nobody asks. */
        pail_clock_test_advance(1000LL * (3600 - 15 * 60 + 5));
        fixture.source.result = -EIO;
        assert_key(&fixture, "key2");
        assert_int_equal(peek(&fixture), 0);
        assert_key(&fixture, "key2");
        assert_int_equal(fixture.source.loads, 3);
        pail_clock_test_advance(61 * 1000);
        assert_key(&fixture, "key2");
        assert_int_equal(fixture.source.loads, 4);

        /* Mandatory: a failure is the caller's, each time. */
        pail_clock_test_advance(5 * 60 * 1000);
        assert_int_equal(get(&fixture, key), -EIO);
        assert_string_equal(key, pail_error_class_name(PAIL_ERROR_CREDENTIALS));
        assert_int_equal(get(&fixture, key), -EIO);
        assert_int_equal(fixture.source.loads, 6);
        fixture.source.result = 0;
        assert_key(&fixture, "key7");
        tear_down(&fixture);
}

static void test_short_lived(void **state)
{
        struct fixture fixture;
        char key[16];

        (void)state;
        set_up(&fixture, 300);
        assert_key(&fixture, "key1");
        assert_key(&fixture, "key1");
        assert_int_equal(fixture.source.loads, 1);
        pail_clock_test_advance(61 * 1000);
        assert_key(&fixture, "key2");

        fixture.source.lifetime_s = -1;
        pail_clock_test_advance(61 * 1000);
        assert_int_equal(get(&fixture, key), -EKEYEXPIRED);
        tear_down(&fixture);
}

struct caller {
        struct fixture *fixture;
        pthread_t thread;
        char key[16];
        int result;
        bool interruptible;
};

static bool always(void *context)
{
        (void)context;
        return true;
}

static void *call(void *argument)
{
        static const struct pail_interrupt interrupt = { .is_set = always };
        struct caller *caller = argument;

        if (caller->interruptible)
                pail_interrupt_install(&interrupt);
        caller->result = get(caller->fixture, caller->key);
        return NULL;
}

static void start(struct caller *caller, struct fixture *fixture, bool interruptible)
{
        *caller = (struct caller){ .fixture = fixture, .interruptible = interruptible };
        assert_int_equal(pthread_create(&caller->thread, NULL, call, caller), 0);
}

static void wait_until_entered(struct source *source)
{
        PAIL_LOCK(&source->mutex);
        while (!source->entered)
                pail_cond_wait(&source->changed, &source->mutex);
        source->entered = false;
}

static void set_held(struct source *source, bool held)
{
        PAIL_LOCK(&source->mutex);
        source->held = held;
        source->entered = false;
        pail_cond_broadcast(&source->changed);
}

/* Many ask at once, one loads; an interrupt ends the wait of one who does not. */
static void test_single_flight(void **state)
{
        enum { CALLERS = 8 };
        struct caller callers[CALLERS], interrupted;
        struct fixture fixture;

        (void)state;
        set_up(&fixture, 0);
        set_held(&fixture.source, true);
        for (unsigned i = 0; i < CALLERS; i++)
                start(&callers[i], &fixture, false);
        wait_until_entered(&fixture.source);
        assert_int_equal(peek(&fixture), -EAGAIN);
        start(&interrupted, &fixture, true);
        pthread_join(interrupted.thread, NULL);
        assert_int_equal(interrupted.result, -EINTR);
        assert_string_equal(interrupted.key, pail_error_class_name(PAIL_ERROR_CANCELLED));

        set_held(&fixture.source, false);
        for (unsigned i = 0; i < CALLERS; i++) {
                pthread_join(callers[i].thread, NULL);
                assert_int_equal(callers[i].result, 0);
                assert_string_equal(callers[i].key, "key1");
        }
        assert_int_equal(fixture.source.loads, 1);
        tear_down(&fixture);
}

/* While one renews early, the others are not held up. */
static void test_advisory_does_not_block(void **state)
{
        struct caller renewer;
        struct fixture fixture;

        (void)state;
        set_up(&fixture, 3600);
        assert_key(&fixture, "key1");
        pail_clock_test_advance(1000LL * (3600 - 14 * 60));
        set_held(&fixture.source, true);
        start(&renewer, &fixture, false);
        wait_until_entered(&fixture.source);
        assert_key(&fixture, "key1");
        assert_int_equal(peek(&fixture), 0);
        set_held(&fixture.source, false);
        pthread_join(renewer.thread, NULL);
        assert_string_equal(renewer.key, "key2");
        assert_key(&fixture, "key2");
        tear_down(&fixture);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_lasting),
                cmocka_unit_test(test_ages),
                cmocka_unit_test(test_short_lived),
                cmocka_unit_test(test_single_flight),
                cmocka_unit_test(test_advisory_does_not_block),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
