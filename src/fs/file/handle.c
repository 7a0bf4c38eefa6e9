/* SPDX-License-Identifier: Apache-2.0 */
/* Open files as such: their list, by which a volume finds what is open at its end, and room in the spool is found. */
#include "handle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <utlist.h>

#include "fs/core/volume.h"
#include "fs/data/read_stream.h"

int pail_handle_new(struct pail_fs *fs, struct pail_inode *inode, int flags, pid_t process,
                    struct pail_handle **ret_handle)
{
        struct pail_handle *handle = calloc(1, sizeof(*handle));
        int r;

        if (!handle)
                return -ENOMEM;
        *handle = (struct pail_handle){ .fs = fs,
                                        .inode = inode,
                                        .flags = flags,
                                        .is_writable = (flags & O_ACCMODE) != O_RDONLY,
                                        .process = process };
        r = pail_read_stream_new(&handle->stream);
        if (r == 0)
                r = pail_file_acquire(fs, inode, &handle->file);
        if (r < 0) {
                pail_read_stream_free(handle->stream);
                free(handle);
                return r;
        }
        handle->base = pail_file_base(handle->file);
        PAIL_LOCK(&fs->tree.mutex);
        DL_PREPEND2(fs->tree.handles, handle, prev, next);
        fs->tree.open_handles++;
        *ret_handle = handle;
        return 0;
}

void pail_handle_unlist(struct pail_handle *handle)
{
        PAIL_LOCK(&handle->fs->tree.mutex);
        DL_DELETE2(handle->fs->tree.handles, handle, prev, next);
        handle->fs->tree.open_handles--;
}

void pail_handle_free(struct pail_handle *handle)
{
        pail_read_stream_free(handle->stream);
        free(handle);
}
