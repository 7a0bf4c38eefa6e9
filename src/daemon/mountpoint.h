/* SPDX-License-Identifier: Apache-2.0 */
/* Whether something can be mounted there, found out before anything is started. Private to the layer. */
#ifndef PAIL_DAEMON_MOUNTPOINT_H
#define PAIL_DAEMON_MOUNTPOINT_H

#include "pail/daemon/options.h"
#include "pail/util/error.h"

/* The mount point as an absolute path without links (owned). CONFIG: why not, and what to do, in words. */
int pail_mountpoint_check(const char *path, const struct pail_options *options, char **ret_path,
                          struct pail_error *ret_error);
/* Device, fusermount3, /etc/fuse.conf. */
int pail_mountpoint_check_fuse(const struct pail_options *options, struct pail_error *ret_error);
/* Whether this text of a fuse.conf has the line user_allow_other. */
bool pail_mountpoint_conf_allows_other(const char *text);

#endif
