/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Credentials age:
 *
 *   none --load--> fresh --advisory window--> ageing --mandatory window--> stale
 *
 * fresh: copies are handed out. ageing: the same, and the source is asked meanwhile; that it fails is told to nobody who asks. stale, which
 * is also what S3 called expired (is_refused): callers wait for newer ones, unless the source has refused for good (is_final).
 *
 * adopt makes fresh of every age; fail leaves the age as it is. The age itself is no field: it follows from the clock, the two windows and
 * is_refused. The windows are set once a load, from what was left of the lifetime then, so that they open at the same moments
 * however often somebody looks.
 */
#include "refresh_state.h"

#include <errno.h>

#include "aws/retry/retry_classify.h"
#include "pail/util/clock.h"
#include "pail/util/math.h"

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

void pail_refresh_state_init(struct pail_refresh_state *state)
{
        *state = (struct pail_refresh_state){ 0 };
        pail_mutex_init(&state->mutex);
        pail_cond_init(&state->loaded);
}

void pail_refresh_state_done(struct pail_refresh_state *state)
{
        pail_credentials_done(&state->current);
        pail_cond_done(&state->loaded);
        pail_mutex_done(&state->mutex);
}

/* ---- age ---- */

enum pail_credentials_age pail_refresh_state_age_locked(const struct pail_refresh_state *state)
{
        int64_t now = pail_clock_now().tv_sec;

        pail_mutex_assert_held(&state->mutex);
        if (!state->current.access_key_id)
                return PAIL_CREDENTIALS_NONE;
        if (state->is_refused || now >= state->mandatory_at)
                return PAIL_CREDENTIALS_STALE;
        return now >= state->advisory_at ? PAIL_CREDENTIALS_AGEING : PAIL_CREDENTIALS_FRESH;
}

static void set_windows_locked(struct pail_refresh_state *state)
{
        int64_t expires_at = state->current.expires_at;
        int64_t lifetime = expires_at - pail_clock_now().tv_sec;

        pail_mutex_assert_held(&state->mutex);
        state->advisory_at = state->mandatory_at = INT64_MAX;
        if (expires_at == 0)
                return;
        state->advisory_at = expires_at - pail_min((int64_t)ADVISORY_S, lifetime / ADVISORY_SHARE);
        state->mandatory_at = expires_at - pail_min((int64_t)MANDATORY_S, lifetime / MANDATORY_SHARE);
}

/* ---- when to ask ---- */

static int64_t ageing_pause_ms(int64_t expires_at)
{
        int64_t pause_ms = (expires_at - pail_clock_now().tv_sec) * 1000 / AGEING_PAUSE_SHARE;

        if (pause_ms < AGEING_PAUSE_MIN_MS)
                return AGEING_PAUSE_MIN_MS;
        return pail_min(pause_ms, (int64_t)AGEING_PAUSE_MAX_MS);
}

static int64_t stale_pause_ms(unsigned failures)
{
        int64_t pause_ms = STALE_PAUSE_MIN_MS;

        for (; failures > 1 && pause_ms < STALE_PAUSE_MAX_MS; failures--)
                pause_ms *= 2;
        return pail_min(pause_ms, (int64_t)STALE_PAUSE_MAX_MS);
}

int64_t pail_refresh_state_due_ms_locked(const struct pail_refresh_state *state, enum pail_credentials_age age)
{
        int64_t pause_ms;

        pail_mutex_assert_held(&state->mutex);
        if (state->failures == 0)
                return 0;
        if (age == PAIL_CREDENTIALS_AGEING)
                pause_ms = ageing_pause_ms(state->current.expires_at);
        else
                pause_ms = state->is_final ? FINAL_PAUSE_MS : stale_pause_ms(state->failures);
        return state->ended_ms + pause_ms;
}

bool pail_refresh_state_is_newest_locked(const struct pail_refresh_state *state)
{
        pail_mutex_assert_held(&state->mutex);
        return state->failures == 0 && pail_clock_monotonic_ms() < state->ended_ms + FINAL_PAUSE_MS;
}

/* ---- what a load brought ---- */

/*
 * What may pass by itself: nobody answers, the service is overloaded or broken, a program failed (it may have met just that), this
 * machine lacks something. A source that does answer has said for good what it says.
 */
static bool is_transient(int r, const struct pail_error *error)
{
        struct pail_error service = *error;

        if (error->class == PAIL_ERROR_SYSTEM || r == -ECHILD || r == -ETIMEDOUT)
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

void pail_refresh_state_adopt_locked(struct pail_refresh_state *state, struct pail_credentials *loaded)
{
        pail_mutex_assert_held(&state->mutex);
        pail_credentials_done(&state->current);
        state->current = *loaded;
        *loaded = (struct pail_credentials){ 0 };
        state->is_refused = state->is_final = false;
        state->failures = 0;
        set_windows_locked(state);
}

void pail_refresh_state_fail_locked(struct pail_refresh_state *state, int r, const struct pail_error *error)
{
        pail_mutex_assert_held(&state->mutex);
        state->failures++;
        state->failure = r == -EAGAIN ? -EIO : r; /* -EAGAIN is our own word for waiting */
        state->is_final = pail_refresh_state_age_locked(state) == PAIL_CREDENTIALS_NONE || !is_transient(r, error);
        state->error = *error;
}
