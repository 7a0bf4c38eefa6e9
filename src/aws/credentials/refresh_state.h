/* SPDX-License-Identifier: Apache-2.0 */
/* What a refresher knows of its credentials and of the last loads: how old they are, and when their source is to be asked. */
#ifndef PAIL_SRC_AWS_CREDENTIALS_REFRESH_STATE_H
#define PAIL_SRC_AWS_CREDENTIALS_REFRESH_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "pail/aws/credentials.h"
#include "pail/util/error.h"
#include "pail/util/mutex.h"

/* All else is guarded by the mutex. */
struct pail_refresh_state {
        struct pail_mutex mutex;
        struct pail_cond loaded;           /* a load or a look has ended */
        struct pail_credentials current;   /* access_key_id NULL: nothing yet */
        int64_t advisory_at, mandatory_at; /* Unix seconds */
        bool is_refused;                   /* S3 said that current has expired */
        bool is_loading;                   /* a load or a look for changes is announced or under way */
        bool has_looked;
        unsigned failed_looks; /* in a row */
        int64_t looked_ms;     /* monotonic: end of the last look for changes, if there was one */
        int64_t ended_ms;      /* monotonic: of the last load */
        unsigned failures;     /* loads that failed, in a row */
        int failure;           /* -errno of the last that failed */
        struct pail_error error;
        bool is_final; /* waiting will not help */
};

enum pail_credentials_age {
        PAIL_CREDENTIALS_NONE,
        PAIL_CREDENTIALS_FRESH,
        PAIL_CREDENTIALS_AGEING,
        PAIL_CREDENTIALS_STALE,
};

void pail_refresh_state_init(struct pail_refresh_state *state);
void pail_refresh_state_done(struct pail_refresh_state *state);

enum pail_credentials_age pail_refresh_state_age_locked(const struct pail_refresh_state *state);
/* When the next load is due at that age. Monotonic; 0: at once. */
int64_t pail_refresh_state_due_ms_locked(const struct pail_refresh_state *state, enum pail_credentials_age age);
/* Whether the last load succeeded, and so short a while ago that the source has nothing newer. */
bool pail_refresh_state_is_newest_locked(const struct pail_refresh_state *state);

/* A load succeeded: loaded is taken over, and is empty then. */
void pail_refresh_state_adopt_locked(struct pail_refresh_state *state, struct pail_credentials *loaded);
/* A load failed with r < 0. */
void pail_refresh_state_fail_locked(struct pail_refresh_state *state, int r, const struct pail_error *error);

#endif
