/* SPDX-License-Identifier: Apache-2.0 */
/* The upload of a file that is still written. */
#ifndef PAIL_FS_FILE_STREAM_H
#define PAIL_FS_FILE_STREAM_H

#include "file.h"

/* true when another part is full and nobody sees to it: the caller then calls pail_file_stream_start() without locks. */
bool pail_file_stream_is_due_locked(struct pail_file *file);
void pail_file_stream_start(struct pail_file *file);
/* Parts that found no free slot when they were filled are started by the next write; one that waits for room does not come to it. */
void pail_file_stream_push(struct pail_file *file);

#endif
