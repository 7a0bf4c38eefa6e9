/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets are kept in memory of their own (pail/util/secret.h), by the libraries too that parse them: OpenSSL and libxml2 by the util layer, jansson here,
 * since util does not know it.
 */
#include "pail/daemon/secrets.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pail/util/cleanup.h"
#include "pail/util/path.h"
#include "pail/util/secret.h"
#include "pail/util/str.h"

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

/* Of a variable that names a file; NULL: of any other, or empty. */
static const char *find_file_name(const char *entry)
{
        static const char *const names[] = {
                "AWS_CA_BUNDLE=",
                "AWS_CONFIG_FILE=",
                "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=",
                "AWS_LOGIN_CACHE_DIRECTORY=",
                "AWS_SHARED_CREDENTIALS_FILE=",
                "AWS_WEB_IDENTITY_TOKEN_FILE=",
        };
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
                if (pail_str_starts_with(entry, names[i]) && entry[strlen(names[i])])
                        return entry + strlen(names[i]);
        return NULL;
}

static int copy_entry(const char *entry, char **ret_copy)
{
        const char *file = find_file_name(entry);
        _cleanup_free_ char *absolute = NULL, *longer = NULL;
        if (!file || strchr("/~$", *file)) /* what begins with a variable or with "~" is for the session to expand */
                return pail_secret_dup(entry, ret_copy);
        int r = pail_path_absolute(file, &absolute);
        if (r == 0)
                r = pail_str_printf(&longer, "%.*s%s", (int)(file - entry), entry, absolute);
        return r < 0 ? r : pail_secret_dup(longer, ret_copy);
}

int pail_secrets_keep_environment(char ***ret_environment)
{
        size_t count = 0;
        int r = 0;
        while (environ && environ[count])
                count++;
        char **copy = calloc(count + 1, sizeof(*copy));
        if (!copy)
                return -ENOMEM;
        for (size_t i = 0; i < count && r == 0; i++)
                r = copy_entry(environ[i], &copy[i]);
        if (r < 0)
                pail_secrets_free_environment(copy);
        else
                *ret_environment = copy;
        return r;
}

void pail_secrets_free_environment(char **environment)
{
        for (char **entry = environment; entry && *entry; entry++)
                pail_secret_free(*entry);
        free(environment);
}
