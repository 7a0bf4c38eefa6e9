/* SPDX-License-Identifier: Apache-2.0 */
/* What is agreed upon with the kernel when the session begins. Private to the layer. */
#ifndef PAIL_FUSE_NEGOTIATE_H
#define PAIL_FUSE_NEGOTIATE_H

struct fuse_conn_info;
struct pail_mountinfo;

/* The INIT callback: what of the protocol is used. context: struct pail_fuse_context. */
void pail_fuse_negotiate(void *context, struct fuse_conn_info *connection);
/* Raises the kernel's read-ahead of this mount, where permitted. */
void pail_fuse_set_read_ahead(const struct pail_mountinfo *mounted);

#endif
