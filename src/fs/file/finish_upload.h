/* SPDX-License-Identifier: Apache-2.0 */
/* What only an open upload has of a file, or what of it is about to be wrong. */
#ifndef PAIL_FS_FILE_FINISH_UPLOAD_H
#define PAIL_FS_FILE_FINISH_UPLOAD_H

#include "file.h"

/* Under the inode's lock: no upload is open afterwards. Aborts it when the spool has everything, else sends the file as it is. */
int pail_file_finish_upload(struct pail_file *file);
/* The range is about to change, or to be read, although only the upload has it. Without mutexes and locks; may block for parts in flight. */
int pail_file_invalidate_parts(struct pail_file *file, uint64_t offset, uint64_t size_bytes);

#endif
