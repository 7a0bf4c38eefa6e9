/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets are kept in memory of their own (pail/util/secret.h), by the libraries too that parse them: OpenSSL and libxml2 by the util layer, jansson here,
 * since util does not know it.
 */
#include "pail/daemon/secrets.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "pail/util/secret.h"

void pail_secrets_prepare(void)
{
        pail_secret_cover_stack();
        pail_secret_adopt_libraries();
        json_set_alloc_funcs(pail_secret_malloc, pail_secret_free);
}

void pail_secrets_hide(void)
{
        static const char *const names[] = {
                "AWS_SECRET_ACCESS_KEY",
                "AWS_SESSION_TOKEN",
                "AWS_SECURITY_TOKEN",
                "AWS_CONTAINER_AUTHORIZATION_TOKEN",
        };
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
                char *value = getenv(names[i]);
                if (!value)
                        continue;
                /* unsetenv alone leaves the text where the kernel put it, and /proc shows that. */
                explicit_bzero(value, strlen(value));
                unsetenv(names[i]);
        }
}
