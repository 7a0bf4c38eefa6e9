/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asking the source of a refresher, on the thread of its pool.
 *
 * A load asks the chain, made anew before if what it was made from has changed. A look asks it only in that case: it is for
 * credentials that S3 does not accept although nothing says that they are old, where the one thing that helps is that somebody has written
 * others. It leaves everything as it was unless it finds some.
 */
#include <errno.h>

#include "aws/refresh_private.h"
#include "aws/retry_classify.h"
#include "pail/util/cleanup.h"
#include "pail/util/clock.h"
#include "pail/util/str.h"

enum {
        ADVISORY_S = 15 * 60,
        ADVISORY_SHARE = 4, /* a quarter of the lifetime at most */
        MANDATORY_S = 10 * 60,
        MANDATORY_SHARE = 6,
};

static void set_windows_locked(struct pail_refresher *refresher)
{
        int64_t expires_at = refresher->guarded.current.expires_at;
        int64_t lifetime = expires_at - pail_clock_now().tv_sec;

        pail_mutex_assert_held(&refresher->guarded.mutex);
        refresher->guarded.advisory_at = refresher->guarded.mandatory_at = INT64_MAX;
        if (expires_at == 0)
                return;
        refresher->guarded.advisory_at = expires_at - pail_refresher_smaller(ADVISORY_S, lifetime / ADVISORY_SHARE);
        refresher->guarded.mandatory_at = expires_at - pail_refresher_smaller(MANDATORY_S, lifetime / MANDATORY_SHARE);
}

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
        refresher->guarded.is_final = pail_refresher_age_locked(refresher) == PAIL_CREDENTIALS_NONE ||
                                      !is_transient(result, error);
        refresher->guarded.error = *error;
}

static void tell(struct pail_refresher *refresher, int64_t expires_at, unsigned failures,
                 const struct pail_error *error)
{
        if (refresher->refreshed)
                refresher->refreshed(refresher->refreshed_context, expires_at, failures, error);
}

/* loaded and error are the result's: one of them counts. */
static void end_load(struct pail_refresher *refresher, int result, struct pail_credentials *loaded,
                     const struct pail_error *error)
{
        pail_mutex_lock(&refresher->guarded.mutex);
        bool is_first = pail_refresher_age_locked(refresher) == PAIL_CREDENTIALS_NONE;
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
        if (!is_first)
                tell(refresher, expires_at, failures, result < 0 ? error : NULL);
}

/* result 1: loaded are others. */
static void end_look(struct pail_refresher *refresher, int result, bool is_mute, struct pail_credentials *loaded,
                     const struct pail_error *error)
{
        pail_mutex_lock(&refresher->guarded.mutex);
        if (result > 0)
                adopt_locked(refresher, loaded);
        refresher->guarded.is_loading = false;
        refresher->guarded.has_looked = true;
        refresher->guarded.failed_looks = result < 0 ? refresher->guarded.failed_looks + 1 : 0;
        refresher->guarded.mute_looks = is_mute ? refresher->guarded.mute_looks + 1 : 0;
        unsigned failed_looks = refresher->guarded.failed_looks;
        refresher->guarded.looked_ms = pail_clock_monotonic_ms();
        int64_t expires_at = refresher->guarded.current.expires_at;
        pail_cond_broadcast(&refresher->guarded.loaded);
        pail_mutex_unlock(&refresher->guarded.mutex);
        if (result != 0)
                tell(refresher, expires_at, failed_looks, result < 0 ? error : NULL);
}

static int check_expiry(const struct pail_credentials *loaded, struct pail_error *ret_error)
{
        if (loaded->expires_at == 0 || loaded->expires_at > pail_clock_now().tv_sec)
                return 0;
        pail_error_set(ret_error, PAIL_ERROR_CREDENTIALS, "the credentials from %s have expired", loaded->provider);
        return -EKEYEXPIRED;
}

/* A file that is half written may hide the keys that were found in it, and the next source in the chain is somebody else. */
static int check_provider(struct pail_refresher *refresher, const struct pail_credentials *loaded,
                          struct pail_error *ret_error)
{
        pail_mutex_lock(&refresher->guarded.mutex);
        const char *before = refresher->guarded.current.provider;
        pail_mutex_unlock(&refresher->guarded.mutex);
        if (!before || pail_str_equal(before, loaded->provider))
                return 0;
        pail_error_set(ret_error, PAIL_ERROR_CREDENTIALS,
                       "the credentials were from %s, and would now be from %s: mount anew to use those", before,
                       loaded->provider ? loaded->provider : "another source");
        return -EACCES;
}

static int load_chain(struct pail_refresher *refresher, struct pail_credentials *ret_loaded,
                      struct pail_error *ret_error)
{
        int r = pail_provider_chain_load(refresher->chain, ret_loaded, ret_error);

        if (r == 0)
                r = check_expiry(ret_loaded, ret_error);
        if (r == 0)
                r = check_provider(refresher, ret_loaded, ret_error);
        if (r == 0)
                refresher->is_chain_unproven = false;
        if (r < 0 && ret_error->class == PAIL_ERROR_NONE)
                pail_error_set_errno(ret_error, -r, "credentials");
        return r;
}

static int renew_chain(struct pail_refresher *refresher, struct pail_error *ret_error)
{
        int r = pail_provider_chain_renew(refresher->chain, ret_error);

        if (r > 0)
                refresher->is_chain_unproven = true;
        return r;
}

static bool is_current(struct pail_refresher *refresher, const struct pail_credentials *credentials)
{
        PAIL_LOCK(&refresher->guarded.mutex);
        return pail_credentials_equal(&refresher->guarded.current, credentials);
}

static int64_t current_expiry(struct pail_refresher *refresher)
{
        PAIL_LOCK(&refresher->guarded.mutex);
        return refresher->guarded.current.expires_at;
}

static void load(void *argument)
{
        struct pail_refresher *refresher = argument;
        _cleanup_(pail_credentials_done) struct pail_credentials loaded = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        int r = renew_chain(refresher, &error);

        /* The chain is as it was, and may well be good: the files are worth a line in the log. */
        if (r < 0)
                tell(refresher, current_expiry(refresher), 1, &error);
        error = PAIL_ERROR_INIT;
        r = load_chain(refresher, &loaded, &error);
        end_load(refresher, r, &loaded, &error);
}

static void look(void *argument)
{
        struct pail_refresher *refresher = argument;
        _cleanup_(pail_credentials_done) struct pail_credentials loaded = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        int r = renew_chain(refresher, &error);
        bool is_mute = false;

        /* One that was made anew and gave nothing yet is asked again at each look: its files will not change once more for it. */
        if (r >= 0 && refresher->is_chain_unproven) {
                r = load_chain(refresher, &loaded, &error);
                is_mute = r < 0;
                if (r == 0)
                        r = !is_current(refresher, &loaded);
        }
        end_look(refresher, r, is_mute, &loaded, &error);
}

void pail_refresher_launch_load(struct pail_refresher *refresher)
{
        struct pail_credentials nothing = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        int r = pail_workpool_submit(refresher->pool, load, refresher);

        if (r == 0)
                return;
        pail_error_set_errno(&error, -r, "cannot start the thread that asks for credentials");
        end_load(refresher, r, &nothing, &error);
}

void pail_refresher_launch_look(struct pail_refresher *refresher)
{
        struct pail_credentials nothing = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        int r = pail_workpool_submit(refresher->pool, look, refresher);

        if (r == 0)
                return;
        pail_error_set_errno(&error, -r, "cannot start the thread that looks for credentials");
        end_look(refresher, r, false, &nothing, &error);
}
