/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of a refresher: what hands credentials out (refresh.c) and what asks for them (refresh_load.c) share. */
#ifndef PAIL_SRC_AWS_REFRESH_PRIVATE_H
#define PAIL_SRC_AWS_REFRESH_PRIVATE_H

#include "pail/aws/refresh.h"
#include "pail/util/mutex.h"
#include "pail/util/workpool.h"

struct pail_refresher {
        struct pail_provider_chain *chain; /* touched only by the job that is_loading announces */
        struct pail_workpool *pool;
        pail_session_refreshed *refreshed;
        void *refreshed_context;
        bool is_renewable;      /* the chain is */
        bool is_chain_unproven; /* made anew, and nothing came from it yet; touched as the chain is */
        struct {
                struct pail_mutex mutex;
                struct pail_cond loaded;
                struct pail_credentials current;   /* access_key_id NULL: nothing yet */
                int64_t advisory_at, mandatory_at; /* Unix seconds */
                bool is_refused;                   /* S3 said that current has expired */
                bool is_loading;                   /* a load or a look for changes is announced or under way */
                bool has_looked;
                unsigned failed_looks; /* in a row */
                unsigned mute_looks;   /* of these the last ones, in which a chain that was made anew gave nothing */
                int64_t looked_ms;     /* monotonic: end of the last look for changes, if there was one */
                int64_t ended_ms;      /* monotonic: of the last load */
                unsigned failures;     /* loads that failed, in a row */
                int result;            /* of the last that failed */
                struct pail_error error;
                bool is_final; /* waiting will not help */
        } guarded;
};

enum pail_credentials_age {
        PAIL_CREDENTIALS_NONE,
        PAIL_CREDENTIALS_FRESH,
        PAIL_CREDENTIALS_AGEING,
        PAIL_CREDENTIALS_STALE,
};
enum pail_credentials_age pail_refresher_age_locked(const struct pail_refresher *refresher);

/* Starts the job that is_loading has announced, outside of the lock. */
void pail_refresher_launch_load(struct pail_refresher *refresher);
/* The same, but the source is asked only if what the chain was made from has changed; a failure is none of those that are counted. */
void pail_refresher_launch_look(struct pail_refresher *refresher);

static inline int64_t pail_refresher_smaller(int64_t a, int64_t b)
{
        return a < b ? a : b;
}

#endif
