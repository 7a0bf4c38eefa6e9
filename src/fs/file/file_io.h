/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PAIL_FS_FILE_FILE_IO_H
#define PAIL_FS_FILE_FILE_IO_H

#include "file.h"

/* Reads a file that may have bytes of its own (of one that has none: data/base.h). stream: of the base, as in pail_read(). */
int pail_file_io_read(struct pail_file *file, struct pail_read_stream *stream, size_t size, uint64_t offset,
                      struct pail_content_result *ret_result);
int pail_file_io_write(struct pail_file *file, const void *data, size_t size, uint64_t offset);
int pail_file_io_truncate(struct pail_file *file, uint64_t size_bytes);

#endif
