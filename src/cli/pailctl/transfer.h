/* SPDX-License-Identifier: Apache-2.0 */
/* One transfer of "pailctl cp": it runs on a thread of its own, while the caller's shows how far it is and takes signals. Private to the layer. */
#ifndef PAIL_CLI_PAILCTL_TRANSFER_H
#define PAIL_CLI_PAILCTL_TRANSFER_H

#include "object.h"

struct pail_ctl_transfer {
        const struct pail_options *options;
        const char *path; /* the side that is a file; "-": standard input or output; NULL: neither is */
        struct pail_ctl_object *source, *target; /* NULL: that side is the file */
};

/*
 * Runs it to its end. *ret_signal: the one that came meanwhile (SIGINT, SIGTERM, SIGHUP), 0: none. With -EINTR it ended the transfer, the
 * error says what has become of the target, and the caller is to end of it; with 0 it came too late. What failed for another reason tells of
 * none. A second signal ends the process at once.
 */
int pail_ctl_transfer_run(const struct pail_ctl_transfer *transfer, int *ret_signal, struct pail_error *ret_error);

#endif
