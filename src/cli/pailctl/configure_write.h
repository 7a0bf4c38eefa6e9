/* SPDX-License-Identifier: Apache-2.0 */
/* How "pailctl configure" changes the files. Private to the layer. */
#ifndef PAIL_CLI_PAILCTL_CONFIGURE_WRITE_H
#define PAIL_CLI_PAILCTL_CONFIGURE_WRITE_H

#include "configure_settings.h"

/*
 * Changes the two files, or none of them where one cannot be changed. New keys without a session token remove one of older keys.
 * ret_wrote: whether credentials and configuration file were written.
 */
int pail_configure_write(const struct pail_configure *configure, bool *ret_wrote_credentials, bool *ret_wrote_config,
                         struct pail_error *ret_error);

#endif
