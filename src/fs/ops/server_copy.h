/* SPDX-License-Identifier: Apache-2.0 */
/* Copies on the server that lose nothing. inode (may be NULL): whose object it is, for what is known of it. */
#ifndef PAIL_FS_OPS_SERVER_COPY_H
#define PAIL_FS_OPS_SERVER_COPY_H

#include "fs/tree/inode.h"

/* copy.source and copy.acl_is_default are filled in here. */
int pail_server_copy(struct pail_fs *fs, struct pail_inode *inode, struct pail_remote_copy copy,
                     char ret_etag[static PAIL_REMOTE_ETAG_SIZE]);
/* attributes (may be NULL) take the place of the source's. from and to may be the same key. */
int pail_server_copy_key(struct pail_fs *fs, struct pail_inode *inode, const char *from, const char *to,
                         const struct pail_attributes *attributes, char ret_etag[static PAIL_REMOTE_ETAG_SIZE]);
/* The object is under another key afterwards, with all that it had. */
int pail_server_copy_move(struct pail_fs *fs, struct pail_inode *inode, const char *from, const char *to,
                          char ret_etag[static PAIL_REMOTE_ETAG_SIZE]);
/* DELETE of one key. */
int pail_server_copy_delete(struct pail_fs *fs, const char *key);

#endif
