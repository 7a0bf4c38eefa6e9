/* SPDX-License-Identifier: Apache-2.0 */
/* A pail_source for the cache's scenarios: threads that answer fetches in any order, well or badly, as the seed says. */
#ifndef PAIL_TESTS_SIM_SOURCE_H
#define PAIL_TESTS_SIM_SOURCE_H

#include "../sim.h"
#include "pail/cache/blocks.h"

struct source;
struct source_object; /* what is asked for; the context of its pail_blocks */

struct source *source_new(struct pail_sim *sim);
/* Answers what is still open, ends the threads, and checks that each call was released once. */
void source_free(struct source *source);
const struct pail_source *source_functions(void);

struct source_object *source_object_new(struct source *source, uint64_t size_bytes);
/* After pail_blocks_free(). */
void source_object_free(struct source_object *object);
uint64_t source_object_blocks(const struct source_object *object);
/* What its bytes are: stays true when the object has gone. */
struct source_version {
        uint32_t number;
        uint64_t size_bytes;
};
struct source_version source_object_version(const struct source_object *object);

/* Some call that covered one of these blocks ended, or failed to start, with this error. */
bool source_has_told(const struct source_object *object, uint64_t first, unsigned count, int error);
/*
 * Around each use of a view by a reader, and after he acquired it. When he was interrupted, a fetch that nobody but him
 * ever waited for must have been cancelled. And around each pail_blocks_prefetch(), which is a wish to have what is under way (the range may go beyond the object).
 */
struct source_reading {
        uint64_t first;
        unsigned count;
        uint64_t wishes;
        uint64_t awaited[PAIL_VIEW_MAX_BLOCKS]; /* calls, by their number; 0: none */
};
void source_reader_comes(struct source_object *object, struct source_reading *reading);
void source_reader_waits(const struct source_object *object, struct source_reading *reading);
void source_reader_goes(struct source_object *object, const struct source_reading *reading, bool is_interrupted);
void source_ahead_begins(struct source_object *object, uint64_t first, uint64_t count);
void source_ahead_ends(struct source_object *object, uint64_t first, uint64_t count);
/* data are the bytes of that block, as far as the object goes. */
void source_check_block(const struct source_version *version, uint64_t number, const char *data);

#endif
