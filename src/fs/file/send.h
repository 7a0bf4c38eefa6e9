/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PAIL_FS_FILE_SEND_H
#define PAIL_FS_FILE_SEND_H

#include "file.h"

/* Makes S3 have the file as it is now; 0 when it has. The error of a background upload is reported once. Blocks; not interruptible. */
int pail_file_send(struct pail_file *file);
/* The same under a lock that the caller holds. */
int pail_file_send_under_lock(struct pail_file *file);

#endif
