/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a server looks at the checksum that comes with an object. Private to the layer. */
#ifndef PAIL_CLI_PAILCTL_CHECK_CHECKSUM_H
#define PAIL_CLI_PAILCTL_CHECK_CHECKSUM_H

#include "check_facts.h"

/* Puts an object with a CRC32C that is wrong: 1: refused for that; 0: taken, or refused for being there at all; -errno with *ret_error. */
int pail_check_checksum_is_verified(struct pail_check *check, const char *key, struct pail_error *ret_error);

#endif
