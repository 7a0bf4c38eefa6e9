/* SPDX-License-Identifier: Apache-2.0 */
/* Asking the source of a refresher's credentials, in the background. */
#ifndef PAIL_SRC_AWS_CREDENTIALS_REFRESH_LOADER_H
#define PAIL_SRC_AWS_CREDENTIALS_REFRESH_LOADER_H

#include "pail/aws/provider_chain.h"
#include "pail/aws/session_options.h"
#include "pail/util/workpool.h"
#include "refresh_state.h"

struct pail_refresh_loader {
        struct pail_provider_chain *chain; /* touched only by the job that is_loading announces */
        bool is_chain_unproven;            /* made anew, and nothing came from it yet; touched as the chain is */
        int64_t retry_at_ms; /* when a look may ask one that gave nothing again; monotonic; touched as the chain is */
        int64_t retry_pause_ms;
        struct pail_workpool *pool;
        pail_session_refreshed *refreshed; /* may be NULL */
        void *refreshed_context;
        struct pail_refresh_state state;
};

/* Takes ownership of chain, also on failure. -ENOMEM. */
int pail_refresh_loader_init(struct pail_refresh_loader *loader, struct pail_provider_chain *chain,
                             pail_session_refreshed *refreshed, void *context);
/* Waits for a job under way. */
void pail_refresh_loader_done(struct pail_refresh_loader *loader);

/* Starts the job that is_loading has announced, outside of the lock. */
void pail_refresh_loader_launch_load(struct pail_refresh_loader *loader);
/* The same, but the source is asked only if what the chain was made from has changed, and a failure does not count as a failed load. */
void pail_refresh_loader_launch_look(struct pail_refresh_loader *loader);

#endif
