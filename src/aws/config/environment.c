/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A block of "NAME=value" strings is walked for each look-up: there are some dozens of variables, and a session asks for each once.
 * Paths are expanded as Python's expandvars() and expanduser() do it, variables first, an unknown one left as it stands.
 */
#include "environment.h"

#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include "pail/util/buf.h"
#include "pail/util/cleanup.h"
#include "pail/util/secret.h"
#include "pail/util/str.h"

enum { PATH_CAP = 64 * 1024 };

/* NULL: not set, as opposed to "". */
static const char *find_variable(char *const *environment, const char *name, size_t length)
{
        for (; environment && *environment; environment++) {
                const char *entry = *environment;
                if (strncmp(entry, name, length) == 0 && entry[length] == '=')
                        return entry + length + 1;
        }
        return NULL;
}

const char *pail_environment_get(char *const *environment, const char *name)
{
        const char *value = find_variable(environment, name, strlen(name));

        return pail_str_is_empty(value) ? NULL : value;
}

const char *pail_environment_get_first(char *const *environment, const char *const *names)
{
        const char *value = NULL;

        for (; !value && *names; names++)
                value = pail_environment_get(environment, *names);
        return value;
}

void pail_environment_free(char **environment)
{
        for (char **entry = environment; entry && *entry; entry++)
                pail_secret_free(*entry);
        free(environment);
}

int pail_environment_copy(char *const *environment, char ***ret_copy)
{
        size_t count = 0;
        int r = 0;

        while (environment && environment[count])
                count++;
        char **copy = calloc(count + 1, sizeof(*copy));
        if (!copy)
                return -ENOMEM;
        for (size_t i = 0; r == 0 && i < count; i++)
                r = pail_secret_dup(environment[i], &copy[i]);
        if (r < 0) {
                pail_environment_free(copy);
                return r;
        }
        *ret_copy = copy;
        return 0;
}

/* A mount from fstab or a system service has no HOME: the password database knows it all the same. */
static int home_from_database(char **ret_home)
{
        long hint = sysconf(_SC_GETPW_R_SIZE_MAX);
        size_t size = hint > 0 ? (size_t)hint : 4096;
        struct passwd entry, *found = NULL;
        int r;

        do {
                _cleanup_free_ char *buffer = malloc(size);
                if (!buffer)
                        return -ENOMEM;
                r = getpwuid_r(getuid(), &entry, buffer, size, &found);
                if (r == 0)
                        return pail_str_dup(found && found->pw_dir[0] ? found->pw_dir : NULL, ret_home);
                size *= 2;
        } while (r == ERANGE && size <= 1024 * 1024);
        *ret_home = NULL;
        return 0;
}

int pail_environment_home(char *const *environment, char **ret_home)
{
        const char *home = pail_environment_get(environment, "HOME");

        return home ? pail_str_dup(home, ret_home) : home_from_database(ret_home);
}

/* The variable that is named at a '$'. *ret_length: bytes of the whole expression; 0: it is none. */
static const char *named_variable(char *const *environment, const char *at, size_t *ret_length)
{
        bool in_braces = at[1] == '{';
        const char *name = at + 1 + in_braces;
        size_t length = in_braces ? strcspn(name, "}")
                                  : strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

        *ret_length = 0;
        if (length == 0 || (in_braces && !name[length]))
                return NULL;
        *ret_length = length + 1 + (in_braces ? 2 : 0);
        return find_variable(environment, name, length);
}

static int expand_variables(char *const *environment, const char *path, struct pail_buf *expanded)
{
        size_t length;

        while (*path) {
                const char *value = *path == '$' ? named_variable(environment, path, &length) : NULL;
                if (value) {
                        pail_buf_append_string(expanded, value);
                        path += length;
                } else {
                        pail_buf_append_char(expanded, *path++);
                }
        }
        return expanded->error;
}

static int expand_home(char *const *environment, const char *path, char **ret_path)
{
        _cleanup_free_ char *home = NULL;
        int r;

        if (path[0] != '~' || (path[1] && path[1] != '/'))
                return pail_str_dup(path, ret_path);
        r = pail_environment_home(environment, &home);
        if (r < 0)
                return r;
        return home ? pail_str_printf(ret_path, "%s%s", home, path + 1) : pail_str_dup(path, ret_path);
}

int pail_environment_expand_path(char *const *environment, const char *path, char **ret_path)
{
        _cleanup_buf_ struct pail_buf expanded = PAIL_BUF_INIT(PATH_CAP);
        int r;

        r = expand_variables(environment, path, &expanded);
        return r < 0 ? r : expand_home(environment, expanded.data, ret_path);
}
