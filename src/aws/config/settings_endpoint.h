/* SPDX-License-Identifier: Apache-2.0 */
/* The settings that choose endpoints. */
#ifndef PAIL_SRC_AWS_CONFIG_SETTINGS_ENDPOINT_H
#define PAIL_SRC_AWS_CONFIG_SETTINGS_ENDPOINT_H

#include "setting_source.h"

/* Profile and region are resolved already. -EINVAL, -ENOMEM. */
int pail_settings_endpoint_resolve(struct pail_settings *settings, const struct pail_setting_sources *sources);
/*
 * The URL that is configured for a service, by its name in a [services] section ("sts", "sso_oidc"): AWS_ENDPOINT_URL_<SERVICE>,
 * AWS_ENDPOINT_URL, the services section of the profile, its endpoint_url ("Service-specific endpoints", AWS SDKs and Tools
 * reference). Borrowed; NULL: AWS's own. -EINVAL with class CONFIG.
 */
int pail_settings_endpoint_service_url(const struct pail_settings *settings, const char *service, const char **ret_url,
                                       struct pail_error *ret_error);

#endif
