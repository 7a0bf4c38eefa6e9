/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Credentials age in three steps, as in botocore:
 *
 *   fresh --15 min left--> advisory --10 min left--> mandatory --0 left--> expired
 *
 * fresh: copies are handed out. advisory: one thread renews while the others go on with the old ones, and a failure keeps the old
 * ones for a minute before the next try. mandatory: all wait for that thread, and its failure is everybody's. What a provider returns is
 * taken as long as it is not expired; a provider that has nothing younger is not asked more than once a minute.
 *
 * The provider runs outside of the lock (it may talk to a network); "loading" keeps a second thread from asking it as well.
 * Rejected: a timer thread that renews in the background. A mount that nobody uses would keep talking to token services.
 */
#include <errno.h>

#include "aws/refresh.h"
#include "pail/util/cleanup.h"
#include "pail/util/clock.h"
#include "pail/util/interrupt.h"
#include "pail/util/mutex.h"

enum {
        REFRESH_ADVISORY_S = 15 * 60,
        REFRESH_MANDATORY_S = 10 * 60,
        REFRESH_RETRY_S = 60,
};

struct pail_refresher {
        struct pail_provider_chain *chain; /* used only by the thread that set loading */
        struct {
                struct pail_mutex mutex;
                struct pail_cond loaded;
                struct pail_credentials cached; /* access_key_id NULL: nothing yet */
                int64_t retry_at;               /* not before, while cached is still good */
                bool loading;
        } guarded;
};

int pail_refresher_new(struct pail_provider_chain *chain, struct pail_refresher **ret_refresher)
{
        struct pail_refresher *refresher = calloc(1, sizeof(*refresher));

        if (!refresher) {
                pail_provider_chain_free(chain);
                return -ENOMEM;
        }
        refresher->chain = chain;
        pail_mutex_init(&refresher->guarded.mutex);
        pail_cond_init(&refresher->guarded.loaded);
        *ret_refresher = refresher;
        return 0;
}

void pail_refresher_free(struct pail_refresher *refresher)
{
        if (!refresher)
                return;
        pail_provider_chain_free(refresher->chain);
        pail_credentials_done(&refresher->guarded.cached);
        pail_cond_done(&refresher->guarded.loaded);
        pail_mutex_done(&refresher->guarded.mutex);
        free(refresher);
}

enum age { AGE_FRESH, AGE_ADVISORY, AGE_MANDATORY, AGE_EXPIRED };

static enum age age_of(const struct pail_credentials *credentials, int64_t now)
{
        int64_t left = credentials->expires_at - now;

        if (!credentials->access_key_id)
                return AGE_EXPIRED;
        if (credentials->expires_at == 0 || left > REFRESH_ADVISORY_S)
                return AGE_FRESH;
        if (left > REFRESH_MANDATORY_S)
                return AGE_ADVISORY;
        return left > 0 ? AGE_MANDATORY : AGE_EXPIRED;
}

/* true when the cached ones may be handed out without asking a provider first. */
static bool is_usable_locked(const struct pail_refresher *refresher, int64_t now)
{
        enum age age = age_of(&refresher->guarded.cached, now);

        pail_mutex_assert_held(&refresher->guarded.mutex);
        if (age == AGE_FRESH || (age == AGE_ADVISORY && refresher->guarded.loading))
                return true;
        return age != AGE_EXPIRED && now < refresher->guarded.retry_at;
}

static int check_expiry(const struct pail_credentials *loaded, int64_t now, struct pail_error *ret_error)
{
        if (age_of(loaded, now) != AGE_EXPIRED)
                return 0;
        pail_error_set(ret_error, PAIL_ERROR_CREDENTIALS, "the credentials from %s have expired", loaded->provider);
        return -EKEYEXPIRED;
}

/* Takes over what a provider returned, and decides about what it did not. */
static int store_locked(struct pail_refresher *refresher, int r, struct pail_credentials *loaded, int64_t now)
{
        pail_mutex_assert_held(&refresher->guarded.mutex);
        refresher->guarded.loading = false;
        pail_cond_broadcast(&refresher->guarded.loaded);
        if (r == 0) {
                pail_credentials_done(&refresher->guarded.cached);
                refresher->guarded.cached = *loaded;
                *loaded = (struct pail_credentials){ 0 };
        } else if (age_of(&refresher->guarded.cached, now) != AGE_ADVISORY) {
                return r;
        }
        refresher->guarded.retry_at = now + REFRESH_RETRY_S;
        return 0;
}

static int load(struct pail_refresher *refresher, struct pail_credentials *ret_frozen, struct pail_error *ret_error)
{
        _cleanup_(pail_credentials_done) struct pail_credentials loaded = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        int r = pail_provider_chain_load(refresher->chain, &loaded, &error);
        int64_t now = pail_clock_now().tv_sec;

        if (r == 0)
                r = check_expiry(&loaded, now, &error);

        PAIL_LOCK(&refresher->guarded.mutex);
        r = store_locked(refresher, r, &loaded, now);
        if (r == 0)
                r = pail_credentials_copy(&refresher->guarded.cached, ret_frozen);
        if (r < 0 && error.class == PAIL_ERROR_NONE)
                return pail_error_set_errno(ret_error, -r, "credentials");
        if (r < 0 && ret_error)
                *ret_error = error;
        return r;
}

/* 1: the caller is to load. 0: copied. */
static int get_cached(struct pail_refresher *refresher, struct pail_credentials *ret_frozen)
{
        PAIL_LOCK(&refresher->guarded.mutex);
        while (!is_usable_locked(refresher, pail_clock_now().tv_sec)) {
                if (!refresher->guarded.loading) {
                        refresher->guarded.loading = true;
                        return 1;
                }
                int r = pail_interrupt_wait(&refresher->guarded.loaded, &refresher->guarded.mutex, INT64_MAX);
                if (r < 0)
                        return r;
        }
        return pail_credentials_copy(&refresher->guarded.cached, ret_frozen);
}

int pail_refresher_get(struct pail_refresher *refresher, struct pail_credentials *ret_frozen,
                       struct pail_error *ret_error)
{
        int r = get_cached(refresher, ret_frozen);

        if (r == 1)
                return load(refresher, ret_frozen, ret_error);
        if (r == -EINTR)
                pail_error_set(ret_error, PAIL_ERROR_CANCELLED, "interrupted while waiting for credentials");
        else if (r < 0)
                pail_error_set_errno(ret_error, -r, "credentials");
        return r;
}

int pail_refresher_peek(struct pail_refresher *refresher, struct pail_credentials *ret_frozen)
{
        PAIL_LOCK(&refresher->guarded.mutex);
        if (!is_usable_locked(refresher, pail_clock_now().tv_sec))
                return -EAGAIN;
        return pail_credentials_copy(&refresher->guarded.cached, ret_frozen);
}
