/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of "pailctl check --write". Private to the layer. */
#ifndef PAIL_CLI_PAILCTL_CHECK_WRITE_H
#define PAIL_CLI_PAILCTL_CHECK_WRITE_H

#include "check_facts.h"

pail_check_step pail_check_put, pail_check_conditional_put, pail_check_checksums, pail_check_copy, pail_check_copy_part,
        pail_check_delete, pail_check_bulk_delete;

#endif
