/* SPDX-License-Identifier: Apache-2.0 */
/* SOURCE and options of a command line, together. Private to the layer. */
#ifndef PAIL_CLI_MOUNT_REQUEST_H
#define PAIL_CLI_MOUNT_REQUEST_H

#include "pail/daemon/options.h"
#include "pail/daemon/source_name.h"
#include "pail/util/error.h"

/*
 * What can be told to be wrong by looking at the words alone: options that contradict each other, a source that is none, options that it does
 * not go with. What the kernel is to know of the options is added to them for libfuse. CONFIG, in words. No thread, no library, no file.
 */
int pail_mount_request_check(struct pail_options *options, const char *source, struct pail_source_name *ret_source,
                             struct pail_error *ret_error);

#endif
