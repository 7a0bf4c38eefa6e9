/* SPDX-License-Identifier: Apache-2.0 */
/* Cut in place by strsep(), so that every part is a string and nothing is allocated; the text is copied before. */
#include <errno.h>
#include <string.h>

#include "pail/aws/arn.h"
#include "pail/util/str.h"

enum { ARN_COLONS = 5 }; /* before the resource */

bool pail_arn_is(const char *text)
{
        return pail_str_starts_with(text, "arn:");
}

int pail_arn_parse(const char *text, struct pail_arn *ret_arn)
{
        struct pail_arn *arn = ret_arn;
        char *at = arn->text, *part;

        if (!pail_arn_is(text) || strlen(text) > PAIL_ARN_MAX)
                return -EINVAL;
        *arn = (struct pail_arn){ 0 };
        pail_str_copy(arn->text, sizeof(arn->text), text);
        strsep(&at, ":");
        arn->partition = strsep(&at, ":"); /* strsep() gives NULL once nothing is left */
        arn->service = strsep(&at, ":");
        arn->region = strsep(&at, ":");
        arn->account = strsep(&at, ":");
        if (pail_str_is_empty(at) || !*arn->partition || !*arn->service)
                return -EINVAL;
        while ((part = strsep(&at, ":/"))) {
                if (arn->resource_count < PAIL_ARN_RESOURCES)
                        arn->resource[arn->resource_count] = part;
                arn->resource_count++;
        }
        return 0;
}

/* Behind so many components of a resource: at the separator or at the end. */
static const char *skip_components(const char *at, unsigned count)
{
        for (;;) {
                at += strcspn(at, ":/");
                if (--count == 0 || !*at)
                        return at;
                at++;
        }
}

size_t pail_arn_length(const char *text)
{
        const char *at = text;

        for (unsigned colons = 0; colons < ARN_COLONS; colons++) {
                at = strchr(at, ':');
                if (!at)
                        return strlen(text);
                at++;
        }
        if (pail_str_starts_with(at, "accesspoint:") || pail_str_starts_with(at, "accesspoint/"))
                return (size_t)(skip_components(at, 2) - text);
        if (pail_str_starts_with(at, "outpost:") || pail_str_starts_with(at, "outpost/"))
                return (size_t)(skip_components(at, 4) - text);
        return strlen(text);
}
