/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing, and when a file is sent. FUSE tells of every descriptor that is closed, by every process that inherited one: were each
 * to send the file, `(a; b) > f` would publish what a wrote before b has begun. So the process that opened the file sends it when it
 * closes; another one's close sends nothing; and the last release sends what is still left.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "fs/core/volume.h"
#include "fs/file/file_io.h"
#include "fs/file/handle.h"
#include "fs/file/proc_fd.h"
#include "fs/file/release.h"
#include "pail/util/cleanup.h"
#include "send_handle.h"

int pail_fs_write(struct pail_handle *handle, const void *data, size_t size, uint64_t offset)
{
        return pail_file_io_write(handle->file, data, size, offset);
}

/*
 * `cmd > f`: the shell opens f, makes it descriptor 1 and closes the first one, before a byte is written. An empty file is
 * not sent while its opener holds another descriptor of it.
 */
static bool is_still_blank(struct pail_handle *handle, pid_t process)
{
        struct pail_fs *fs = handle->fs;
        _cleanup_free_ char *name = NULL;
        uint64_t ino;

        {
                PAIL_LOCK(&fs->tree.mutex);
                ino = handle->inode->ino;
                name = handle->inode->attributes.size_bytes ? NULL : strdup(handle->inode->name);
        }
        return name && pail_proc_fd_is_held(process, ino, name);
}

int pail_fs_flush(struct pail_handle *handle, const struct pail_fs_caller *caller)
{
        pid_t process;

        if (!handle->is_writable || !pail_file_is_dirty(handle->file))
                return 0;
        process = pail_proc_fd_process(caller->pid);
        if (process && handle->process && process != handle->process)
                return 0;
        if (process && is_still_blank(handle, process))
                return 0;
        return pail_send_handle(handle);
}

int pail_fs_fsync(struct pail_handle *handle)
{
        int error = pail_inode_steal_error(handle->fs, handle->inode);

        return error ? error : pail_send_handle(handle);
}

void pail_fs_release(struct pail_handle *handle)
{
        pail_handle_unlist(handle);
        pail_file_release(handle->file);
        pail_handle_free(handle);
}
