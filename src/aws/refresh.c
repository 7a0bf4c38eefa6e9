/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Credentials age:
 *
 *   none --load--> fresh --advisory window--> ageing --mandatory window--> stale
 *
 * fresh: copies are handed out. ageing: the same, and the source is asked meanwhile; its failure is nobody's. stale, which is also what S3 called
 * expired: callers wait for newer ones, unless the source has refused for good.
 *
 * The source is asked by a job on a pool of one thread, which starts on demand and ends when idle: a provider may take half a minute, and
 * neither a caller that may be interrupted nor an engine's thread can spend that. is_loading is set under the lock by the caller that finds a load
 * due, and cleared by the job at its end: so there is never a second load. Nobody keeps the time: it is the callers, waiting or looking
 * again, who find that the next try is due.
 *
 * Rejected: a timer that renews in the background. A mount that nobody uses would keep talking to token services.
 */
#include "pail/aws/refresh.h"

#include <errno.h>

#include "aws/retry_classify.h"
#include "pail/util/cleanup.h"
#include "pail/util/clock.h"
#include "pail/util/interrupt.h"
#include "pail/util/mutex.h"
#include "pail/util/str.h"
#include "pail/util/workpool.h"

enum {
        ADVISORY_S = 15 * 60,
        ADVISORY_SHARE = 4, /* a quarter of the lifetime at most */
        MANDATORY_S = 10 * 60,
        MANDATORY_SHARE = 6,
        AGEING_PAUSE_SHARE = 8, /* an eighth of the time left */
        AGEING_PAUSE_MIN_MS = 5 * 1000,
        AGEING_PAUSE_MAX_MS = 60 * 1000,
        STALE_PAUSE_MIN_MS = 1000, /* doubles */
        STALE_PAUSE_MAX_MS = 15 * 1000,
        FINAL_PAUSE_MS = 3000,
};

struct pail_refresher {
        struct pail_provider_chain *chain; /* touched only by the job that is_loading announces */
        struct pail_workpool *pool;
        pail_session_refreshed *refreshed;
        void *refreshed_context;
        struct {
                struct pail_mutex mutex;
                struct pail_cond loaded;
                struct pail_credentials current;   /* access_key_id NULL: nothing yet */
                int64_t advisory_at, mandatory_at; /* Unix seconds */
                bool is_refused;                   /* S3 said that current has expired */
                bool is_loading;
                int64_t ended_ms;  /* monotonic: of the last load */
                unsigned failures; /* loads that failed, in a row */
                int result;        /* of the last that failed */
                struct pail_error error;
                bool is_final; /* waiting will not help */
        } guarded;
};

PAIL_DEFINE_CLEANUP(struct pail_provider_chain, pail_provider_chain_free);

int pail_refresher_new(struct pail_provider_chain *chain, pail_session_refreshed *refreshed, void *context,
                       struct pail_refresher **ret_refresher)
{
        _cleanup_(pail_provider_chain_free_p) struct pail_provider_chain *owned = chain;
        _cleanup_free_ struct pail_refresher *refresher = calloc(1, sizeof(*refresher));
        int r;

        if (!refresher)
                return -ENOMEM;
        r = pail_workpool_new("credentials", 1, &refresher->pool);
        if (r < 0)
                return r;
        refresher->chain = pail_steal(&owned);
        refresher->refreshed = refreshed;
        refresher->refreshed_context = context;
        pail_mutex_init(&refresher->guarded.mutex);
        pail_cond_init(&refresher->guarded.loaded);
        *ret_refresher = pail_steal(&refresher);
        return 0;
}

void pail_refresher_free(struct pail_refresher *refresher)
{
        if (!refresher)
                return;
        pail_workpool_free(refresher->pool);
        pail_provider_chain_free(refresher->chain);
        pail_credentials_done(&refresher->guarded.current);
        pail_cond_done(&refresher->guarded.loaded);
        pail_mutex_done(&refresher->guarded.mutex);
        free(refresher);
}

