/* SPDX-License-Identifier: Apache-2.0 */
#include "pail/daemon/profile_list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pail/util/cleanup.h"
#include "pail/util/str.h"

enum { NAME_LIMIT = 255 };

void pail_profile_list_free(char **names)
{
        for (char **name = names; name && *name; name++)
                free(*name);
        free(names);
}

static int refuse_list(struct pail_error *ret_error, const char *text, const char *reason)
{
        pail_error_set(ret_error, PAIL_ERROR_CONFIG, "option profiles=%.200s %s", text, reason);
        return -EINVAL;
}

/* A name becomes that of a directory. */
static int check_name(const char *text, char *const *names, const char *name, struct pail_error *ret_error)
{
        if (!*name)
                return refuse_list(ret_error, text, "has a profile without a name: expected NAME:NAME...");
        if (strchr(name, '/') || pail_str_equal(name, ".") || pail_str_equal(name, "..") || strlen(name) > NAME_LIMIT)
                return refuse_list(ret_error, text, "has a profile whose name cannot be that of a directory");
        for (; *names; names++)
                if (pail_str_equal(*names, name))
                        return refuse_list(ret_error, text, "names a profile twice");
        return 0;
}

static size_t count_names(const char *text)
{
        size_t count = 1;
        for (; (text = strchr(text, ':')); text++)
                count++;
        return count;
}

int pail_profile_list_parse(const char *text, char ***ret_names, struct pail_error *ret_error)
{
        _cleanup_(pail_profile_list_free_p) char **names = calloc(count_names(text) + 1, sizeof(*names));
        if (!names)
                return pail_error_set_errno(ret_error, ENOMEM, "option profiles");
        size_t count = 0;
        for (const char *at = text; at; at = strchr(at, ':') ? strchr(at, ':') + 1 : NULL) {
                _cleanup_free_ char *name = strndup(at, strcspn(at, ":"));
                if (!name)
                        return pail_error_set_errno(ret_error, ENOMEM, "option profiles");
                int r = check_name(text, names, name, ret_error);
                if (r < 0)
                        return r;
                names[count++] = pail_steal(&name);
        }
        *ret_names = pail_steal(&names);
        return 0;
}
