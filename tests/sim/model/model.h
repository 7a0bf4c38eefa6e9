/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What docs/consistency.md promises, held against one run. The model is told of every system call when it begins and
 * ends, and sees every version that the bucket ever had; it knows nothing of how the volume works.
 *
 * A file is an inode of one kernel and what was written to it: steps, each of which writes bytes of its own number, so
 * that every byte tells who wrote it. What the file was before is its base: some version that the bucket had lately,
 * nobody knows which; each read that could not have come from a version strikes it out.
 *
 * The rules, as failures name them:
 *   torn       a version that a mount made is what one of its files was at one moment: its base and the first so many steps
 *   lost       a file that was edited takes the place of the version that it is based on, or of its own; of anything only
 *              when it was opened with O_TRUNC. What was made with O_EXCL, mkdir or symlink takes the place of nothing
 *   unsent     when close (by the opener) or fsync has returned 0, the bucket has had the file with all steps before it
 *   mixed      reads of one open file come from one version and the steps
 *   half       a rename that failed has replaced nothing
 *   gone       a rename that returned 0 left its source's bytes under the new name
 *   mode       what a chmod that returned 0 has set is stored, as long as nobody else changed the object
 *   number     st_ino of a name stays, as long as the bucket has something under it
 *   owner      with a forced owner nobody else is ever shown
 *   error      no error that the run gave no reason for
 *   slow       a call ends within its timeout
 *   left       at the end no upload and no copy of the mount's own is left in the bucket
 */
#ifndef PAIL_TESTS_SIM_MODEL_H
#define PAIL_TESTS_SIM_MODEL_H

#include "../kernel/kernel.h"
#include "../remote/memory.h"

enum { MODEL_SIZE_MAX = 4096, MODEL_STEPS_MAX = 48, MODEL_VERSIONS_MAX = 1024 };

struct model_file;

struct model {
        struct pail_sim *sim;
        struct store store;
        struct memory_weather weather;
        int64_t ttl_ms, timeout_ms;
        bool has_faults, has_others, has_kills, lacks_rights; /* reasons for errors */
        bool forces_owner;
        struct model_file *files;
        struct model_note {
                struct model_file *file; /* whose bytes it has; NULL: not known */
                unsigned steps;
        } notes[MODEL_VERSIONS_MAX]; /* by serial */
        struct model_number {
                char *path;
                int mount;
                ino_t number;
                uint64_t serial; /* of the store, when it was seen */
                struct model_number *next;
        } * numbers;
        unsigned char last_id;
};

void model_init(struct model *model, struct pail_sim *sim);
void model_done(struct model *model);
/* The number of whoever writes next: never 0. */
unsigned char model_next_id(struct model *model);

/* A call under way. */
struct model_call {
        struct model *model;
        int mount;
        const char *what;
        int64_t begun_ms;
        uint64_t serial; /* of the store, at the beginning */
};
struct model_call model_begin(struct model *model, int mount, const char *what);
/* The rules "error" and "slow". Returns result. */
ssize_t model_end(const struct model_call *call, ssize_t result);

/* After a successful open. flags: as given. */
struct model_file *model_opened(const struct model_call *call, const struct kernel_file *file, int flags);
void model_closed(struct model_file *file);
/* The volume is about to be asked to write or to cut. Under the file's lock. Returns the step's number. */
unsigned model_step_begun(struct model_file *file, uint64_t offset, size_t size, unsigned char id);
unsigned model_cut_begun(struct model_file *file, uint64_t size);
void model_step_ended(struct model_file *file, unsigned step, bool failed);
/* How many steps have ended: what a close that begins now has to send. */
unsigned model_steps(const struct model_file *file);
/* close or fsync failed: the bucket may have the file or get it yet, or its steps so far are given up. */
void model_send_failed(struct model_file *file);
/* close or fsync returned 0 to one who may rely on it. */
void model_sent(const struct model_file *file, unsigned steps);
void model_read(struct model_file *file, unsigned steps_before, uint64_t offset, size_t wanted, const char *bytes,
                size_t size);
/* The file of a node that is about to be cut by its path, or by O_TRUNC (which is then a step of its own). */
struct model_file *model_touched(const struct model_call *call, const struct kernel_inode *inode, const char *path);
unsigned model_truncating(struct model_file *file);
void model_chmod(struct model *model, int mount, const char *path, mode_t mode, const struct model_call *call);
void model_fchmod(struct model_file *file, mode_t mode);
/* The name is gone, or is another file's. */
void model_unlinked(struct model *model, int mount, const char *path);
void model_renamed(const struct model_call *call, const char *from, const char *to, int result);
/* mkdir, symlink or O_EXCL returned 0. key: of the object. */
void model_made(const struct model_call *call, const char *key);
void model_seen(struct model *model, int mount, const char *path, const struct stat *status, uid_t owner);
/* Everything is closed and drained. */
void model_finish(struct model *model, struct pail_remote *const *remotes, unsigned count);

#endif
