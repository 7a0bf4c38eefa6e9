/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A world: a bucket, a volume or two on it, under a kernel each, with programs that use a handful of names at the same time, and what
 * makes their life hard: another client of the bucket, a network that loses requests and answers, a right that is missing,
 * callers that are killed or get signals, a kernel that forgets, a small spool. The model (model/model.h) judges every answer.
 *
 * A plan says which of these there are, and what the programs do; each run draws the rest. volume.c has the plans.
 */
#ifndef PAIL_TESTS_SIM_SCENARIOS_VOLUME_WORLD_H
#define PAIL_TESTS_SIM_SCENARIOS_VOLUME_WORLD_H

#include "../../model/model.h"
#include "../../sim.h"

enum {
        WORLD_MOUNTS_MAX = 2,
        WORLD_PROGRAMS_MAX = 80,
        WORLD_SIZE_MAX = 400, /* bytes of one write, and of what others put */
        WORLD_OWNER = 4321,   /* uid= of a mount that forces one */
        WORLD_TIMEOUT_MS = 20000,
};

enum trouble {
        TROUBLE_OTHERS = 1 << 0, /* another client of the bucket */
        TROUBLE_SECOND_MOUNT = 1 << 1,
        TROUBLE_FAULTS = 1 << 2, /* requests fail before their effect */
        TROUBLE_LOST_ANSWERS = 1 << 3,
        TROUBLE_KILLS = 1 << 4,
        TROUBLE_SIGNALS = 1 << 5, /* that programs handle */
        TROUBLE_RIGHTS = 1 << 6,  /* nothing may be deleted, at times */
        TROUBLE_SMALL_SPOOL = 1 << 7,
        TROUBLE_POOR_SERVER = 1 << 8, /* ignores conditions of writes, or does not know them */
        TROUBLE_FORCED_OWNER = 1 << 9,
};

/* What a program can do in one step: acts_files.c, acts_names.c. */
enum act {
        ACT_WRITE_NEW,
        ACT_WRITE_LARGE, /* larger than a small spool */
        ACT_EDIT,
        ACT_APPEND,
        ACT_READ,
        ACT_SHARE, /* with a child */
        ACT_EXCLUSIVE,
        ACT_TRUNCATE,
        ACT_CHMOD,
        ACT_CHOWN,
        ACT_UTIMENS,
        ACT_RENAME,
        ACT_RENAME_DIRECTORY,
        ACT_UNLINK,
        ACT_MKDIR,
        ACT_RMDIR,
        ACT_SYMLINK,
        ACT_STAT,
        ACT_READDIR,
        ACTS
};
#define ACTS_OF(act) (1u << (act))
#define ACTS_ALL (ACTS_OF(ACTS) - 1)

struct plan {
        unsigned trouble; /* set of enum trouble */
        uint32_t acts;    /* set of ACTS_OF(…) */
        /* 0: as many as there are. */
        unsigned paths, directories;
        unsigned first_path; /* the paths begin with this one */
        unsigned programs_max, steps_max;
        uint32_t latency_ms; /* of a request, at most; 0: drawn */
        uint32_t trouble_ms; /* callers are disturbed that often, at least; 0: every two seconds */
        bool puts_empty;     /* what others put is empty, often */
};

struct world;

struct mount {
        struct world *world;
        int number;
        struct pail_remote *remote;
        struct kernel *kernel;
        struct pail_fs_shared *shared;
        struct pail_fs *fs;
        char directory[64];
};

struct program {
        struct world *world;
        struct mount *mount;
        struct kernel_process process, child;
        struct model_file *files[KERNEL_FILES_MAX]; /* by descriptor */
        bool is_opener[KERNEL_FILES_MAX];
        unsigned steps;
};

struct world {
        struct pail_sim *sim;
        const struct plan *plan;
        struct model model;
        struct mount mounts[WORLD_MOUNTS_MAX];
        struct program programs[WORLD_PROGRAMS_MAX];
        unsigned mount_count, program_count;
        bool is_over;
};

/* world.c */
/* Bucket, mounts and weather; no program yet. */
struct world *world_new(struct pail_sim *sim, const struct plan *plan);
struct program *world_add_program(struct world *world, struct mount *mount);
/* Nobody calls any more: unmounts, and judges what is left. */
void world_end(struct world *world);
/* All of it, with the programs and the trouble of a plan. */
void world_run(struct pail_sim *sim, const struct plan *plan);
bool world_has(const struct world *world, enum trouble trouble);
const char *world_choose_path(struct world *world);
const char *world_choose_directory(struct world *world);

/* trouble.c */
void others_put(struct world *world, const char *key);
void others_work(struct pail_sim_caller *caller);
void make_trouble(struct pail_sim_caller *caller);

/* programs.c: system calls of which the model is told. */
struct model_call program_begin(const struct program *program, const char *what);
int program_open(struct program *program, const char *path, int flags, const char *what);
/* false: it failed. */
bool program_write(struct program *program, int fd, uint64_t offset);
void program_cut(struct program *program, int fd);
void program_read(struct program *program, int fd);
void program_fsync(struct program *program, int fd);
void program_fchange(struct program *program, int fd);
void program_close(struct program *program, int fd);
void program_close_by_child(struct program *program, int copy, struct model_file *file);
/* It ends, and another process takes its place. */
void program_restart(struct program *program);

/* acts_files.c, acts_names.c */
typedef void program_act(struct program *program);
program_act act_write_new, act_write_large, act_edit, act_append, act_read, act_share, act_exclusive, act_truncate,
        act_chmod, act_chown, act_utimens;
program_act act_rename, act_rename_directory, act_unlink, act_mkdir, act_rmdir, act_symlink, act_stat, act_readdir;

#endif
