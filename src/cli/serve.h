/* SPDX-License-Identifier: Apache-2.0 */
/* A mount from its beginning to its end, in the process that serves it. Private to the layer. */
#ifndef PAIL_CLI_SERVE_H
#define PAIL_CLI_SERVE_H

#include "daemon.h"
#include "options.h"
#include "source.h"

/* Connects, mounts, gives the verdict, serves, sends what is unsent. The exit status. No thread exists yet when it is called. */
int pail_serve(const struct pail_options *options, const struct pail_source_name *source, const char *mountpoint,
               struct pail_verdict *verdict);

#endif
