/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <fcntl.h>

enum { MEMORY = 8 << 20 };

struct fixture tested;
const struct pail_fs_caller caller = { .uid = 1, .gid = 2 };

struct pail_mount_options options_of(int64_t ttl_ms)
{
        return (struct pail_mount_options){
                .volume = { .shared = tested.shared, .ttl_ms = ttl_ms, .dir_mode = 0750, .uid = 12, .gid = 34 },
                .can_manage_buckets = true,
                .source = &fake_source,
                .source_context = &tested.source,
        };
}

void open_mount(const struct pail_mount_options *options)
{
        assert_int_equal(pail_mount_new(options, &tested.mount), 0);
}

int fixture_set_up(void **state)
{
        (void)state;
        fake_source_init(&tested.source);
        tested.mount = NULL;
        return pail_fs_shared_new(&(struct pail_fs_shared_options){ .memory_limit_bytes = MEMORY }, &tested.shared);
}

int fixture_tear_down(void **state)
{
        (void)state;
        pail_mount_free(tested.mount);
        pail_fs_shared_unref(tested.shared);
        fake_source_done(&tested.source);
        return 0;
}

struct pail_fs_entry look_up(uint64_t parent, const char *name)
{
        struct pail_fs_entry entry = { 0 };
        assert_int_equal(pail_mount_lookup(tested.mount, parent, name, &entry), 0);
        return entry;
}

uint64_t id_of(uint64_t parent, const char *name)
{
        return look_up(parent, name).node_id;
}

int note_name(void *context, const char *name, const struct pail_fs_entry *entry, uint64_t next_offset)
{
        struct names *names = context;
        if (names->limit && names->taken == names->limit)
                return 1;
        assert_true(S_ISDIR(entry->attributes.st_mode));
        assert_true(entry->attributes.st_ino != 0);
        snprintf(names->text + strlen(names->text), sizeof(names->text) - strlen(names->text), "%s%s",
                 names->taken ? " " : "", name);
        names->taken++;
        names->last = *entry;
        names->next_offset = next_offset;
        return 0;
}

void assert_names(uint64_t id, const char *expected)
{
        struct pail_mount_dir *dir;
        struct names names = { 0 };
        assert_int_equal(pail_mount_opendir(tested.mount, id, &dir), 0);
        assert_int_equal(pail_mount_readdir(dir, 0, false, note_name, &names), 0);
        assert_string_equal(names.text, expected);
        pail_mount_releasedir(dir);
}

uint64_t create_file(uint64_t parent, const char *name, struct pail_handle **ret_handle)
{
        struct pail_fs_entry entry;
        assert_int_equal(pail_mount_create(tested.mount, parent, name, 0600, O_RDWR, &caller, &entry, ret_handle), 0);
        return entry.node_id;
}

unsigned volume_count(void)
{
        struct pail_mount_counters counters;
        pail_mount_counters(tested.mount, &counters);
        return counters.volume_count;
}
