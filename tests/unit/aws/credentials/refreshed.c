/* SPDX-License-Identifier: Apache-2.0 */
#include "refreshed.h"

#include "pail/util/clock.h"
#include "pail/util/str.h"

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

void set_up_chain(struct fixture *fixture, int64_t lifetime_s, bool is_renewable)
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

void set_up(struct fixture *fixture, int64_t lifetime_s)
{
        set_up_chain(fixture, lifetime_s, false);
}

void tear_down(struct fixture *fixture)
{
        pail_refresher_free(fixture->refresher);
        assert_true(fixture->source.most_inside <= 1);
        pail_cond_done(&fixture->source.changed);
        pail_mutex_done(&fixture->source.mutex);
}

void set_source(struct fixture *fixture, int result, enum pail_error_class class)
{
        PAIL_LOCK(&fixture->source.mutex);
        fixture->source.result = result;
        fixture->source.class = class;
}

void set_held(struct fixture *fixture, bool held)
{
        PAIL_LOCK(&fixture->source.mutex);
        fixture->source.held = held;
        pail_cond_broadcast(&fixture->source.changed);
}

unsigned loads(struct fixture *fixture)
{
        PAIL_LOCK(&fixture->source.mutex);
        return fixture->source.loads;
}

/* Until the source was asked so often, and has stood still or been told of. */
void wait_loads(struct fixture *fixture, unsigned count)
{
        PAIL_LOCK(&fixture->source.mutex);
        while (fixture->source.loads < count)
                pail_cond_wait(&fixture->source.changed, &fixture->source.mutex);
}

/* Every load but the first is told of once it is over. */
void wait_events(struct fixture *fixture, unsigned count)
{
        PAIL_LOCK(&fixture->source.mutex);
        while (fixture->source.events < count)
                pail_cond_wait(&fixture->source.changed, &fixture->source.mutex);
}

void advance(int64_t seconds)
{
        pail_clock_test_advance(seconds * 1000);
}

int get_until(struct fixture *fixture, int64_t deadline_ms, char ret_key[static 64])
{
        struct pail_credentials frozen = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        int r = pail_refresher_get(fixture->refresher, deadline_ms, &frozen, &error);

        snprintf(ret_key, 64, "%s", r == 0 ? frozen.access_key_id : pail_error_class_name(error.class));
        pail_credentials_done(&frozen);
        return r;
}

int peek(struct fixture *fixture)
{
        struct pail_credentials frozen = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        int r = pail_refresher_peek(fixture->refresher, &frozen, &error);

        assert_int_equal(!frozen.access_key_id, r != 0);
        assert_int_equal(error.class == PAIL_ERROR_NONE, r == 0);
        pail_credentials_done(&frozen);
        return r;
}

void assert_key(struct fixture *fixture, const char *expected)
{
        char key[64];

        assert_int_equal(get_until(fixture, INT64_MAX, key), 0);
        assert_string_equal(key, expected);
}

void assert_fails(struct fixture *fixture, int expected, enum pail_error_class class)
{
        char key[64];

        assert_int_equal(get_until(fixture, pail_clock_monotonic_ms() + 20, key), expected);
        assert_string_equal(key, pail_error_class_name(class));
}

bool refuse_as(struct fixture *fixture, const char *key, enum pail_refusal refusal)
{
        char id[64], token[] = "token";
        const struct pail_credentials refused = { .access_key_id = id, .session_token = token };

        snprintf(id, sizeof(id), "%s", key);
        return pail_refresher_refuse(fixture->refresher, &refused, refusal);
}

bool refuse(struct fixture *fixture, const char *key)
{
        return refuse_as(fixture, key, PAIL_REFUSAL_EXPIRED);
}
