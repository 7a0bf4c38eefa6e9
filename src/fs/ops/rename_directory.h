/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PAIL_FS_OPS_RENAME_DIRECTORY_H
#define PAIL_FS_OPS_RENAME_DIRECTORY_H

#include "rename_entry.h"

/* The keys end with '/'. */
int pail_rename_directory(struct pail_fs *fs, const struct pail_rename *rename, const char *old_key,
                          const char *new_key);

#endif
