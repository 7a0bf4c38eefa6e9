/* SPDX-License-Identifier: Apache-2.0 */
/* Upper directories, bucket entries and volumes, over buckets in a table and volumes in memory. */
#include <fcntl.h>

#include "../../support/fakefs/fake.h"
#include "../support/alloc.h"
#include "fixture.h"

/* What is seen from above enters nothing; ids tell of their volume. */
static void test_upper_directories(void **state)
{
        (void)state;
        struct pail_mount_options options = options_of(LONG_TTL_MS);
        struct fake_bucket *one = fake_source_add(&tested.source, 0, "one", true);
        fake_source_add(&tested.source, 0, "two", true);
        open_mount(&options);
        assert_names(PAIL_FS_ROOT, ". .. one two");
        struct pail_fs_entry entry = look_up(PAIL_FS_ROOT, "one");
        assert_int_equal(entry.node_id, pail_fs_id(pail_fs_volume_of(entry.node_id), PAIL_FS_ROOT));
        assert_int_equal(entry.attributes.st_ino, entry.node_id);
        assert_int_equal(entry.attributes.st_mode, S_IFDIR | 0750);
        assert_int_equal(entry.attributes.st_uid, 12);
        assert_int_equal(entry.attributes.st_mtim.tv_sec, 1000);
        assert_true(entry.entry_ttl_ms > 0 && entry.entry_ttl_ms <= LONG_TTL_MS);
        struct stat attributes;
        int64_t ttl_ms;
        assert_int_equal(pail_mount_getattr(tested.mount, entry.node_id, NULL, &attributes, &ttl_ms), 0);
        assert_int_equal(attributes.st_mtim.tv_sec, 1000);
        assert_int_equal(pail_mount_getattr(tested.mount, PAIL_FS_ROOT, NULL, &attributes, &ttl_ms), 0);
        assert_int_equal(attributes.st_mode, S_IFDIR | 0750);
        assert_int_equal(pail_mount_getattr(tested.mount, pail_fs_id(99, PAIL_FS_ROOT), NULL, &attributes, &ttl_ms),
                         -ESTALE);
        assert_int_equal(volume_count(), 0);
        assert_int_equal(tested.source.lists, 1);
        assert_int_equal(tested.source.questions, 0);

        assert_int_equal(id_of(entry.node_id, "absent"), 0);
        assert_int_equal(volume_count(), 1);
        assert_int_equal(one->opens, 1);
        assert_int_equal(pail_mount_getattr(tested.mount, entry.node_id, NULL, &attributes, &ttl_ms), 0);
        assert_int_equal(attributes.st_mtim.tv_sec, 1000); /* the volume was told */
        struct pail_handle *handle;
        uint64_t file = create_file(entry.node_id, "f", &handle);
        assert_int_equal(pail_fs_volume_of(file), pail_fs_volume_of(entry.node_id));
        pail_fs_release(handle);
        pail_mount_forget(tested.mount, file, 1);
        pail_mount_forget(tested.mount, entry.node_id, 5); /* never counted: the root of a volume stays */
        pail_mount_forget(tested.mount, PAIL_FS_ROOT, 1);
}

static void test_groups(void **state)
{
        (void)state;
        static const char *const names[] = { "a", "b", NULL };
        struct pail_mount_options options = options_of(LONG_TTL_MS);
        options.group_names = names;
        fake_source_add(&tested.source, 0, "same", true);
        fake_source_add(&tested.source, 1, "same", true);
        fake_source_add(&tested.source, 1, "mine", true);
        open_mount(&options);
        assert_names(PAIL_FS_ROOT, ". .. a b");
        assert_int_equal(tested.source.lists, 0);
        uint64_t a = id_of(PAIL_FS_ROOT, "a"), b = id_of(PAIL_FS_ROOT, "b");
        assert_true(a != b && a != PAIL_FS_ROOT && b != PAIL_FS_ROOT);
        assert_int_equal(id_of(PAIL_FS_ROOT, "same"), 0);
        assert_names(a, ". .. same");
        assert_names(b, ". .. same mine");
        assert_true(id_of(a, "same") != id_of(b, "same"));
        assert_int_equal(id_of(a, "mine"), 0);
        struct pail_fs_entry entry;
        assert_int_equal(pail_mount_mkdir(tested.mount, PAIL_FS_ROOT, "new", 0700, &caller, &entry), -EPERM);
        assert_int_equal(pail_mount_rmdir(tested.mount, PAIL_FS_ROOT, "a"), -EPERM);
        assert_int_equal(pail_mount_mkdir(tested.mount, b, "new", 0700, &caller, &entry), 0);
        assert_names(b, ". .. same mine new");
        assert_names(a, ". .. same");
}

