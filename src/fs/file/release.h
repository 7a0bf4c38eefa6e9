/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PAIL_FS_FILE_RELEASE_H
#define PAIL_FS_FILE_RELEASE_H

#include "file.h"

/* Ends a use. The last one sends what is dirty (or keeps it in lost+found), then frees. Blocks. */
void pail_file_release(struct pail_file *file);
/* The same from whoever holds a lock, on a thread of its own: the last user sends, and sending takes the lock. */
void pail_file_release_later(struct pail_file *file);

#endif
