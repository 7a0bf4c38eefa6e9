/* SPDX-License-Identifier: Apache-2.0 */
/* A mount from its beginning to its end, in the process that serves it. */
#ifndef PAIL_DAEMON_SERVE_H
#define PAIL_DAEMON_SERVE_H

#include "pail/daemon/launch.h"
#include "pail/daemon/prepare.h"

/* Takes a preparation that has got as far as FUSE on, mounts, reports that to the launch, serves, sends what is unsent. The exit status. No thread exists yet when it is called. */
int pail_serve(struct pail_preparation *preparation, struct pail_launch *launch);

#endif
