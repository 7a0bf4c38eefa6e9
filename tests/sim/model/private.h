/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PAIL_TESTS_SIM_MODEL_PRIVATE_H
#define PAIL_TESTS_SIM_MODEL_PRIVATE_H

#include <limits.h>

#include "model.h"

enum { MODEL_PATHS_MAX = 8 };

struct step {
        bool is_cut; /* to offset bytes; else size bytes of id from offset on */
        bool has_ended, has_failed;
        uint64_t offset;
        size_t size;
        unsigned char id;
};

struct model_file {
        struct model *model;
        int mount;
        uint64_t node;
        char paths[MODEL_PATHS_MAX][KERNEL_PATH_MAX]; /* the last one is the name that it has */
        unsigned path_count, opens;
        struct step steps[MODEL_STEPS_MAX];
        unsigned count, sent_steps;
        unsigned forgotten;    /* steps before those, which the bucket has had: a step's number counts them */
        unsigned truncated_at; /* O_TRUNC was this many steps ago, counted from 1; 0: never */
        uint64_t sent_serial;  /* the last version that it became */
        uint64_t bases[MODEL_VERSIONS_MAX / 64];
        bool may_be_empty; /* it began as nothing */
        bool was_renamed, is_unlinked, is_uncertain, has_read;
        uint64_t stepped;    /* model->step_clock, at the last step */
        unsigned set;        /* what chmod and utimens that returned 0 have set: PAIL_FS_SET_MODE, PAIL_FS_SET_MTIME */
        uint64_t set_serial; /* of the store, then */
        mode_t mode;
        struct timespec mtime;
        struct model_file *next;
};

struct content {
        size_t size;
        char bytes[2 * MODEL_SIZE_MAX];
};
/*
 * Which steps count: all in [from, to), but for those that failed, if they did nothing. Of a file whose sending has failed the steps before
 * that may have been given up: from is then more than 0.
 */
struct course {
        unsigned from, to;
        bool with_failed;
};
/* From one course of a file to the next, beginning with { .to = file->count }. */
bool model_next_course(const struct model_file *file, struct course *course);
/* The base (NULL: nothing) after these steps. */
struct content model_apply(const struct model_file *file, const struct store_version *base, struct course course);
/*
 * The next base that the file may have, behind at (NULL: the first); the last one is NULL with *is_empty, where the file may have begun
 * empty.
 */
bool model_next_base(const struct model_file *file, const struct store_version **at, bool *is_empty);
/* Has, or had. */
bool model_has_name(const struct model_file *file, const char *path);
/* A rule is broken. Returns only when this rule is not looked at (PAIL_SIM_IGNORE="rule,rule"). */
void model_broken(const char *rule, const char *format, ...) __attribute__((format(printf, 2, 3)));
void model_forget_changes(struct model *model, const struct model_file *but, const char *path);
/* Is a call under way, or perhaps still under way, that takes this name away or gives it to another file? */
bool model_is_replacing(const struct model *model, int mount, const char *path);
/* Is something under way that removes names of this mount for good? */
bool model_is_removing(const struct model *model, int mount);
void model_names_done(struct model *model);

/* versions.c */
void model_note_version(const struct store_version *version);
/* Of struct store; context: the model. */
void model_on_change(void *context, const struct store_version *version);

#endif
