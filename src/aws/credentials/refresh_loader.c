/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The source is asked by a job on a pool of one thread, which starts on demand and ends when idle: a provider may take half a minute, and
 * neither a caller that may be interrupted nor an engine's thread can spend that. is_loading is set under the lock by the caller that finds a
 * load due (refresh.c), and cleared by the job at its end: so there is never a second one, and the chain needs no lock of its own.
 *
 * A load asks the chain, made anew before if what it was made from has changed. A look asks it only in that case: it is for
 * credentials that S3 does not accept although nothing says that they are old, where the one thing that helps is that somebody has written
 * others. It leaves everything as it was unless it finds some.
 */
#include "refresh_loader.h"

#include <errno.h>

#include "pail/util/clock.h"
#include "pail/util/math.h"
#include "pail/util/str.h"

enum { RETRY_PAUSE_MIN_MS = 1000, RETRY_PAUSE_MAX_MS = 64 * 1000 };

int pail_refresh_loader_init(struct pail_refresh_loader *loader, struct pail_provider_chain *chain,
                             pail_session_refreshed *refreshed, void *context)
{
        int r = pail_workpool_new("credentials", 1, &loader->pool);

        if (r < 0) {
                pail_provider_chain_free(chain);
                return r;
        }
        loader->chain = chain;
        loader->refreshed = refreshed;
        loader->refreshed_context = context;
        pail_refresh_state_init(&loader->state);
        return 0;
}

void pail_refresh_loader_done(struct pail_refresh_loader *loader)
{
        pail_workpool_free(loader->pool);
        pail_provider_chain_free(loader->chain);
        pail_refresh_state_done(&loader->state);
}

static void tell_of_refresh(struct pail_refresh_loader *loader, int64_t expires_at, unsigned failures,
                            const struct pail_error *error)
{
        if (loader->refreshed)
                loader->refreshed(loader->refreshed_context, expires_at, failures, error);
}

/* r says whether loaded or error counts. */
static void end_load(struct pail_refresh_loader *loader, int r, struct pail_credentials *loaded,
                     const struct pail_error *error)
{
        pail_mutex_lock(&loader->state.mutex);
        bool is_first = pail_refresh_state_age_locked(&loader->state) == PAIL_CREDENTIALS_NONE;
        if (r == 0)
                pail_refresh_state_adopt_locked(&loader->state, loaded);
        else
                pail_refresh_state_fail_locked(&loader->state, r, error);
        loader->state.is_loading = false;
        loader->state.ended_ms = pail_clock_monotonic_ms();
        unsigned failures = loader->state.failures;
        int64_t expires_at = loader->state.current.expires_at;
        pail_cond_broadcast(&loader->state.loaded);
        pail_mutex_unlock(&loader->state.mutex);
        if (!is_first)
                tell_of_refresh(loader, expires_at, failures, r < 0 ? error : NULL);
}

/* r 1: loaded are others. */
static void end_look(struct pail_refresh_loader *loader, int r, struct pail_credentials *loaded,
                     const struct pail_error *error)
{
        pail_mutex_lock(&loader->state.mutex);
        if (r > 0)
                pail_refresh_state_adopt_locked(&loader->state, loaded);
        loader->state.is_loading = false;
        loader->state.has_looked = true;
        loader->state.failed_looks = r < 0 ? loader->state.failed_looks + 1 : 0;
        unsigned failed_looks = loader->state.failed_looks;
        loader->state.looked_ms = pail_clock_monotonic_ms();
        int64_t expires_at = loader->state.current.expires_at;
        pail_cond_broadcast(&loader->state.loaded);
        pail_mutex_unlock(&loader->state.mutex);
        if (r != 0)
                tell_of_refresh(loader, expires_at, failed_looks, r < 0 ? error : NULL);
}

static int check_expiry(const struct pail_credentials *loaded, struct pail_error *ret_error)
{
        if (loaded->expires_at == 0 || loaded->expires_at > pail_clock_now().tv_sec)
                return 0;
        pail_error_set(ret_error, PAIL_ERROR_CREDENTIALS, "the credentials from %s have expired", loaded->provider);
        return -EKEYEXPIRED;
}

/* Static; NULL: there are no credentials yet. */
static const char *current_provider(struct pail_refresh_loader *loader)
{
        PAIL_LOCK(&loader->state.mutex);
        return loader->state.current.provider;
}