static int64_t smaller(int64_t a, int64_t b)
{
        return a < b ? a : b;
}

/* ---- age ---- */

enum age { AGE_NONE, AGE_FRESH, AGE_AGEING, AGE_STALE };

static enum age age_locked(const struct pail_refresher *refresher)
{
        int64_t now = pail_clock_now().tv_sec;

        pail_mutex_assert_held(&refresher->guarded.mutex);
        if (!refresher->guarded.current.access_key_id)
                return AGE_NONE;
        if (refresher->guarded.is_refused || now >= refresher->guarded.mandatory_at)
                return AGE_STALE;
        return now >= refresher->guarded.advisory_at ? AGE_AGEING : AGE_FRESH;
}

static void set_windows_locked(struct pail_refresher *refresher)
{
        int64_t expires_at = refresher->guarded.current.expires_at;
        int64_t lifetime = expires_at - pail_clock_now().tv_sec;

        pail_mutex_assert_held(&refresher->guarded.mutex);
        refresher->guarded.advisory_at = refresher->guarded.mandatory_at = INT64_MAX;
        if (expires_at == 0)
                return;
        refresher->guarded.advisory_at = expires_at - smaller(ADVISORY_S, lifetime / ADVISORY_SHARE);
        refresher->guarded.mandatory_at = expires_at - smaller(MANDATORY_S, lifetime / MANDATORY_SHARE);
}

/* ---- when to ask ---- */

static int64_t ageing_pause_ms(int64_t expires_at)
{
        int64_t pause_ms = (expires_at - pail_clock_now().tv_sec) * 1000 / AGEING_PAUSE_SHARE;

        if (pause_ms < AGEING_PAUSE_MIN_MS)
                return AGEING_PAUSE_MIN_MS;
        return smaller(pause_ms, AGEING_PAUSE_MAX_MS);
}

static int64_t stale_pause_ms(unsigned failures)
{
        int64_t pause_ms = STALE_PAUSE_MIN_MS;

        for (; failures > 1 && pause_ms < STALE_PAUSE_MAX_MS; failures--)
                pause_ms *= 2;
        return smaller(pause_ms, STALE_PAUSE_MAX_MS);
}

/* Monotonic; 0: at once. */
static int64_t due_ms_locked(const struct pail_refresher *refresher, enum age age)
{
        int64_t pause_ms;

        pail_mutex_assert_held(&refresher->guarded.mutex);
        if (refresher->guarded.failures == 0)
                return 0;
        if (age == AGE_AGEING)
                pause_ms = ageing_pause_ms(refresher->guarded.current.expires_at);
        else
                pause_ms = refresher->guarded.is_final ? FINAL_PAUSE_MS : stale_pause_ms(refresher->guarded.failures);
        return refresher->guarded.ended_ms + pause_ms;
}

/* ---- asking ---- */

/*
 * What may pass by itself: nobody answers, the service is overloaded or broken, a program failed (it may have met just that), this
 * machine lacks something. A source that does answer has said for good what it says.
 */
static bool is_transient(int result, const struct pail_error *error)
{
        struct pail_error service = *error;

        if (error->class == PAIL_ERROR_SYSTEM || result == -ECHILD || result == -ETIMEDOUT)
                return true;
        if (error->class == PAIL_ERROR_CREDENTIALS && error->http_status != 0)
                service.class = PAIL_ERROR_SERVICE;
        switch (pail_retry_classify(&service)) {
        case PAIL_RETRY_KIND_TRANSIENT:
        case PAIL_RETRY_KIND_THROTTLE:
                return true;
        default:
                return false;
        }
}

/* Takes over what was loaded. */
static void adopt_locked(struct pail_refresher *refresher, struct pail_credentials *loaded)
{
        pail_mutex_assert_held(&refresher->guarded.mutex);
        pail_credentials_done(&refresher->guarded.current);
        refresher->guarded.current = *loaded;
        *loaded = (struct pail_credentials){ 0 };
        refresher->guarded.is_refused = refresher->guarded.is_final = false;
        refresher->guarded.failures = 0;
        set_windows_locked(refresher);
}

