/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state directory: what a mount has on the local disk beyond its own life. Below a base directory of the user each mount has one of its
 * own, with a name that says what it belongs to:
 *
 *   BASE/NAME/        of the first mount; NAME-2, NAME-3... of others of the same that live at the same time
 *     lock            held with flock(2) for the life of the mount
 *     spool/          bytes that S3 does not have yet
 *     lost+found/     bytes that nobody will send, with a note for a person each
 *
 * All of it is for the user alone (0700, files 0600). Stateless but for what a struct holds; one thread at a time uses that.
 */
#ifndef PAIL_STORE_STATE_DIRECTORY_H
#define PAIL_STORE_STATE_DIRECTORY_H

enum { PAIL_STATE_DIRECTORY_SLOTS = 99 }; /* mounts of the same at one time */

#define PAIL_STATE_DIRECTORY_LOST "lost+found"

/* The base, and the directory of caches: given (NULL or as a person wrote it), else the one of root or of the XDG variables. Resolved, owned; it need
 * not exist. -ENOENT: there is no home directory to find it in. */
int pail_state_directory_find_base(const char *given, char **ret_path);
int pail_state_directory_find_cache(const char *given, char **ret_path);
/* Makes one of them with all above it, as far as that is not there. -errno: it cannot be used. */
int pail_state_directory_make_base(const char *path);

/* What a state belongs to: unsent bytes are only ever sent by the identity that wrote them. */
struct pail_state_directory_key {
        const char *endpoint; /* URL; "aws" for AWS's own */
        const char *bucket, *prefix;
        const char *access_key_id; /* "" when anonymous */
};
/* A readable name and a hash (owned): "bucket_prefix-0123456789abcdef". */
int pail_state_directory_name(const struct pail_state_directory_key *key, char **ret_name);

struct pail_state_directory {
        char *path;
        int lock_fd; /* holds the lock as long as it is open */
};
#define PAIL_STATE_DIRECTORY_INIT                                                                                      \
        {                                                                                                              \
                .lock_fd = -1                                                                                          \
        }

/*
 * Makes and locks the first directory of that name in base, which exists, that no live mount holds. note: for people who look into the lock file.
 * -EWOULDBLOCK: all slots are taken. directory: empty; to be released also after a failure, and its path is then the one that could not be had (NULL: none).
 */
int pail_state_directory_lock(const char *base, const char *name, const char *note,
                              struct pail_state_directory *directory);
/* The end of one in which nothing was done: it goes as well, if it holds nothing. Idempotent, and fine for an empty one. */
void pail_state_directory_discard(struct pail_state_directory *directory);
/* What is in it stays. */
void pail_state_directory_done(struct pail_state_directory *directory);

/* Its parts (owned), by its path. */
int pail_state_directory_spool(const char *path, char **ret_path);
int pail_state_directory_lost(const char *path, char **ret_path);

#endif
