/* SPDX-License-Identifier: Apache-2.0 */
/* The mount under test, over buckets in a table and volumes in memory, and what its tests ask of it. */
#ifndef PAIL_TESTS_UNIT_MOUNT_FIXTURE_H
#define PAIL_TESTS_UNIT_MOUNT_FIXTURE_H

#include "bucket_source.h"
#include "pail/mount/mount.h"

enum { LONG_TTL_MS = 600000 };

struct fixture {
        struct pail_fs_shared *shared;
        struct fake_source source;
        struct pail_mount *mount;
};

extern struct fixture tested;
extern const struct pail_fs_caller caller;

int fixture_set_up(void **state);
int fixture_tear_down(void **state);
struct pail_mount_options options_of(int64_t ttl_ms);
void open_mount(const struct pail_mount_options *options);
struct pail_fs_entry look_up(uint64_t parent, const char *name);
/* 0: there is no such name. */
uint64_t id_of(uint64_t parent, const char *name);

struct names {
        char text[512];
        size_t limit, taken;
        struct pail_fs_entry last;
        uint64_t next_offset;
};
/* For pail_mount_readdir; context: struct names. */
int note_name(void *context, const char *name, const struct pail_fs_entry *entry, uint64_t next_offset);
void assert_names(uint64_t id, const char *expected);
uint64_t create_file(uint64_t parent, const char *name, struct pail_handle **ret_handle);
unsigned volume_count(void);

#endif
