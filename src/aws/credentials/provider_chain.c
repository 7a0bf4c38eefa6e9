/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The providers in the order in which they were added. A chain can be made anew while it is in use: whoever renews it makes another one and
 * puts its providers in place of the old ones, so that a failure half-way leaves the chain as it was.
 */
#include "pail/aws/provider_chain.h"

#include <errno.h>
#include <string.h>

#include "pail/util/buf.h"
#include "pail/util/cleanup.h"

enum { CHAIN_MAX_PROVIDERS = 16 };

struct chain_entry {
        const struct pail_provider *provider;
        void *state;
};

struct pail_provider_chain {
        struct chain_entry entries[CHAIN_MAX_PROVIDERS];
        size_t count;
        const struct pail_provider_renewal *renewal; /* NULL: none */
        void *renewal_state;
};

int pail_provider_chain_new(struct pail_provider_chain **ret_chain)
{
        struct pail_provider_chain *chain = calloc(1, sizeof(*chain));

        if (!chain)
                return -ENOMEM;
        *ret_chain = chain;
        return 0;
}

static void free_provider_state(const struct pail_provider *provider, void *state)
{
        if (provider->free_state)
                provider->free_state(state);
}

static void free_entries(struct pail_provider_chain *chain)
{
        for (size_t i = 0; i < chain->count; i++)
                free_provider_state(chain->entries[i].provider, chain->entries[i].state);
        chain->count = 0;
}

void pail_provider_chain_free(struct pail_provider_chain *chain)
{
        if (!chain)
                return;
        free_entries(chain);
        if (chain->renewal && chain->renewal->free_state)
                chain->renewal->free_state(chain->renewal_state);
        free(chain);
}

void pail_provider_chain_replace(struct pail_provider_chain *chain, struct pail_provider_chain *fresh)
{
        free_entries(chain);
        memcpy(chain->entries, fresh->entries, sizeof(chain->entries));
        chain->count = fresh->count;
        fresh->count = 0;
}

void pail_provider_chain_set_renewal(struct pail_provider_chain *chain, const struct pail_provider_renewal *renewal,
                                     void *state)
{
        chain->renewal = renewal;
        chain->renewal_state = state;
}

bool pail_provider_chain_is_renewable(const struct pail_provider_chain *chain)
{
        return chain->renewal;
}

int pail_provider_chain_renew(struct pail_provider_chain *chain, struct pail_error *ret_error)
{
        return chain->renewal ? chain->renewal->renew(chain->renewal_state, chain, ret_error) : 0;
}

int pail_provider_chain_add(struct pail_provider_chain *chain, const struct pail_provider *provider, void *state)
{
        if (chain->count == CHAIN_MAX_PROVIDERS) {
                free_provider_state(provider, state);
                return -E2BIG;
        }
        chain->entries[chain->count++] = (struct chain_entry){ .provider = provider, .state = state };
        return 0;
}

static int say_where_searched(const struct pail_provider_chain *chain, struct pail_error *ret_error)
{
        _cleanup_buf_ struct pail_buf names = PAIL_BUF_INIT(1024);

        for (size_t i = 0; i < chain->count; i++)
                if (chain->entries[i].provider->name)
                        pail_buf_printf(&names, "%s%s", names.length > 0 ? ", " : "", chain->entries[i].provider->name);
        pail_error_set(ret_error, PAIL_ERROR_CREDENTIALS, "no credentials found (looked in: %s)", names.data);
        return -ENOENT;
}

int pail_provider_chain_load(struct pail_provider_chain *chain, struct pail_credentials *ret_credentials,
                             struct pail_error *ret_error)
{
        for (size_t i = 0; i < chain->count; i++) {
                const struct chain_entry *entry = &chain->entries[i];
                struct pail_error error = PAIL_ERROR_INIT;
                int r = entry->provider->load(entry->state, ret_credentials, &error);

                if (r == 0)
                        ret_credentials->provider = entry->provider->name;
                if (r == -ENOENT && error.class == PAIL_ERROR_NONE)
                        continue;
                if (r < 0 && ret_error)
                        *ret_error = error;
                /* A bucket or a file that is not there, which the error says, is not the same as nothing to look for. */
                return r == -ENOENT ? -EIO : r;
        }
        return say_where_searched(chain, ret_error);
}
