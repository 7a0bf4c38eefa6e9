/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PAIL_FS_FILE_FILL_H
#define PAIL_FS_FILE_FILL_H

#include "file.h"

/* Copies [offset, +size) from the base into the spool, as far as it is not there. The file is being sent: it is frozen. */
int pail_file_fill(struct pail_file *file, uint64_t offset, uint64_t size_bytes);

#endif