/* The kernel's buffer is full after an entry; attributes come along; a rewind looks again. */
static void test_reading(void **state)
{
        (void)state;
        struct pail_mount_options options = options_of(0);
        struct pail_mount_dir *dir;
        struct names names = { .limit = 3 };
        fake_source_add(&tested.source, 0, "one", true);
        struct fake_bucket *two = fake_source_add(&tested.source, 0, "two", true);
        open_mount(&options);
        assert_int_equal(pail_mount_opendir(tested.mount, PAIL_FS_ROOT, &dir), 0);
        assert_int_equal(pail_mount_readdir(dir, 0, true, note_name, &names), 0);
        assert_string_equal(names.text, ". .. one");
        assert_int_equal(names.last.node_id, 0); /* ttl 0: to be looked up */
        fake_source_delete(&tested.source, two);
        names = (struct names){ .next_offset = names.next_offset };
        assert_int_equal(pail_mount_readdir(dir, names.next_offset, true, note_name, &names), 0);
        assert_string_equal(names.text, "two");
        names = (struct names){ 0 };
        assert_int_equal(pail_mount_readdir(dir, 0, true, note_name, &names), 0);
        assert_string_equal(names.text, ". .. one");
        pail_mount_releasedir(dir);
        pail_mount_free(tested.mount);

        options = options_of(LONG_TTL_MS);
        open_mount(&options);
        names = (struct names){ 0 };
        assert_int_equal(pail_mount_opendir(tested.mount, PAIL_FS_ROOT, &dir), 0);
        assert_int_equal(pail_mount_readdir(dir, 0, true, note_name, &names), 0);
        assert_int_equal(names.last.node_id, id_of(PAIL_FS_ROOT, "one"));
        assert_int_equal(names.last.attributes.st_mtim.tv_sec, 1000);
        /* left open: the end releases it */
}

static void test_calls_that_upper_directories_refuse(void **state)
{
        (void)state;
        struct pail_mount_options options = options_of(LONG_TTL_MS);
        fake_source_add(&tested.source, 0, "one", true);
        fake_source_add(&tested.source, 0, "two", true);
        open_mount(&options);
        uint64_t one = id_of(PAIL_FS_ROOT, "one"), two = id_of(PAIL_FS_ROOT, "two");
        struct pail_fs_entry entry;
        struct pail_handle *handle;
        struct stat attributes = { 0 };
        int64_t ttl_ms;
        bool keep_cache;
        assert_int_equal(pail_mount_mknod(tested.mount, PAIL_FS_ROOT, "f", S_IFREG, 0, &caller, &entry), -EPERM);
        assert_int_equal(pail_mount_symlink(tested.mount, PAIL_FS_ROOT, "l", "x", &caller, &entry), -EPERM);
        assert_int_equal(pail_mount_create(tested.mount, PAIL_FS_ROOT, "f", 0600, O_RDWR, &caller, &entry, &handle),
                         -EPERM);
        assert_int_equal(pail_mount_open(tested.mount, PAIL_FS_ROOT, O_RDONLY, &caller, &handle, &keep_cache), -EPERM);
        assert_int_equal(pail_mount_unlink(tested.mount, PAIL_FS_ROOT, "one"), -EPERM);
        assert_int_equal(pail_mount_setattr(tested.mount, PAIL_FS_ROOT, NULL, &attributes, PAIL_FS_SET_MODE,
                                            &attributes, &ttl_ms),
                         -EPERM);
        assert_int_equal(pail_mount_rename(tested.mount, PAIL_FS_ROOT, "one", PAIL_FS_ROOT, "three", 0), -EPERM);
        assert_int_equal(pail_mount_rename(tested.mount, one, "f", PAIL_FS_ROOT, "f", 0), -EXDEV);
        assert_int_equal(pail_mount_rename(tested.mount, one, "f", two, "f", 0), -EXDEV);
        assert_int_equal(volume_count(), 0);
        pail_fs_release((create_file(one, "f", &handle), handle));
        assert_int_equal(pail_mount_rename(tested.mount, one, "f", one, "g", 0), 0);
        assert_int_equal(id_of(one, "f"), 0);
        assert_true(id_of(one, "g") != 0);
        struct statvfs statistics;
        assert_int_equal(pail_mount_statfs(tested.mount, &statistics), 0);
        assert_true(statistics.f_blocks > 0);
}

