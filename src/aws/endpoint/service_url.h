/* SPDX-License-Identifier: Apache-2.0 */
/* Where AWS's services other than S3 are ("Regional endpoints" and "Dual-stack and FIPS endpoints", AWS SDKs and Tools reference). */
#ifndef PAIL_SRC_AWS_ENDPOINT_SERVICE_URL_H
#define PAIL_SRC_AWS_ENDPOINT_SERVICE_URL_H

#include <stdbool.h>

#include "aws/config/settings.h"

/*
 * The URL of a service, without a '/' at its end: what is configured under name ("sso_oidc"), or https://prefix.region.suffix, with
 * "-fips" and the suffix of dual-stack hosts where they are asked for. -EINVAL with class CONFIG.
 */
int pail_service_url(const struct pail_settings *settings, const char *name, const char *prefix, const char *region,
                     char **ret_url, struct pail_error *ret_error);
/* The URL that is configured for a service, checked, and without a '/' at its end. -EINVAL with class CONFIG. */
int pail_service_url_configured(const char *name, const char *url, char **ret_url, struct pail_error *ret_error);
/* Whether endpoints of FIPS or with IPv6 are asked for. */
bool pail_service_url_has_variant(const struct pail_settings *settings);

#endif
