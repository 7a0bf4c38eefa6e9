/* SPDX-License-Identifier: Apache-2.0 */
/* The local directories of a mount, as its options name them: errors are in words. */
#ifndef PAIL_DAEMON_STATE_H
#define PAIL_DAEMON_STATE_H

#include "pail/daemon/options.h"
#include "pail/store/state_directory.h"
#include "pail/util/error.h"

struct pail_state {
        char *cache_dir;                       /* of all mounts */
        struct pail_state_directory directory; /* of this one, locked */
};
#define PAIL_STATE_INIT                                                                                                \
        {                                                                                                              \
                .directory = PAIL_STATE_DIRECTORY_INIT                                                                 \
        }

/* Makes and checks the directories of all mounts. *ret_state_dir: owned; ret_cache_dir as well. CONFIG in words. */
int pail_state_find_directories(const struct pail_options *options, const char *mountpoint, char **ret_cache_dir,
                                char **ret_state_dir, struct pail_error *ret_error);

/* The same, and locks the one of this mount. mountpoint: resolved; NULL: nothing is to be mounted. CONFIG and SYSTEM in words. */
int pail_state_open(const struct pail_options *options, const struct pail_state_directory_key *key,
                    const char *mountpoint, struct pail_state *ret_state, struct pail_error *ret_error);
/* Closes one in which nothing was done: the directory goes as well, if it holds nothing. */
void pail_state_discard(struct pail_state *state);
void pail_state_close(struct pail_state *state);

#endif
