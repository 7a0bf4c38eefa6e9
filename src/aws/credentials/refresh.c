/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Handing credentials out. What they are, and when their source is due, is in refresh_state.c; asking the source in refresh_loader.c.
 * Nobody keeps the time: it is the callers, waiting or looking again, who find that the next try is due, announce it under the lock and
 * launch it outside.
 *
 * Rejected: a timer that renews in the background. A mount that nobody uses would keep talking to token services.
 */
#include "pail/aws/refresh.h"

#include <errno.h>
#include <stdlib.h>

#include "pail/util/cleanup.h"
#include "pail/util/clock.h"
#include "pail/util/interrupt.h"
#include "pail/util/math.h"
#include "refresh_loader.h"

enum { LOOK_PAUSE_MS = 1000 };

struct pail_refresher {
        struct pail_refresh_loader loader;
        bool is_renewable; /* the chain is */
};

int pail_refresher_new(struct pail_provider_chain *chain, pail_session_refreshed *refreshed, void *context,
                       struct pail_refresher **ret_refresher)
{
        _cleanup_(pail_provider_chain_free_p) struct pail_provider_chain *owned = chain;
        _cleanup_free_ struct pail_refresher *refresher = calloc(1, sizeof(*refresher));
        int r;

        if (!refresher)
                return -ENOMEM;
        refresher->is_renewable = pail_provider_chain_is_renewable(chain);
        r = pail_refresh_loader_init(&refresher->loader, pail_steal(&owned), refreshed, context);
        if (r < 0)
                return r;
        *ret_refresher = pail_steal(&refresher);
        return 0;
}

void pail_refresher_free(struct pail_refresher *refresher)
{
        if (!refresher)
                return;
        pail_refresh_loader_done(&refresher->loader);
        free(refresher);
}

/* ---- handing out ---- */

/* What was decided at one moment. */
struct decision {
        bool can_launch;  /* a load is due and announced: to be launched outside of the lock */
        int64_t until_ms; /* when to decide again, unless a load ends before */
};

static int copy_current_locked(const struct pail_refresh_state *state, struct pail_credentials *ret_frozen,
                               struct pail_error *ret_error)
{
        pail_mutex_assert_held(&state->mutex);
        int r = pail_credentials_copy(&state->current, ret_frozen);
        return r < 0 ? pail_error_set_errno(ret_error, -r, "credentials") : 0;
}

static void set_error(struct pail_error *ret_error, const struct pail_error *error)
{
        if (ret_error)
                *ret_error = *error;
}

/* 0: copied; -EAGAIN: newer ones have to be waited for; else what the source has said for good. *ret_decision is written in any case. */
static int decide_locked(struct pail_refresh_state *state, struct decision *ret_decision,
                         struct pail_credentials *ret_frozen, struct pail_error *ret_error)
{
        pail_mutex_assert_held(&state->mutex);
        enum pail_credentials_age age = pail_refresh_state_age_locked(state);
        int64_t due_ms = pail_refresh_state_due_ms_locked(state, age);
        bool is_due = age != PAIL_CREDENTIALS_FRESH && !state->is_loading && pail_clock_monotonic_ms() >= due_ms;

        if (is_due)
                state->is_loading = true;
        *ret_decision = (struct decision){
                .can_launch = is_due,
                .until_ms = state->is_loading ? INT64_MAX : due_ms,
        };
        if (age == PAIL_CREDENTIALS_FRESH || age == PAIL_CREDENTIALS_AGEING)
                return copy_current_locked(state, ret_frozen, ret_error);
        if (state->is_loading || !state->is_final)
                return -EAGAIN;
        set_error(ret_error, &state->error);
        return state->failure;
}

static void say_what_is_missing_locked(const struct pail_refresh_state *state, struct pail_error *ret_error)
{
        pail_mutex_assert_held(&state->mutex);
        if (state->failures > 0)
                pail_error_set(ret_error, PAIL_ERROR_TIMEOUT, "the credentials cannot be renewed: %s",
                               state->error.message);
        else
                pail_error_set(ret_error, PAIL_ERROR_TIMEOUT, "the source of the credentials has not answered yet");
}

/* -EAGAIN: decide again. */
static int wait_locked(struct pail_refresh_state *state, int64_t until_ms, int64_t deadline_ms,
                       struct pail_error *ret_error)
{
        pail_mutex_assert_held(&state->mutex);
        int r = pail_interrupt_wait(&state->loaded, &state->mutex, pail_min(until_ms, deadline_ms));

