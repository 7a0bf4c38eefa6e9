/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the local directories are and how they are locked is the state directory's business (store); here is what options say of them, and what is
 * said to a person when one cannot be used.
 */
#include "pail/daemon/state.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pail/util/cleanup.h"
#include "pail/util/path.h"

static int make_directory(const char *option, const char *path, const char *mountpoint, struct pail_error *ret_error)
{
        if (mountpoint && pail_path_is_inside(path, mountpoint)) {
                pail_error_set(ret_error, PAIL_ERROR_CONFIG,
                               "%s %s lies inside the mount point %s; name another with -o %s=", option, path,
                               mountpoint, option);
                return -EINVAL;
        }
        int r = pail_state_directory_make_base(path);
        if (r < 0)
                pail_error_set(ret_error, PAIL_ERROR_CONFIG,
                               "%s %s cannot be used: %s; name another with -o %s=", option, path, strerror(-r),
                               option);
        return r;
}

int pail_state_find_directories(const struct pail_options *options, const char *mountpoint, char **ret_cache_dir,
                                char **ret_state_dir, struct pail_error *ret_error)
{
        _cleanup_free_ char *cache = NULL, *base = NULL;
        int r = pail_state_directory_find_cache(options->cache_dir, &cache);
        if (r == 0)
                r = pail_state_directory_find_base(options->state_dir, &base);
        if (r < 0)
                return pail_error_set_errno(ret_error, -r,
                                            "cache_dir and state_dir: no home directory; name both with -o");
        assert(cache && base);
        r = make_directory("cache_dir", cache, mountpoint, ret_error);
        if (r == 0)
                r = make_directory("state_dir", base, mountpoint, ret_error);
        if (r < 0)
                return r;
        *ret_cache_dir = pail_steal(&cache);
        *ret_state_dir = pail_steal(&base);
        return 0;
}

static int lock_directory(const char *base, const char *name, const char *mountpoint,
                          struct pail_state_directory *directory, struct pail_error *ret_error)
{
        int r = pail_state_directory_lock(base, name, mountpoint ? mountpoint : "-", directory);
        if (r == -EWOULDBLOCK) {
                pail_error_set(ret_error, PAIL_ERROR_CONFIG, "state_dir %s: %d mounts of this source exist already",
                               base, PAIL_STATE_DIRECTORY_SLOTS);
                return -EBUSY;
        }
        if (r < 0)
                pail_error_set(ret_error, PAIL_ERROR_CONFIG,
                               "state_dir %s cannot be used: %s; name another with -o state_dir=",
                               directory->path ? directory->path : base, strerror(-r));
        return r;
}

int pail_state_open(const struct pail_options *options, const struct pail_state_directory_key *key,
                    const char *mountpoint, struct pail_state *ret_state, struct pail_error *ret_error)
{
        _cleanup_(pail_state_close) struct pail_state state = PAIL_STATE_INIT;
        _cleanup_free_ char *base = NULL, *name = NULL;
        int r = pail_state_find_directories(options, mountpoint, &state.cache_dir, &base, ret_error);
        if (r < 0)
                return r;
        r = pail_state_directory_name(key, &name);
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "state_dir");
        r = lock_directory(base, name, mountpoint, &state.directory, ret_error);
        if (r < 0)
                return r;
        *ret_state = state;
        state = (struct pail_state)PAIL_STATE_INIT;
        return 0;
}

void pail_state_discard(struct pail_state *state)
{
        pail_state_directory_discard(&state->directory);
        pail_state_close(state);
}

void pail_state_close(struct pail_state *state)
{
        free(state->cache_dir);
        pail_state_directory_done(&state->directory);
        *state = (struct pail_state)PAIL_STATE_INIT;
}
