/* SPDX-License-Identifier: Apache-2.0 */
/* The settings of the instance metadata service. Stateless. */
#ifndef PAIL_SRC_AWS_CREDENTIALS_PROVIDERS_METADATA_OPTIONS_H
#define PAIL_SRC_AWS_CREDENTIALS_PROVIDERS_METADATA_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "context.h"

/* Where and how the service is asked. */
struct pail_metadata_options {
        char *base_url; /* without a slash at its end */
        int64_t timeout_ms;
        unsigned attempts;
        bool no_version_1;
};
void pail_metadata_options_done(struct pail_metadata_options *options);
/* From the environment and the session's profile. -ENOENT: switched off. -EINVAL with class CONFIG: a bad value. */
int pail_metadata_options_read(const struct pail_provider_context *context, struct pail_metadata_options *ret_options,
                               struct pail_error *ret_error);

#endif
