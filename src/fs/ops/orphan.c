/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Orphan copies: S3 forgets an object with its name, POSIX keeps the bytes of an open file until its last close. So before the object of an open
 * file is deleted or replaced, it is copied to a key below ".pail/open/", where its readers follow it, and which the last close deletes
 * (file/release.c). A file whose bytes are all in the spool, or in no object yet, needs none.
 */
#include "orphan.h"

#include <errno.h>

#include "fs/file/file.h"
#include "fs/file/finish_upload.h"
#include "fs/file/release.h"
#include "pail/util/cleanup.h"
#include "pail/util/random.h"
#include "pail/util/str.h"
#include "server_copy.h"

static int make_orphan_key(const struct pail_fs *fs, char **ret_key)
{
        uint64_t number[2];

        pail_random_fill(number, sizeof(number));
        return pail_str_printf(ret_key, "%s.pail/open/%016llx%016llx", fs->options.prefix,
                               (unsigned long long)number[0], (unsigned long long)number[1]);
}

/* Copies what S3 alone has of a file aside, unless that was done before. */
static int copy_aside(struct pail_fs *fs, struct pail_inode *inode, struct pail_file *file, const char *key)
{
        _cleanup_free_ char *aside = NULL;
        char etag[PAIL_REMOTE_ETAG_SIZE];
        bool has_orphan;
        int r;

        {
                PAIL_LOCK(&fs->tree.mutex);
                has_orphan = pail_file_has_orphan_locked(file);
        }
        if (has_orphan || pail_file_is_whole_here(file))
                return 0;
        r = make_orphan_key(fs, &aside);
        if (r == 0)
                r = pail_server_copy(fs, inode,
                                     (struct pail_remote_copy){ .from = key, .to = aside, .is_temporary = true }, etag);
        if (r == 0)
                r = pail_file_rebase(file, aside, etag);
        if (r < 0)
                return r;
        PAIL_LOCK(&fs->tree.mutex);
        pail_file_set_orphan_locked(file, pail_steal(&aside));
        return 0;
}

int pail_orphan_keep(struct pail_fs *fs, struct pail_inode *inode)
{
        _cleanup_free_ char *key = NULL;
        struct pail_file *file;
        int r;

        {
                PAIL_LOCK(&fs->tree.mutex);
                file = inode->file; /* the lock keeps nobody from releasing it: so a use of our own */
                r = pail_inode_key_locked(fs, inode, &key);
        }
        if (!file || r < 0)
                return r;
        r = pail_file_acquire(fs, inode, &file);
        if (r < 0)
                return r;
        r = pail_file_finish_upload(file);
        if (r == 0)
                r = copy_aside(fs, inode, file, key);
        pail_file_release_later(file);
        return r == -ENOENT ? 0 : r; /* the object is gone already */
}

void pail_orphan_undo(struct pail_fs *fs, struct pail_inode *inode)
{
        _cleanup_free_ char *key = NULL, *aside = NULL;

        {
                PAIL_LOCK(&fs->tree.mutex);
                if (inode->file && pail_file_has_orphan_locked(inode->file) && inode->etag &&
                    pail_inode_key_locked(fs, inode, &key) == 0 && pail_file_rebase(inode->file, key, inode->etag) == 0)
                        aside = pail_file_steal_orphan_locked(inode->file);
        }
        if (aside)
                (void)pail_server_copy_delete(fs,
                                              aside); /* a copy too many is better than a file that cannot be read */
}
