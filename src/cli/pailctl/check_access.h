/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of a check that change nothing on the server. Private to the layer. */
#ifndef PAIL_CLI_PAILCTL_CHECK_ACCESS_H
#define PAIL_CLI_PAILCTL_CHECK_ACCESS_H

#include "check_facts.h"

pail_check_step pail_check_fuse, pail_check_state, pail_check_configuration, pail_check_credentials, pail_check_expiry,
        pail_check_proxy, pail_check_dns, pail_check_connect, pail_check_tls, pail_check_endpoint, pail_check_clock,
        pail_check_authentication, pail_check_buckets, pail_check_bucket, pail_check_region, pail_check_latency,
        pail_check_list, pail_check_directories, pail_check_get;

#endif
