/* SPDX-License-Identifier: Apache-2.0 */
/* The upload that a file has open. All of these under the inode's lock (core/lock.h). */
#ifndef PAIL_FS_FILE_OPEN_UPLOAD_H
#define PAIL_FS_FILE_OPEN_UPLOAD_H

#include "file.h"

/* Makes it; nothing is sent yet. */
int pail_open_upload_begin(struct pail_file *file, const char *key);
/* One that is of no use for key any more (another name, unknown parts) is given up. -EIO: only it has some of the bytes. */
int pail_open_upload_check(struct pail_file *file, const char *key);
/* It is gone and nothing of it counts. */
void pail_open_upload_abort(struct pail_file *file);

#endif
