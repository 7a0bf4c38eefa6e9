/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "pail/aws/credentials.h"
#include "pail/util/buf.h"
#include "pail/util/cleanup.h"
#include "pail/util/secret.h"
#include "pail/util/str.h"

enum { CHAIN_MAX_PROVIDERS = 16 };

struct link {
        const struct pail_provider *provider;
        void *state;
};

struct pail_provider_chain {
        struct link links[CHAIN_MAX_PROVIDERS];
        size_t count;
        const struct pail_provider_renewal *renewal; /* NULL: none */
        void *renewal_state;
};

void pail_credentials_done(struct pail_credentials *credentials)
{
        if (!credentials)
                return;
        pail_secret_free(credentials->access_key_id);
        pail_secret_free(credentials->secret_access_key);
        pail_secret_free(credentials->session_token);
        free(credentials->account_id);
        *credentials = (struct pail_credentials){ 0 };
}

int pail_credentials_copy(const struct pail_credentials *source, struct pail_credentials *ret_copy)
{
        struct pail_credentials copy = { .expires_at = source->expires_at, .provider = source->provider };
        int r = pail_str_dup(source->access_key_id, &copy.access_key_id);

        if (r == 0)
                r = pail_secret_dup(source->secret_access_key, &copy.secret_access_key);
        if (r == 0)
                r = pail_secret_dup(source->session_token, &copy.session_token);
        if (r == 0)
                r = pail_str_dup(source->account_id, &copy.account_id);
        if (r < 0) {
                pail_credentials_done(&copy);
                return r;
        }
        *ret_copy = copy;
        return 0;
}

bool pail_credentials_equal(const struct pail_credentials *a, const struct pail_credentials *b)
{
        return pail_str_equal(a->access_key_id, b->access_key_id) &&
               pail_str_equal(a->secret_access_key, b->secret_access_key) &&
               pail_str_equal(a->session_token, b->session_token);
}

int pail_provider_chain_new(struct pail_provider_chain **ret_chain)
{
        struct pail_provider_chain *chain = calloc(1, sizeof(*chain));

        if (!chain)
                return -ENOMEM;
        *ret_chain = chain;
        return 0;
}

static void free_state(const struct pail_provider *provider, void *state)
{
        if (provider->free_state)
                provider->free_state(state);
}

static void free_links(struct pail_provider_chain *chain)
{
        for (size_t i = 0; i < chain->count; i++)
                free_state(chain->links[i].provider, chain->links[i].state);
        chain->count = 0;
}

void pail_provider_chain_free(struct pail_provider_chain *chain)
{
        if (!chain)
                return;
        free_links(chain);
        if (chain->renewal && chain->renewal->free_state)
                chain->renewal->free_state(chain->renewal_state);
        free(chain);
}

void pail_provider_chain_replace(struct pail_provider_chain *chain, struct pail_provider_chain *fresh)
{
        free_links(chain);
        memcpy(chain->links, fresh->links, sizeof(chain->links));
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
                free_state(provider, state);
                return -E2BIG;
        }
        chain->links[chain->count++] = (struct link){ .provider = provider, .state = state };
        return 0;
}

static int none_found(const struct pail_provider_chain *chain, struct pail_error *ret_error)
{
        _cleanup_buf_ struct pail_buf names = PAIL_BUF_INIT(1024);

        for (size_t i = 0; i < chain->count; i++)
                if (chain->links[i].provider->name)
                        pail_buf_printf(&names, "%s%s", names.length > 0 ? ", " : "", chain->links[i].provider->name);
        pail_error_set(ret_error, PAIL_ERROR_CREDENTIALS, "no credentials found (looked in: %s)", names.data);
        return -ENOENT;
}

int pail_provider_chain_load(struct pail_provider_chain *chain, struct pail_credentials *ret_credentials,
                             struct pail_error *ret_error)
{
        for (size_t i = 0; i < chain->count; i++) {
                const struct link *link = &chain->links[i];
                struct pail_error error = PAIL_ERROR_INIT;
                int r = link->provider->load(link->state, ret_credentials, &error);

                if (r == 0)
                        ret_credentials->provider = link->provider->name;
                if (r == -ENOENT && error.class == PAIL_ERROR_NONE)
                        continue;
                if (r < 0 && ret_error)
                        *ret_error = error;
                /* A bucket or a file that is not there, which the error says, is not the same as nothing to look for. */
                return r == -ENOENT ? -EIO : r;
        }
        return none_found(chain, ret_error);
}
