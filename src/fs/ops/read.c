/* SPDX-License-Identifier: Apache-2.0 */
/* A read. A file that nothing was written to goes the short way: from its base to the blocks, without the tree and what writers need. */
#include "fs/core/volume.h"
#include "fs/data/base.h"
#include "fs/data/inode_data.h"
#include "fs/file/file_io.h"
#include "fs/file/handle.h"

int pail_fs_read(struct pail_handle *handle, size_t size, uint64_t offset, struct pail_content_result *ret_result)
{
        int r;

        if (!pail_base_read(handle->base, handle->stream, offset, size, ret_result, &r))
                return pail_file_io_read(handle->file, handle->stream, size, offset, ret_result);
        if (r < 0 || ret_result->size_bytes)
                pail_inode_data_note_read(handle->fs, handle->inode, r);
        return r;
}