static void fail_locked(struct pail_refresher *refresher, int result, const struct pail_error *error)
{
        pail_mutex_assert_held(&refresher->guarded.mutex);
        refresher->guarded.failures++;
        refresher->guarded.result = result == -EAGAIN ? -EIO : result; /* -EAGAIN is our own word for waiting */
        refresher->guarded.is_final = age_locked(refresher) == AGE_NONE || !is_transient(result, error);
        refresher->guarded.error = *error;
}

/* loaded and error are the result's: one of them counts. */
static void end_load(struct pail_refresher *refresher, int result, struct pail_credentials *loaded,
                     const struct pail_error *error)
{
        pail_mutex_lock(&refresher->guarded.mutex);
        bool is_first = age_locked(refresher) == AGE_NONE;
        if (result == 0)
                adopt_locked(refresher, loaded);
        else
                fail_locked(refresher, result, error);
        refresher->guarded.is_loading = false;
        refresher->guarded.ended_ms = pail_clock_monotonic_ms();
        unsigned failures = refresher->guarded.failures;
        int64_t expires_at = refresher->guarded.current.expires_at;
        pail_cond_broadcast(&refresher->guarded.loaded);
        pail_mutex_unlock(&refresher->guarded.mutex);
        if (refresher->refreshed && !is_first)
                refresher->refreshed(refresher->refreshed_context, expires_at, failures, result < 0 ? error : NULL);
}

static int check_expiry(const struct pail_credentials *loaded, struct pail_error *ret_error)
{
        if (loaded->expires_at == 0 || loaded->expires_at > pail_clock_now().tv_sec)
                return 0;
        pail_error_set(ret_error, PAIL_ERROR_CREDENTIALS, "the credentials from %s have expired", loaded->provider);
        return -EKEYEXPIRED;
}

/* On the pool's thread. */
static void load(void *argument)
{
        struct pail_refresher *refresher = argument;
        _cleanup_(pail_credentials_done) struct pail_credentials loaded = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        int r = pail_provider_chain_load(refresher->chain, &loaded, &error);

        if (r == 0)
                r = check_expiry(&loaded, &error);
        if (r < 0 && error.class == PAIL_ERROR_NONE)
                pail_error_set_errno(&error, -r, "credentials");
        end_load(refresher, r, &loaded, &error);
}

/* Of a load that was announced by is_loading. */
static void launch(struct pail_refresher *refresher)
{
        struct pail_credentials nothing = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        int r = pail_workpool_submit(refresher->pool, load, refresher);

        if (r == 0)
                return;
        pail_error_set_errno(&error, -r, "cannot start the thread that asks for credentials");
        end_load(refresher, r, &nothing, &error);
}

/* ---- handing out ---- */

/* What became of one look at the state. */
struct look {
        bool launch;      /* a load is due and announced: to be launched outside of the lock */
        int64_t until_ms; /* when to look again, unless a load ends before */
};

static int copy_locked(const struct pail_refresher *refresher, struct pail_credentials *ret_frozen,
                       struct pail_error *ret_error)
{
        pail_mutex_assert_held(&refresher->guarded.mutex);
        int r = pail_credentials_copy(&refresher->guarded.current, ret_frozen);
        return r < 0 ? pail_error_set_errno(ret_error, -r, "credentials") : 0;
}

static void set_error(struct pail_error *ret_error, const struct pail_error *error)
{
        if (ret_error)
                *ret_error = *error;
}

/* 0: copied; -EAGAIN: newer ones have to be waited for; else what the source has said for good. */
static int look_locked(struct pail_refresher *refresher, struct look *ret_look, struct pail_credentials *ret_frozen,
                       struct pail_error *ret_error)
{
        enum age age = age_locked(refresher);
        int64_t due_ms = due_ms_locked(refresher, age);
        bool is_due = age != AGE_FRESH && !refresher->guarded.is_loading && pail_clock_monotonic_ms() >= due_ms;

