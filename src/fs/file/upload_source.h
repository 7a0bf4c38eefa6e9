/* SPDX-License-Identifier: Apache-2.0 */
/* What goes with the bytes of a file: key, metadata, and the upload's view of which parts are new. */
#ifndef PAIL_FS_FILE_UPLOAD_SOURCE_H
#define PAIL_FS_FILE_UPLOAD_SOURCE_H

#include "file.h"
#include "upload.h"

/*
 * A snapshot. -ENOENT when the file has no name any more. ret_content_type: of a file that was not there before, by its
 * name; NULL: none, or it was and keeps what it has. Borrowed from the mount's table of types.
 */
int pail_upload_source_metadata(struct pail_file *file, char **ret_key, struct pail_remote_metadata *ret_metadata,
                                const char **ret_content_type, struct pail_attributes *ret_attributes);
int pail_upload_source_new_upload(struct pail_file *file, const char *key, struct pail_fs_upload **ret_upload);

#endif