        if (r == -EINTR)
                pail_error_set(ret_error, PAIL_ERROR_CANCELLED, "interrupted while waiting for credentials");
        if (r != -ETIMEDOUT || pail_clock_monotonic_ms() < deadline_ms)
                return r == -EINTR ? r : -EAGAIN;
        say_what_is_missing_locked(state, ret_error);
        return -ETIMEDOUT;
}

int pail_refresher_get(struct pail_refresher *refresher, int64_t deadline_ms, struct pail_credentials *ret_frozen,
                       struct pail_error *ret_error)
{
        struct pail_refresh_state *state = &refresher->loader.state;
        struct decision decision;
        int r;

        do {
                pail_mutex_lock(&state->mutex);
                r = decide_locked(state, &decision, ret_frozen, ret_error);
                if (r == -EAGAIN && !decision.can_launch)
                        r = wait_locked(state, decision.until_ms, deadline_ms, ret_error);
                pail_mutex_unlock(&state->mutex);
                if (decision.can_launch)
                        pail_refresh_loader_launch_load(&refresher->loader);
        } while (r == -EAGAIN);
        return r;
}

int pail_refresher_peek(struct pail_refresher *refresher, struct pail_credentials *ret_frozen,
                        struct pail_error *ret_error)
{
        struct pail_refresh_state *state = &refresher->loader.state;
        struct decision decision;
        int r;

        pail_mutex_lock(&state->mutex);
        r = decide_locked(state, &decision, ret_frozen, ret_error);
        if (r == -EAGAIN)
                say_what_is_missing_locked(state, ret_error);
        pail_mutex_unlock(&state->mutex);
        if (decision.can_launch)
                pail_refresh_loader_launch_load(&refresher->loader);
        return r;
}

/* ---- what S3 refuses ---- */

/* Announces a look for changes, if the last one was not just now. */
static bool announce_look_locked(struct pail_refresher *refresher)
{
        struct pail_refresh_state *state = &refresher->loader.state;

        pail_mutex_assert_held(&state->mutex);
        if (!refresher->is_renewable ||
            (state->has_looked && pail_clock_monotonic_ms() < state->looked_ms + LOOK_PAUSE_MS))
                return false;
        state->is_loading = true;
        return true;
}

/* true: there may be others. *ret_can_launch: a look is announced, to be launched outside of the lock. */
static bool refuse_locked(struct pail_refresher *refresher, const struct pail_credentials *refused,
                          enum pail_refusal refusal, bool *ret_can_launch)
{
        struct pail_refresh_state *state = &refresher->loader.state;

        pail_mutex_assert_held(&state->mutex);
        *ret_can_launch = false;
        if (!pail_credentials_equal(&state->current, refused))
                return true;
        /* As new as the source has them: asking again for each refusal would be a flood. */
        if (refusal == PAIL_REFUSAL_EXPIRED && !pail_refresh_state_is_newest_locked(state))
                state->is_refused = true;
        if (state->is_refused || state->is_loading)
                return true;
        *ret_can_launch = announce_look_locked(refresher);
        return *ret_can_launch;
}

bool pail_refresher_refuse(struct pail_refresher *refresher, const struct pail_credentials *refused,
                           enum pail_refusal refusal)
{
        bool can_launch, may_have_others;

        pail_mutex_lock(&refresher->loader.state.mutex);
        may_have_others = refuse_locked(refresher, refused, refusal, &can_launch);
        pail_mutex_unlock(&refresher->loader.state.mutex);
        if (can_launch)
                pail_refresh_loader_launch_look(&refresher->loader);
        return may_have_others;
}

/* 0: there are others, or their source is to be asked; -EAGAIN: that is being found out; 1: there are none. */
static int compare_refused(struct pail_refresher *refresher, const struct pail_credentials *refused)
{
        struct pail_refresh_state *state = &refresher->loader.state;

        PAIL_LOCK(&state->mutex);
        if (state->is_refused || !pail_credentials_equal(&state->current, refused))
                return 0;
        return state->is_loading ? -EAGAIN : 1;
}

int pail_refresher_peek_others(struct pail_refresher *refresher, const struct pail_credentials *refused,
                               struct pail_credentials *ret_frozen, struct pail_error *ret_error)
{
        int r = compare_refused(refresher, refused);

        if (r == -EAGAIN)
                pail_error_set(ret_error, PAIL_ERROR_TIMEOUT, "the source of the credentials has not answered yet");
        return r == 0 ? pail_refresher_peek(refresher, ret_frozen, ret_error) : r;
}