        if (is_due)
                refresher->guarded.is_loading = true;
        *ret_look = (struct look){ .launch = is_due, .until_ms = refresher->guarded.is_loading ? INT64_MAX : due_ms };
        if (age == AGE_FRESH || age == AGE_AGEING)
                return copy_locked(refresher, ret_frozen, ret_error);
        if (refresher->guarded.is_loading || !refresher->guarded.is_final)
                return -EAGAIN;
        set_error(ret_error, &refresher->guarded.error);
        return refresher->guarded.result;
}

static void say_what_is_missing_locked(const struct pail_refresher *refresher, struct pail_error *ret_error)
{
        pail_mutex_assert_held(&refresher->guarded.mutex);
        if (refresher->guarded.failures > 0)
                pail_error_set(ret_error, PAIL_ERROR_TIMEOUT, "the credentials cannot be renewed: %s",
                               refresher->guarded.error.message);
        else
                pail_error_set(ret_error, PAIL_ERROR_TIMEOUT, "the source of the credentials has not answered yet");
}

/* -EAGAIN: look again. */
static int wait_locked(struct pail_refresher *refresher, int64_t until_ms, int64_t deadline_ms,
                       struct pail_error *ret_error)
{
        int r = pail_interrupt_wait(&refresher->guarded.loaded, &refresher->guarded.mutex,
                                    smaller(until_ms, deadline_ms));

        if (r == -EINTR)
                pail_error_set(ret_error, PAIL_ERROR_CANCELLED, "interrupted while waiting for credentials");
        if (r != -ETIMEDOUT || pail_clock_monotonic_ms() < deadline_ms)
                return r == -EINTR ? r : -EAGAIN;
        say_what_is_missing_locked(refresher, ret_error);
        return -ETIMEDOUT;
}

int pail_refresher_get(struct pail_refresher *refresher, int64_t deadline_ms, struct pail_credentials *ret_frozen,
                       struct pail_error *ret_error)
{
        struct look look;
        int r;

        do {
                pail_mutex_lock(&refresher->guarded.mutex);
                r = look_locked(refresher, &look, ret_frozen, ret_error);
                if (r == -EAGAIN && !look.launch)
                        r = wait_locked(refresher, look.until_ms, deadline_ms, ret_error);
                pail_mutex_unlock(&refresher->guarded.mutex);
                if (look.launch)
                        launch(refresher);
        } while (r == -EAGAIN);
        return r;
}

int pail_refresher_peek(struct pail_refresher *refresher, struct pail_credentials *ret_frozen,
                        struct pail_error *ret_error)
{
        struct look look;
        int r;

        pail_mutex_lock(&refresher->guarded.mutex);
        r = look_locked(refresher, &look, ret_frozen, ret_error);
        if (r == -EAGAIN)
                say_what_is_missing_locked(refresher, ret_error);
        pail_mutex_unlock(&refresher->guarded.mutex);
        if (look.launch)
                launch(refresher);
        return r;
}

bool pail_refresher_refuse(struct pail_refresher *refresher, const struct pail_credentials *refused)
{
        PAIL_LOCK(&refresher->guarded.mutex);
        const struct pail_credentials *current = &refresher->guarded.current;
        bool is_current = pail_str_equal(current->access_key_id, refused->access_key_id) &&
                          pail_str_equal(current->session_token, refused->session_token);

        if (!is_current || refresher->guarded.is_refused)
                return true;
        /* As new as the source has them: asking again for each refusal would be a flood. */
        if (refresher->guarded.failures == 0 &&
            pail_clock_monotonic_ms() < refresher->guarded.ended_ms + FINAL_PAUSE_MS)
                return false;
        refresher->guarded.is_refused = true;
        return true;
}
