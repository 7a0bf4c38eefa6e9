/* SPDX-License-Identifier: Apache-2.0 */
#include "pail/daemon/source_name.h"

#include <stdlib.h>
#include <string.h>

void pail_source_name_done(struct pail_source_name *source)
{
        free(source->text);
        free(source->bucket);
        free(source->prefix);
        *source = (struct pail_source_name){ 0 };
}

const char *pail_source_name_label(const struct pail_source_name *source)
{
        if (pail_source_name_is_all(source))
                return source->text;
        const char *slash = strrchr(source->bucket, '/');
        return slash ? slash + 1 : source->bucket;
}

/* Wide enough for what other servers than AWS allow; narrow enough to tell a mistyped source. */
bool pail_source_name_is_bucket(const char *name)
{
        static const char edges[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
        size_t length = strlen(name);
        if (length < 3 || length > 255 || !strchr(edges, name[0]) || !strchr(edges, name[length - 1]))
                return false;
        for (size_t i = 0; i < length; i++)
                if (!strchr(edges, name[i]) && !strchr("._-", name[i]))
                        return false;
        return true;
}
