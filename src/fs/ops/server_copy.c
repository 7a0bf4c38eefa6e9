/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copies on the server. What is known of the source (its attributes, what else is stored, its tags, whether we made it) goes along, which saves
 * questions; if somebody else has replaced it meanwhile, the copy is made anew from what is there, as after a look-up.
 */
#include "server_copy.h"

#include <errno.h>
#include <string.h>

int pail_server_copy(struct pail_fs *fs, struct pail_inode *inode, struct pail_remote_copy copy,

                     char ret_etag[static PAIL_REMOTE_ETAG_SIZE])
{
        struct pail_remote *remote = fs->options.remote;
        _cleanup_(pail_remote_object_done) struct pail_remote_object known = { 0 };
        _cleanup_(pail_remote_stored_done) struct pail_remote_stored stored = { 0 };
        int r;

        /* What the tree knows saves a HEAD, and the question for access rules that we have just made. */
        if (inode) {
                PAIL_LOCK(&fs->tree.mutex);
                if (pail_inode_object_locked(fs, inode, &known, &copy.acl_is_default) == 0)
                        copy.source = &known;
        }
        r = remote->ops->copy(remote, &copy, &stored, NULL);
        if (r == -ESTALE && copy.source) {
                copy.source = NULL; /* someone else has written it since: theirs is what the name means now */
                copy.acl_is_default = false;
                r = remote->ops->copy(remote, &copy, &stored, NULL);
        }
        if (r == 0)
                memcpy(ret_etag, stored.etag, sizeof(stored.etag));
        return r;
}

int pail_server_copy_key(struct pail_fs *fs, struct pail_inode *inode, const char *from, const char *to,
                         const struct pail_attributes *attributes, char ret_etag[static PAIL_REMOTE_ETAG_SIZE])
{
        struct pail_remote_attributes replacing;
        struct pail_remote_copy copy = { .from = from, .to = to };

        if (attributes) {
                replacing = pail_attributes_stored(attributes);
                copy.attributes = &replacing;
        }
        return pail_server_copy(fs, inode, copy, ret_etag);
}

int pail_server_copy_move(struct pail_fs *fs, struct pail_inode *inode, const char *from, const char *to,
                          char ret_etag[static PAIL_REMOTE_ETAG_SIZE])
{
        return pail_server_copy(fs, inode, (struct pail_remote_copy){ .from = from, .to = to, .is_move = true },
                                ret_etag);
}

int pail_server_copy_delete(struct pail_fs *fs, const char *key)
{
        return fs->options.remote->ops->remove(fs->options.remote, key, NULL);
}
