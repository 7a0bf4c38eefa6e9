/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What docs/consistency.md promises, held against one run. The model is told of every system call when it begins and
 * ends, and sees every version that the bucket ever had; it knows nothing of how the volume works.
 *
 * A file is an inode of one kernel and what was written to it: steps, each of which writes bytes of its own number, so
 * that every byte tells who wrote it. What the file was before is its base: some version that the bucket had lately,
 * nobody knows which; each read that could not have come from a version strikes it out.
 *
 * The rules, as failures name them, and the sentence of docs/consistency.md (or what follows from it) that each holds a run to:
 *   torn         "a key is absent, or the old version, or a complete new one": a version that a mount made is what one of its files was
 *                at one moment: a base that the name had, and the first so many steps
 *   lost         "the first to close wins; the other gets ESTALE": a file that was edited takes the place of the version that it is based on,
 *                or of its own; of anything only when it was opened with O_TRUNC. An edit of a deleted object makes none. What was made with
 *                O_EXCL, mkdir or symlink takes the place of nothing ("the second to close gets EEXIST")
 *   unsent       "when one of these calls returns 0, S3 has it": when close (by the opener), fsync or truncate has returned 0, the bucket has had
 *                the file with all steps before it
 *   kept         "those bytes are kept in lost+found": at the end what a write that returned 0 wrote is in the bucket, or in lost+found with a
 *                note of the key, unless it was written over, cut off or unlinked
 *   mixed        "bytes of two versions are never mixed": reads of one open file come from one version and the steps
 *   size         the same of st_size, asked by name
 *   half         a rename that failed has replaced nothing, and left nothing under the new name ("if a copy fails, those made are deleted and
 *                nothing has changed")
 *   gone         "at every moment one of the two names holds all bytes": a mount deletes a key only for an unlink, or when another key has the
 *                same bytes. And a rename that returned 0 leaves nothing under the old name
 *   mode, times  what chmod and utimens that returned 0 have set is stored ("S3 has the new headers"), as long as nobody else changed
 *                the object, and, of times, nothing was written afterwards
 *   names        "in one mount everything is as in any Linux file system": a name that was made is found, by lookup and by readdir, until it
 *                is removed, and not any more afterwards. "Names that come and go during a readdir neither repeat nor hide others"
 *   number       st_ino of a name stays, as long as the bucket has something under it
 *   owner        with a forced owner ("owner of all files") nobody else is ever shown
 *   error        no errno that the run gave no reason for: no ESTALE without another writer, no EACCES with all rights, no ENOSPC while the files
 *                would fit one after another
 *   interrupted  a change that goes on ends with EINTR only for a caller that was killed
 *   slow         a call ends within its timeout; in a punctual run, within the time of the requests that it needs
 *   left         at the end no upload and no copy of the mount's own is left in the bucket
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
        bool has_faults, has_others, lacks_rights; /* reasons for errors */
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
        struct model_name *names;
        struct model_naming *namings; /* under way, or interrupted and perhaps still under way */
        uint64_t names_clock;
        bool has_lost_files; /* a file that could not be sent shows what S3 has again: names are then not looked at */
        uint64_t step_clock; /* counts writes and cuts */
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
        const struct kernel_process *process;
        int64_t begun_ms, limit_ms; /* limit: of the rule "slow" */
        uint64_t serial;            /* of the store, at the beginning */
        uint64_t step;              /* model->step_clock, then */
};
struct model_call model_begin(struct model *model, int mount, const char *what, const struct kernel_process *process);
/* The rules "error", "interrupted" and "slow". Returns result. */
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
void model_send_failed(struct model_file *file, int error);
/* close or fsync returned 0 to one who may rely on it. */
void model_sent(const struct model_file *file, unsigned steps);
void model_read(struct model_file *file, unsigned steps_before, uint64_t offset, size_t wanted, const char *bytes,
                size_t size);
/* The file of a node that is about to be cut by its path, or by O_TRUNC (which is then a step of its own). */
struct model_file *model_touched(const struct model_call *call, const struct kernel_inode *inode, const char *path);
unsigned model_truncating(struct model_file *file);
/* chmod or utimens has ended, under the inode's lock. set: of enum pail_fs_set. */
void model_file_changed(const struct model_call *call, struct model_file *file, unsigned set, const struct stat *wanted,
                        int result);
void model_changed(const struct model_call *call, const char *path, const struct kernel_inode *inode, unsigned set,
                   const struct stat *wanted, int result);
/* The name is gone, or is another file's. */
void model_unlinked(const struct model_call *call, const char *path, int result);
/* was_quiet: no other call touched these names at the same time. */
void model_renamed(const struct model_call *call, const char *from, const char *to, int result, bool was_quiet);
/* mkdir, symlink or O_EXCL returned 0. key: of the object. */
void model_made(const struct model_call *call, const char *key);
/* What stat told. file, steps: of the name before it was asked, or NULL (the size is then not looked at). */
void model_seen(const struct model_call *call, const char *path, const struct stat *status, uid_t owner);
struct model_file *model_find_path(struct model *model, int mount, const char *path);
void model_size(struct model_file *file, unsigned steps_before, uint64_t size);

/* Names (names.c): a call that makes, removes or moves some, or looks for one. */
enum model_naming_kind { MODEL_LOOKS, MODEL_MAKES, MODEL_REMOVES, MODEL_MOVES };
struct model_naming *model_naming_begin(const struct model_call *call, enum model_naming_kind kind, const char *path,
                                        const char *to);
/* result: 0 or -errno. false: others changed names meanwhile. */
bool model_naming_end(struct model_naming *naming, int result);
struct model_listing *model_listing_begin(const struct model_call *call, const char *path);
void model_listed(struct model_listing *listing, const char *name);
void model_listing_end(struct model_listing *listing, int result);

/* The mount has ended: what is in lost+found of its state directory? */
void model_look_for_lost(struct model *model, int mount, const char *state_directory);
/* Everything is closed and drained. */
void model_finish(struct model *model, struct pail_remote *const *remotes, unsigned count);

#endif
