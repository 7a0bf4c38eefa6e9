/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A renewal makes a whole chain from the files as they are now, and only when that has succeeded the old one goes. A file that is being
 * written at this moment is no reason to lose what was good: when it cannot be parsed, or the profile is not in it, all stays as it
 * was, and so do the stamps, so that the next look reads it again.
 *
 * Providers of the old chain hold pointers into the old profiles, so these are released last.
 */
#include "reload.h"

#include <errno.h>

#include "pail/util/cleanup.h"

struct reload {
        struct pail_reload_recipe recipe;
        struct pail_provider_context context; /* the session's, but for the profiles */
        struct pail_profiles *profiles;       /* NULL: still the session's */
};

void pail_reload_stamp_read(const char *path, struct pail_reload_stamp *ret_stamp)
{
        struct stat status;

        *ret_stamp = (struct pail_reload_stamp){ 0 };
        if (!path || stat(path, &status) < 0)
                return;
        ret_stamp->device = status.st_dev;
        ret_stamp->inode = status.st_ino;
        ret_stamp->size = status.st_size;
        ret_stamp->modified = status.st_mtim;
        ret_stamp->changed = status.st_ctim;
}

static bool is_same_time(const struct timespec *a, const struct timespec *b)
{
        return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static bool is_same_stamp(const struct pail_reload_stamp *a, const struct pail_reload_stamp *b)
{
        return a->device == b->device && a->inode == b->inode && a->size == b->size &&
               is_same_time(&a->modified, &b->modified) && is_same_time(&a->changed, &b->changed);
}

static int load_profiles(const struct reload *reload, struct pail_profiles **ret_profiles, struct pail_error *ret_error)
{
        const struct pail_reload_recipe *recipe = &reload->recipe;
        const struct pail_settings *settings = recipe->context->settings;
        const struct pail_profiles *old = reload->profiles ? reload->profiles : recipe->context->profiles;
        _cleanup_(pail_profiles_free_p) struct pail_profiles *fresh = NULL;
        int r = pail_profiles_load(settings->config_file, recipe->config_required, settings->credentials_file,
                                   recipe->credentials_required, &fresh, ret_error);

        if (r < 0)
                return r;
        if (pail_profiles_has(old, settings->profile) && !pail_profiles_has(fresh, settings->profile)) {
                pail_error_set(ret_error, PAIL_ERROR_CONFIG,
                               "profile \"%s\" is gone: it is neither in %s%s nor in %s%s any more", settings->profile,
                               PAIL_SETTINGS_FILE(settings->config_file),
                               PAIL_SETTINGS_FILE(settings->credentials_file));
                return -EINVAL;
        }
        *ret_profiles = pail_steal(&fresh);
        return 0;
}

static int fill_chain(const struct reload *reload, const struct pail_provider_context *context,
                      struct pail_provider_chain *chain)
{
        return pail_chain_fill(chain, context, context->settings->profile, reload->recipe.with_environment,
                               reload->recipe.order);
}

static int make_chain(struct reload *reload, struct pail_profiles *fresh, struct pail_provider_chain *chain,
                      struct pail_error *ret_error)
{
        _cleanup_(pail_provider_chain_free_p) struct pail_provider_chain *made = NULL;
        const struct pail_profiles *before = reload->context.profiles;
        int r = pail_provider_chain_new(&made);

        reload->context.profiles = fresh;
        if (r == 0)
                r = fill_chain(reload, &reload->context, made);
        if (r < 0) {
                reload->context.profiles = before;
                return pail_error_set_errno(ret_error, -r, "credentials");
        }
        pail_provider_chain_replace(chain, made);
        return 0;
}

static int renew_chain(void *state, struct pail_provider_chain *chain, struct pail_error *ret_error)
{
        struct reload *reload = state;
        const struct pail_settings *settings = reload->recipe.context->settings;
        _cleanup_(pail_profiles_free_p) struct pail_profiles *fresh = NULL;
        struct pail_reload_stamp config, credentials;
        int r;

        pail_reload_stamp_read(settings->config_file, &config);
        pail_reload_stamp_read(settings->credentials_file, &credentials);
        if (is_same_stamp(&config, &reload->recipe.config) && is_same_stamp(&credentials, &reload->recipe.credentials))
                return 0;
        r = load_profiles(reload, &fresh, ret_error);
        if (r == 0)
                r = make_chain(reload, fresh, chain, ret_error);
        if (r < 0)
                return r;
        pail_profiles_free(reload->profiles);
        reload->profiles = pail_steal(&fresh);
        reload->recipe.config = config;
        reload->recipe.credentials = credentials;
        return 1;
}

static void reload_free(void *state)
{
        struct reload *reload = state;

        pail_profiles_free(reload->profiles);
        free(reload);
}

int pail_reload_fill(struct pail_provider_chain *chain, const struct pail_reload_recipe *recipe)
{
        static const struct pail_provider_renewal renewal = { .renew = renew_chain, .free_state = reload_free };
        struct reload *reload = calloc(1, sizeof(*reload));

        if (!reload)
                return -ENOMEM;
        reload->recipe = *recipe;
        reload->context = *recipe->context;
        pail_provider_chain_set_renewal(chain, &renewal, reload);
        return fill_chain(reload, recipe->context, chain);
}
