/* SPDX-License-Identifier: Apache-2.0 */
/* A region belongs to the first partition whose prefix it has; the last entry has an empty one. */
#include <ctype.h>
#include <string.h>

#include "pail/util/str.h"
#include "partition.h"

/* From the endpoint rules that AWS publishes with its SDKs (partitions.json). */
static const struct pail_partition partitions[] = {
        { "aws-cn", "cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn" },
        { "aws-us-gov", "us-gov-", "amazonaws.com", "api.aws" },
        { "aws-eusc", "eusc-", "amazonaws.eu", "api.amazonwebservices.eu" },
        { "aws-iso", "us-iso-", "c2s.ic.gov", "api.aws.ic.gov" },
        { "aws-iso-b", "us-isob-", "sc2s.sgov.gov", "api.aws.scloud" },
        { "aws-iso-e", "eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk" },
        { "aws-iso-f", "us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov" },
        { "aws", "", "amazonaws.com", "api.aws" },
};

const struct pail_partition *pail_partition_of(const char *region)
{
        const struct pail_partition *partition = partitions;

        while (!pail_str_starts_with(region, partition->region_prefix))
                partition++;
        return partition;
}

bool pail_partition_is_region(const char *region)
{
        size_t length = strlen(region);

        if (length == 0 || length > 63 || region[0] == '-' || region[length - 1] == '-')
                return false;
        for (size_t i = 0; i < length; i++) {
                unsigned char c = (unsigned char)region[i];
                if (c >= 0x80 || !(isalnum(c) || c == '-'))
                        return false;
        }
        return true;
}