/* A file that is half written may hide the keys that were found in it, and the next source in the chain is somebody else. */
static int check_provider(struct pail_refresh_loader *loader, const struct pail_credentials *loaded,
                          struct pail_error *ret_error)
{
        const char *before = current_provider(loader);

        if (!before || pail_str_equal(before, loaded->provider))
                return 0;
        pail_error_set(ret_error, PAIL_ERROR_CREDENTIALS,
                       "the credentials were from %s, and would now be from %s: mount anew to use those", before,
                       loaded->provider ? loaded->provider : "another source");
        return -EACCES;
}

static int load_chain(struct pail_refresh_loader *loader, struct pail_credentials *ret_loaded,
                      struct pail_error *ret_error)
{
        int r = pail_provider_chain_load(loader->chain, ret_loaded, ret_error);

        if (r == 0)
                r = check_expiry(ret_loaded, ret_error);
        if (r == 0)
                r = check_provider(loader, ret_loaded, ret_error);
        if (r == 0)
                loader->is_chain_unproven = false;
        if (r < 0 && ret_error->class == PAIL_ERROR_NONE)
                pail_error_set_errno(ret_error, -r, "credentials");
        return r;
}

static int renew_chain(struct pail_refresh_loader *loader, struct pail_error *ret_error)
{
        int r = pail_provider_chain_renew(loader->chain, ret_error);

        if (r > 0) {
                loader->is_chain_unproven = true;
                loader->retry_pause_ms = RETRY_PAUSE_MIN_MS;
        }
        return r;
}

/* A chain that was made anew and gave nothing yet is asked again by later looks: its files will not change once more for it. */
static bool is_retry_due(const struct pail_refresh_loader *loader)
{
        return loader->is_chain_unproven && pail_clock_monotonic_ms() >= loader->retry_at_ms;
}

/* Less and less often: asking may mean to run a program. */
static void note_retry(struct pail_refresh_loader *loader, int r)
{
        loader->retry_pause_ms = r < 0 ? pail_min(loader->retry_pause_ms * 2, (int64_t)RETRY_PAUSE_MAX_MS)
                                       : RETRY_PAUSE_MIN_MS;
        loader->retry_at_ms = pail_clock_monotonic_ms() + loader->retry_pause_ms;
}

static bool is_current(struct pail_refresh_loader *loader, const struct pail_credentials *credentials)
{
        PAIL_LOCK(&loader->state.mutex);
        return pail_credentials_equal(&loader->state.current, credentials);
}

static int64_t current_expiry(struct pail_refresh_loader *loader)
{
        PAIL_LOCK(&loader->state.mutex);
        return loader->state.current.expires_at;
}

static void run_load(void *argument)
{
        struct pail_refresh_loader *loader = argument;
        _cleanup_(pail_credentials_done) struct pail_credentials loaded = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        int r = renew_chain(loader, &error);

        /* The chain is as it was, and may well be good: the files are worth a line in the log. */
        if (r < 0)
                tell_of_refresh(loader, current_expiry(loader), 1, &error);
        error = PAIL_ERROR_INIT;
        r = load_chain(loader, &loaded, &error);
        end_load(loader, r, &loaded, &error);
}

static void run_look(void *argument)
{
        struct pail_refresh_loader *loader = argument;
        _cleanup_(pail_credentials_done) struct pail_credentials loaded = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        int r = renew_chain(loader, &error);

        if (r > 0 || (r == 0 && is_retry_due(loader))) {
                r = load_chain(loader, &loaded, &error);
                note_retry(loader, r);
                if (r == 0)
                        r = !is_current(loader, &loaded);
        }
        end_look(loader, r, &loaded, &error);
}

void pail_refresh_loader_launch_load(struct pail_refresh_loader *loader)
{
        struct pail_credentials nothing = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        int r = pail_workpool_submit(loader->pool, run_load, loader);

        if (r == 0)
                return;
        pail_error_set_errno(&error, -r, "cannot start the thread that asks for credentials");
        end_load(loader, r, &nothing, &error);
}

void pail_refresh_loader_launch_look(struct pail_refresh_loader *loader)
{
        struct pail_credentials nothing = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        int r = pail_workpool_submit(loader->pool, run_look, loader);

        if (r == 0)
                return;
        pail_error_set_errno(&error, -r, "cannot start the thread that looks for credentials");
        end_look(loader, r, &nothing, &error);
}
