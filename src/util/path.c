/* SPDX-License-Identifier: Apache-2.0 */
#include "pail/util/path.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pail/util/cleanup.h"
#include "pail/util/str.h"

int pail_path_home(char **ret_path)
{
        const char *home = getenv("HOME");
        if (home && home[0] == '/')
                return pail_str_dup(home, ret_path);
        const struct passwd *entry = getpwuid(geteuid());
        if (!entry || pail_str_is_empty(entry->pw_dir))
                return -ENOENT;
        return pail_str_dup(entry->pw_dir, ret_path);
}

int pail_path_absolute(const char *path, char **ret_path)
{
        if (path[0] == '/')
                return pail_str_dup(path, ret_path);
        _cleanup_free_ char *base = NULL;
        if (path[0] == '~' && (path[1] == '/' || !path[1])) {
                int r = pail_path_home(&base);
                if (r < 0)
                        return r;
                return pail_str_printf(ret_path, "%s%s", base, path + 1);
        }
        base = getcwd(NULL, 0);
        if (!base)
                return -errno;
        return pail_str_printf(ret_path, "%s/%s", pail_str_equal(base, "/") ? "" : base, path);
}

int pail_path_resolve(const char *path, char **ret_path)
{
        _cleanup_free_ char *head = NULL;
        int r = pail_path_absolute(path, &head);
        if (r < 0)
                return r;
        assert(head);
        _cleanup_free_ char *tail = NULL, *real = NULL;
        while (!(real = realpath(head, NULL))) {
                if (errno != ENOENT && errno != ENOTDIR)
                        return -errno;
                char *slash = strrchr(head, '/');
                if (!slash || !slash[1])
                        return -ENOENT;
                _cleanup_free_ char *longer = NULL;
                r = pail_str_printf(&longer, "%s%s", slash, tail ? tail : "");
                if (r < 0)
                        return r;
                free(tail);
                tail = pail_steal(&longer);
                slash[slash == head] = '\0'; /* "/x" leaves "/" */
        }
        return pail_str_printf(ret_path, "%s%s", pail_str_equal(real, "/") && tail ? "" : real, tail ? tail : "");
}

bool pail_path_is_inside(const char *path, const char *directory)
{
        size_t length = strlen(directory);
        if (length == 1)
                return true;
        return strncmp(path, directory, length) == 0 && (path[length] == '/' || !path[length]);
}
