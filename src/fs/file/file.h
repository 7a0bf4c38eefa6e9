/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file: the bytes of an inode that is open or not sent yet (state.h says what they are). Made with the first use of them, gone with
 * the last (release.h). Thread safe; who has the file by pail_file_acquire() holds an inode too.
 */
#ifndef PAIL_FS_FILE_FILE_H
#define PAIL_FS_FILE_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "fs/data/base.h"
#include "fs/tree/inode.h"

struct pail_file;

/* A use of the inode's file, which is made if it is not there; to be ended with pail_file_release(). No request is sent. */
int pail_file_acquire(struct pail_fs *fs, struct pail_inode *inode, struct pail_file **ret_file);
/* One more use of a file that has some, under tree.mutex; and its end, where it is not the last. */
void pail_file_ref_locked(struct pail_file *file);
void pail_file_unref_locked(struct pail_file *file);
/* release.c: nobody can reach it any more. */
void pail_file_free(struct pail_file *file);

bool pail_file_is_dirty(struct pail_file *file);
/* Why the last attempt to send these very bytes failed: they are not sent again by themselves. 0: it did not. */
int pail_file_failure(struct pail_file *file);
/* The mount ends: what is dirty now counts as failed. */
void pail_file_give_up(struct pail_file *file, int error);
bool pail_file_has_upload(struct pail_file *file);
/* An inode that was just made here: its bytes (none) are to be sent. */
void pail_file_mark_new(struct pail_file *file, bool is_exclusive);
/* The times of the inode were set, and are not those of its last change any more. */
void pail_file_note_times(struct pail_file *file);
/* true when all bytes can be had without S3. */
bool pail_file_is_whole_here(struct pail_file *file);
/* Our own copy of the object: the base is now found under this key and ETag. */
int pail_file_rebase(struct pail_file *file, const char *key, const char *etag);
/* A reference on the object data of the base; NULL: none. */
struct pail_object_data *pail_file_ref_data(struct pail_file *file);
/* For readers (data/base.h); lives as long as the file. */
struct pail_base *pail_file_base(struct pail_file *file);

/* The orphan copy of a file that was unlinked while it is open: the key where its base lives; owned by the file. Under tree.mutex. */
bool pail_file_has_orphan_locked(const struct pail_file *file);
void pail_file_set_orphan_locked(struct pail_file *file, char *key);
char *pail_file_steal_orphan_locked(struct pail_file *file);

#endif
