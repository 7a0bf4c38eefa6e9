/* SPDX-License-Identifier: Apache-2.0 */
#include "providers.h"

static const struct pail_provider shared_provider = {
        .name = "shared-credentials-file",
        .load = pail_provider_file_load,
        .free_state = pail_provider_file_free,
};

int pail_provider_shared_add(struct pail_provider_chain *chain, const struct pail_profiles *profiles,
                             const char *profile, const char *file)
{
        return pail_provider_file_add(chain, &shared_provider, profiles, profile, file, pail_profiles_get_credential);
}
