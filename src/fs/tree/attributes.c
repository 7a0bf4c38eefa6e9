/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a program sees of an object's attributes: what is stored with it, as the remote tells it, and defaults for the rest. The form of the key has
 * the last word on whether something is a directory.
 */
#include "attributes.h"

#include <stdbool.h>

enum { DIRECTORY_SIZE = 4096, BLOCK_UNIT = 512, IO_SIZE = 1 << 20 };

void pail_attributes_default(const struct pail_fs_options *options, mode_t type, uint64_t size_bytes,
                             struct timespec time, struct pail_attributes *ret_attributes)
{
        *ret_attributes = (struct pail_attributes){
                .mode = type | (type == S_IFDIR ? options->dir_mode : options->file_mode),
                .uid = options->uid,
                .gid = options->gid,
                .size_bytes = size_bytes,
                .atime = time,
                .mtime = time,
                .ctime = time,
        };
}

/* Permissions and type as stored; where no type is, and where the form of the key says otherwise, the key decides what it is. */
static mode_t read_mode(mode_t stored, bool is_directory)
{
        mode_t type = is_directory ? S_IFDIR : S_IFREG, mode = stored & S_IFMT ? stored : stored | type;

        return is_directory == !!S_ISDIR(mode) ? mode : (mode & ~(mode_t)S_IFMT) | type;
}

void pail_attributes_read(const struct pail_fs_options *options, const struct pail_remote_object *object,
                          bool is_directory, struct pail_attributes *ret_attributes)
{
        const struct pail_remote_attributes *stored = &object->metadata.attributes;
        struct pail_attributes attributes;

        pail_attributes_default(options, is_directory ? S_IFDIR : S_IFREG, object->size_bytes,
                                (struct timespec){ .tv_sec = object->last_modified }, &attributes);
        if (stored->present & PAIL_REMOTE_MODE)
                attributes.mode = read_mode(stored->mode, is_directory);
        if (!options->force_owner && stored->present & PAIL_REMOTE_UID)
                attributes.uid = stored->uid;
        if (!options->force_owner && stored->present & PAIL_REMOTE_GID)
                attributes.gid = stored->gid;
        if ((S_ISCHR(attributes.mode) || S_ISBLK(attributes.mode)) && stored->present & PAIL_REMOTE_RDEV)
                attributes.rdev = stored->rdev;
        if (stored->present & PAIL_REMOTE_MTIME)
                attributes.mtime = stored->mtime;
        attributes.atime = stored->present & PAIL_REMOTE_ATIME ? stored->atime : attributes.mtime;
        attributes.ctime = stored->present & PAIL_REMOTE_CTIME ? stored->ctime : attributes.mtime;
        *ret_attributes = attributes;
}

struct pail_remote_attributes pail_attributes_stored(const struct pail_attributes *attributes)
{
        bool is_device = S_ISCHR(attributes->mode) || S_ISBLK(attributes->mode);

        return (struct pail_remote_attributes){
                .present = PAIL_REMOTE_MODE | PAIL_REMOTE_UID | PAIL_REMOTE_GID | PAIL_REMOTE_ATIME |
                           PAIL_REMOTE_MTIME | PAIL_REMOTE_CTIME | (is_device ? PAIL_REMOTE_RDEV : 0),
                .mode = attributes->mode,
                .uid = attributes->uid,
                .gid = attributes->gid,
                .rdev = attributes->rdev,
                .atime = attributes->atime,
                .mtime = attributes->mtime,
                .ctime = attributes->ctime,
        };
}

void pail_attributes_to_stat(const struct pail_attributes *attributes, uint64_t ino, struct stat *ret_stat)
{
        bool is_directory = S_ISDIR(attributes->mode);

        *ret_stat = (struct stat){
                .st_ino = ino,
                .st_mode = attributes->mode,
                .st_nlink =
                        1, /* of directories too: "unknown", as btrfs does, so that find(1) does not count subdirectories */
                .st_uid = attributes->uid,
                .st_gid = attributes->gid,
                .st_rdev = attributes->rdev,
                .st_size = is_directory ? DIRECTORY_SIZE : (off_t)attributes->size_bytes,
                .st_blocks = is_directory ? 0 : (blkcnt_t)((attributes->size_bytes + BLOCK_UNIT - 1) / BLOCK_UNIT),
                .st_blksize = IO_SIZE,
                .st_atim = attributes->atime,
                .st_mtim = attributes->mtime,
                .st_ctim = attributes->ctime,
        };
}

void pail_fs_describe_directory(const struct pail_fs_options *options, uint64_t ino, struct timespec time,
                                struct stat *ret_attributes)
{
        struct pail_attributes attributes;

        pail_attributes_default(options, S_IFDIR, 0, time, &attributes);
        pail_attributes_to_stat(&attributes, ino, ret_attributes);
}
