/* SPDX-License-Identifier: Apache-2.0 */
#include "providers.h"

static const struct pail_provider config_provider = {
        .name = "config-file",
        .load = pail_provider_file_load,
        .free_state = pail_provider_file_free,
};

int pail_provider_config_add(struct pail_provider_chain *chain, const struct pail_profiles *profiles,
                             const char *profile, const char *file)
{
        return pail_provider_file_add(chain, &config_provider, profiles, profile, file, pail_profiles_get_config);
}
