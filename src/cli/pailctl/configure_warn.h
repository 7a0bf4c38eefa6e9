/* SPDX-License-Identifier: Apache-2.0 */
/* What "pailctl configure" says of a profile that was written. Private to the layer. */
#ifndef PAIL_CLI_PAILCTL_CONFIGURE_WARN_H
#define PAIL_CLI_PAILCTL_CONFIGURE_WARN_H

#include "configure_settings.h"

/* What is written, but will not work as it is: one sentence each, on standard error. */
void pail_configure_warn(const struct pail_configure *configure);

#endif