/* A bucket in no list can be entered, and is not shown. */
static void test_unlisted(void **state)
{
        (void)state;
        struct pail_mount_options options = options_of(LONG_TTL_MS);
        fake_source_add(&tested.source, 0, "hidden", false);
        open_mount(&options);
        assert_names(PAIL_FS_ROOT, ". ..");
        uint64_t hidden = id_of(PAIL_FS_ROOT, "hidden");
        assert_true(hidden != 0);
        assert_int_equal(id_of(hidden, "x"), 0);
        assert_int_equal(volume_count(), 1);
        assert_names(PAIL_FS_ROOT, ". ..");
        assert_int_equal(id_of(PAIL_FS_ROOT, "absent"), 0);
        pail_mount_free(tested.mount);

        tested.source.list_result = -EPERM;
        open_mount(&options);
        assert_names(PAIL_FS_ROOT, ". ..");
        assert_true(id_of(PAIL_FS_ROOT, "hidden") != 0);
        pail_mount_free(tested.mount);

        tested.source.list_result = -ETIMEDOUT;
        open_mount(&options);
        struct pail_mount_dir *dir;
        struct names names = { 0 };
        assert_int_equal(pail_mount_opendir(tested.mount, PAIL_FS_ROOT, &dir), 0);
        assert_int_equal(pail_mount_readdir(dir, 0, false, note_name, &names), -ETIMEDOUT);
        pail_mount_releasedir(dir);
        assert_true(id_of(PAIL_FS_ROOT, "hidden") != 0);
}

static void test_entering_fails(void **state)
{
        (void)state;
        struct pail_mount_options options = options_of(LONG_TTL_MS);
        struct fake_bucket *bucket = fake_source_add(&tested.source, 0, "b", true);
        open_mount(&options);
        uint64_t b = id_of(PAIL_FS_ROOT, "b");
        struct pail_fs_entry entry;
        tested.source.open_result = -ETIMEDOUT;
        assert_int_equal(pail_mount_lookup(tested.mount, b, "x", &entry), -ETIMEDOUT);
        assert_int_equal(bucket->opens, 0);
        tested.source.open_result = 0;
        assert_int_equal(pail_mount_lookup(tested.mount, b, "x", &entry), 0);
        assert_int_equal(bucket->opens, 1);
}

static void test_end(void **state)
{
        (void)state;
        struct pail_mount_options options = options_of(LONG_TTL_MS);
        struct pail_handle *handle;
        struct pail_mount_dir *dir;
        fake_source_add(&tested.source, 0, "one", true);
        fake_source_add(&tested.source, 0, "two", true);
        open_mount(&options);
        assert_int_equal(pail_mount_drain(tested.mount, 0), 0);
        create_file(id_of(PAIL_FS_ROOT, "one"), "unsent1", &handle);
        create_file(id_of(PAIL_FS_ROOT, "two"), "unsent2", &handle);
        create_file(id_of(PAIL_FS_ROOT, "two"), "unsent3", &handle);
        create_file(id_of(PAIL_FS_ROOT, "two"), "sent", &handle);
        assert_int_equal(pail_mount_opendir(tested.mount, id_of(PAIL_FS_ROOT, "one"), &dir), 0);
        struct pail_mount_counters counters;
        pail_mount_counters(tested.mount, &counters);
        assert_int_equal(counters.volumes.open_handles, 5);
        assert_int_equal(counters.volume_count, 2);
        assert_int_equal(pail_mount_drain(tested.mount, 0), 3);
        pail_mount_counters(tested.mount, &counters);
        assert_int_equal(counters.volumes.open_handles, 4); /* the directory was released */
}

static void test_single(void **state)
{
        (void)state;
        struct pail_fs *fs = pail_fake_new(0);
        struct pail_handle *handle;
        assert_int_equal(pail_mount_new_single(fs, &tested.mount), 0);
        assert_names(PAIL_FS_ROOT, ". ..");
        assert_int_equal(create_file(PAIL_FS_ROOT, "f", &handle), 2);
        pail_fs_release(handle);
        assert_int_equal(pail_mount_unlink(tested.mount, PAIL_FS_ROOT, "f"), 0);
        pail_mount_forget(tested.mount, 2, 1);
        assert_int_equal(volume_count(), 1);
}

static int new_and_list(void *context)
{
        static const char *const names[] = { "a", "b", NULL };
        struct pail_mount_options options = options_of(LONG_TTL_MS);
        struct pail_mount_dir *dir = NULL;
        struct names read = { 0 };
        struct pail_fs_entry entry;
        (void)context;
        options.group_names = names;
        tested.mount = NULL;
        int result = pail_mount_new(&options, &tested.mount);
        if (result == 0)
                result = pail_mount_lookup(tested.mount, PAIL_FS_ROOT, "a", &entry);
        if (result == 0)
                result = pail_mount_opendir(tested.mount, entry.node_id, &dir);
        if (result == 0) {
                result = pail_mount_readdir(dir, 0, true, note_name, &read);
                pail_mount_releasedir(dir);
        }
        pail_mount_free(tested.mount);
        tested.mount = NULL;
        return result;
}

static void test_no_memory(void **state)
{
        (void)state;
        fake_source_add(&tested.source, 0, "one", true);
        fake_source_add(&tested.source, 0, "two", true);
        assert_true(test_alloc_each(new_and_list, NULL) > 5);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_upper_directories),
                TEST(test_groups),
                TEST(test_reading),
                TEST(test_calls_that_upper_directories_refuse),
                TEST(test_unlisted),
                TEST(test_entering_fails),
                TEST(test_end),
                TEST(test_single),
                TEST(test_no_memory),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
