/* SPDX-License-Identifier: Apache-2.0 */
/* The local directories of a mount. Private to the layer. */
#ifndef PAIL_DAEMON_STATE_H
#define PAIL_DAEMON_STATE_H

#include "cli/options.h"

/* What a state belongs to: unsent bytes are only ever sent by the identity that wrote them. */
struct pail_state_key {
        const char *endpoint; /* URL; "aws" for AWS's own */
        const char *bucket, *prefix;
        const char *access_key_id; /* "" when anonymous */
};

struct pail_state {
        char *cache_dir; /* of all mounts */
        char *directory; /* of this one, locked */
        int lock_fd;     /* holds the lock as long as it is open */
};

/* A readable name and a hash (owned): "bucket_prefix-0123456789abcdef". */
int pail_state_name(const struct pail_state_key *key, char **ret_name);

/* Makes and checks the directories of all mounts (0700). *ret_state_dir: owned; ret_cache_dir as well. CONFIG in words. */
int pail_state_find_directories(const struct pail_options *options, const char *mountpoint, char **ret_cache_dir,
                                char **ret_state_dir, struct pail_error *ret_error);

/* Makes and checks the directories (0700), and takes the first slot that no live mount holds. mountpoint: resolved; NULL: nothing is to be mounted. CONFIG and SYSTEM in words. */
int pail_state_open(const struct pail_options *options, const struct pail_state_key *key, const char *mountpoint,
                    struct pail_state *ret_state, struct pail_error *ret_error);
/* Closes one in which nothing was done: the directory goes as well, if it holds nothing. */
void pail_state_discard(struct pail_state *state);
void pail_state_close(struct pail_state *state);

#endif
