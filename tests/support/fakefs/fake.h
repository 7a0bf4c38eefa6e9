/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file system in memory with the interface of pail/fs/fs.h, so that the FUSE driver can be tried without the layers below: what
 * it does at an interrupt, with many hung calls, when the connection is cut. A file whose name begins with "hang" waits in
 * read, write and fsync for ever, as a call does in an outage.
 */
#ifndef PAIL_FAKE_H
#define PAIL_FAKE_H

#include "pail/fs/fs.h"

/* volume: its number, as in struct pail_fs_options. */
struct pail_fs *pail_fake_new(uint64_t volume);
/* Nodes beside the root that the kernel has not forgotten, and handles not released. */
void pail_fake_counts(struct pail_fs *fs, unsigned *ret_nodes, unsigned *ret_handles);

#endif
