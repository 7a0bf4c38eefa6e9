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
 * due, and cleared by the job at its end (refresh_load.c): so there is never a second load. Nobody keeps the time: it is the callers, waiting or looking
 * again, who find that the next try is due.
 *
 * Rejected: a timer that renews in the background. A mount that nobody uses would keep talking to token services.
 */
#include "pail/aws/refresh.h"

#include <errno.h>

#include "aws/refresh_private.h"
#include "pail/util/cleanup.h"
#include "pail/util/clock.h"
#include "pail/util/interrupt.h"
#include "pail/util/str.h"

enum {
        AGEING_PAUSE_SHARE = 8, /* an eighth of the time left */
        AGEING_PAUSE_MIN_MS = 5 * 1000,
        AGEING_PAUSE_MAX_MS = 60 * 1000,
        STALE_PAUSE_MIN_MS = 1000, /* doubles */
        STALE_PAUSE_MAX_MS = 15 * 1000,
        FINAL_PAUSE_MS = 3000,
        LOOK_PAUSE_MS = 1000,
        LOOK_DOUBLINGS = 6,
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
        refresher->is_renewable = pail_provider_chain_is_renewable(chain);
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

/* ---- age ---- */

enum pail_credentials_age pail_refresher_age_locked(const struct pail_refresher *refresher)
{
        int64_t now = pail_clock_now().tv_sec;

        pail_mutex_assert_held(&refresher->guarded.mutex);
        if (!refresher->guarded.current.access_key_id)
                return PAIL_CREDENTIALS_NONE;
        if (refresher->guarded.is_refused || now >= refresher->guarded.mandatory_at)
                return PAIL_CREDENTIALS_STALE;
        return now >= refresher->guarded.advisory_at ? PAIL_CREDENTIALS_AGEING : PAIL_CREDENTIALS_FRESH;
}

/* ---- when to ask ---- */

static int64_t ageing_pause_ms(int64_t expires_at)
{
        int64_t pause_ms = (expires_at - pail_clock_now().tv_sec) * 1000 / AGEING_PAUSE_SHARE;

        if (pause_ms < AGEING_PAUSE_MIN_MS)
                return AGEING_PAUSE_MIN_MS;
        return pail_refresher_smaller(pause_ms, AGEING_PAUSE_MAX_MS);
}

static int64_t stale_pause_ms(unsigned failures)
{
        int64_t pause_ms = STALE_PAUSE_MIN_MS;

        for (; failures > 1 && pause_ms < STALE_PAUSE_MAX_MS; failures--)
                pause_ms *= 2;
        return pail_refresher_smaller(pause_ms, STALE_PAUSE_MAX_MS);
}

/* Monotonic; 0: at once. */
static int64_t due_ms_locked(const struct pail_refresher *refresher, enum pail_credentials_age age)
{
        int64_t pause_ms;

        pail_mutex_assert_held(&refresher->guarded.mutex);
        if (refresher->guarded.failures == 0)
                return 0;
        if (age == PAIL_CREDENTIALS_AGEING)
                pause_ms = ageing_pause_ms(refresher->guarded.current.expires_at);
        else
                pause_ms = refresher->guarded.is_final ? FINAL_PAUSE_MS : stale_pause_ms(refresher->guarded.failures);
        return refresher->guarded.ended_ms + pause_ms;
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
        enum pail_credentials_age age = pail_refresher_age_locked(refresher);
        int64_t due_ms = due_ms_locked(refresher, age);
        bool is_due = age != PAIL_CREDENTIALS_FRESH && !refresher->guarded.is_loading &&
                      pail_clock_monotonic_ms() >= due_ms;

        if (is_due)
                refresher->guarded.is_loading = true;
        *ret_look = (struct look){ .launch = is_due, .until_ms = refresher->guarded.is_loading ? INT64_MAX : due_ms };
        if (age == PAIL_CREDENTIALS_FRESH || age == PAIL_CREDENTIALS_AGEING)
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
                                    pail_refresher_smaller(until_ms, deadline_ms));

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
                        pail_refresher_launch_load(refresher);
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
                pail_refresher_launch_load(refresher);
        return r;
}

/* ---- what S3 refuses ---- */

/* A source that gives nothing is not asked every second; files that are being written are looked at as often as ever. */
static int64_t look_pause_ms(unsigned mute_looks)
{
        return (int64_t)LOOK_PAUSE_MS << (mute_looks < LOOK_DOUBLINGS ? mute_looks : LOOK_DOUBLINGS);
}

/* Announces a look for changes, if the last one was not just now. */
static bool announce_look_locked(struct pail_refresher *refresher)
{
        pail_mutex_assert_held(&refresher->guarded.mutex);
        if (!refresher->is_renewable ||
            (refresher->guarded.has_looked &&
             pail_clock_monotonic_ms() < refresher->guarded.looked_ms + look_pause_ms(refresher->guarded.mute_looks)))
                return false;
        refresher->guarded.is_loading = true;
        return true;
}

/* true: there may be others. *ret_launch: a look is announced, to be launched outside of the lock. */
static bool refuse_locked(struct pail_refresher *refresher, const struct pail_credentials *refused,
                          enum pail_refusal refusal, bool *ret_launch)
{
        /* As new as the source has them: asking again for each refusal would be a flood. */
        bool is_newest = refresher->guarded.failures == 0 &&
                         pail_clock_monotonic_ms() < refresher->guarded.ended_ms + FINAL_PAUSE_MS;

        *ret_launch = false;
        if (!pail_credentials_equal(&refresher->guarded.current, refused))
                return true;
        if (refusal == PAIL_REFUSAL_EXPIRED && !is_newest)
                refresher->guarded.is_refused = true;
        if (refresher->guarded.is_refused || refresher->guarded.is_loading)
                return true;
        *ret_launch = announce_look_locked(refresher);
        return *ret_launch;
}

bool pail_refresher_refuse(struct pail_refresher *refresher, const struct pail_credentials *refused,
                           enum pail_refusal refusal)
{
        bool launch;

        pail_mutex_lock(&refresher->guarded.mutex);
        bool result = refuse_locked(refresher, refused, refusal, &launch);
        pail_mutex_unlock(&refresher->guarded.mutex);
        if (launch)
                pail_refresher_launch_look(refresher);
        return result;
}

/* 0: there are others, or their source is to be asked; -EAGAIN: that is being found out; 1: there are none. */
static int compare_refused(struct pail_refresher *refresher, const struct pail_credentials *refused)
{
        PAIL_LOCK(&refresher->guarded.mutex);
        if (refresher->guarded.is_refused || !pail_credentials_equal(&refresher->guarded.current, refused))
                return 0;
        return refresher->guarded.is_loading ? -EAGAIN : 1;
}

int pail_refresher_peek_others(struct pail_refresher *refresher, const struct pail_credentials *refused,
                               struct pail_credentials *ret_frozen, struct pail_error *ret_error)
{
        int r = compare_refused(refresher, refused);

        if (r == -EAGAIN)
                pail_error_set(ret_error, PAIL_ERROR_TIMEOUT, "the source of the credentials has not answered yet");
        return r == 0 ? pail_refresher_peek(refresher, ret_frozen, ret_error) : r;
}
