/* SPDX-License-Identifier: Apache-2.0 */
/* One pass over the name, with the character before as the only state: a label begins behind a dot, or at the beginning. */
#include "bucket_label.h"

#include <ctype.h>
#include <string.h>

#include "aws/config/url.h"
#include "pail/util/str.h"

static bool is_label_character(char c)
{
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

bool pail_bucket_label_is_hostable(const char *bucket, bool https)
{
        size_t length = strlen(bucket);
        char prev = '.';

        if (length < 3 || length > 63 || pail_url_host_is_address(bucket, length))
                return false;
        for (const char *at = bucket; *at; prev = *at++) {
                bool dot = *at == '.';
                /* A wildcard certificate covers one label, so a dot cannot pass the check of TLS. */
                if ((dot && https) || (!dot && !is_label_character(*at)))
                        return false;
                /* A label neither begins nor ends with '-', and none is empty. */
                if ((prev == '.' && !isalnum((unsigned char)*at)) || (dot && prev == '-'))
                        return false;
        }
        return prev != '.' && prev != '-';
}

const char *pail_bucket_label_directory_suffix(const char *bucket)
{
        static const char *const suffixes[] = { "--x-s3", "--xa-s3" };

        for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
                if (pail_str_ends_with(bucket, suffixes[i]))
                        return bucket + strlen(bucket) - strlen(suffixes[i]);
        return NULL;
}
