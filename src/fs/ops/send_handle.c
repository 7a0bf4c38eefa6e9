/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file is sent by an operation with a use of the file of its own: the program that closes it may be killed, and the handle be released,
 * before S3 has answered.
 */
#include "send_handle.h"

#include "fs/core/volume.h"
#include "fs/file/release.h"
#include "fs/file/send.h"

static int send_file(void *context)
{
        return pail_file_send(context);
}

static void release_file(void *context)
{
        pail_file_release(context);
}

int pail_send_handle(struct pail_handle *handle)
{
        struct pail_fs *fs = handle->fs;
        _cleanup_future_ struct pail_future *future = NULL;
        struct pail_file *file;
        int r;

        if (!pail_file_is_dirty(handle->file))
                return 0;
        r = pail_file_acquire(fs, handle->inode, &file);
        return r < 0 ? r : pail_fs_run_operation(fs, send_file, release_file, file, &future);
}
