/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PAIL_FS_FILE_SPOOL_RECLAIM_H
#define PAIL_FS_FILE_SPOOL_RECLAIM_H

#include "file.h"

/*
 * Room in the spool by punching what was sent. Waits, interruptibly, for others to get on. steps: of the budget, before the write that found no
 * room. push: gets the upload of the file on, meanwhile; NULL: it is being sent. 0: try again; -ENOSPC when nobody gets on any more. Without
 * locks.
 */
int pail_spool_reclaim(struct pail_file *file, uint64_t steps, void (*push)(struct pail_file *file));

#endif
