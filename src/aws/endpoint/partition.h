/* SPDX-License-Identifier: Apache-2.0 */
/* AWS's partitions: which domain the services of a region live under. Stateless. */
#ifndef PAIL_SRC_AWS_ENDPOINT_PARTITION_H
#define PAIL_SRC_AWS_ENDPOINT_PARTITION_H

#include <stdbool.h>

struct pail_partition {
        const char *name;          /* "aws-cn" */
        const char *region_prefix; /* "cn-"; "": every region that has no other partition's prefix */
        const char *dns_suffix;    /* "amazonaws.com.cn" */
        const char *
                dual_stack_suffix; /* of endpoints with IPv6 of other services than S3, which has them below dns_suffix */
};

/* Never NULL. */
const struct pail_partition *pail_partition_of(const char *region);
/* The shape of a region's name, which becomes part of a host name: letters, digits and '-', at most 63, no '-' at an end. */
bool pail_partition_is_region(const char *region);

#endif
