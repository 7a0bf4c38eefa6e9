/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PAIL_FS_FILE_HANDLE_H
#define PAIL_FS_FILE_HANDLE_H

#include "file.h"

/* An open file. Immutable, but for the links of the volume's list, which tree.mutex guards. */
struct pail_handle {
        struct pail_fs *fs;
        struct pail_inode *inode; /* pinned by the file */
        struct pail_file *file;
        struct pail_base *base; /* of the file: what a reader looks at first */
        struct pail_read_stream *stream;
        int flags;
        bool is_writable;
        pid_t process;                   /* that opened it (thread group); 0: unknown */
        struct pail_handle *prev, *next; /* fs->tree.handles */
};

/* Opens the inode's file; process: the opener, where it may write, else 0. No request is sent. */
int pail_handle_new(struct pail_fs *fs, struct pail_inode *inode, int flags, pid_t process,
                    struct pail_handle **ret_handle);
/* Takes it off the volume's list; then the file is to be released, and then the handle to be freed. */
void pail_handle_unlist(struct pail_handle *handle);
void pail_handle_free(struct pail_handle *handle);

#endif
