/* SPDX-License-Identifier: Apache-2.0 */
#include "pail/fs/fs.h"

/* A bucket has no size: as much as programs that ask first can need. */
void pail_fs_describe_space(bool read_only, struct statvfs *ret_statistics)
{
        enum { BLOCK = 4096, NAME_LIMIT = 255 };
        const fsblkcnt_t blocks = (fsblkcnt_t)1 << 38; /* 1 PiB */

        *ret_statistics = (struct statvfs){
                .f_bsize = BLOCK,
                .f_frsize = BLOCK,
                .f_blocks = blocks,
                .f_bfree = blocks,
                .f_bavail = blocks,
                .f_files = UINT32_MAX,
                .f_ffree = UINT32_MAX,
                .f_favail = UINT32_MAX,
                .f_namemax = NAME_LIMIT,
                .f_flag = read_only ? ST_RDONLY : 0,
        };
}
