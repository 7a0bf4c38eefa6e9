/* SPDX-License-Identifier: Apache-2.0 */
/* Upper directories, bucket entries and volumes, over buckets in a table and volumes in memory. */
#include <fcntl.h>
#include <pthread.h>

#include "../../support/fakefs/fake.h"
#include "../support/alloc.h"
#include "bucket_source.h"
#include "pail/mount/mount.h"
#include "pail/util/clock.h"

enum { TTL_MS = 100, LONG_TTL_MS = 600000, MEMORY = 8 << 20 };

static struct pail_fs_shared *shared;
static struct fake_source source;
static struct pail_mount *mount;
static const struct pail_fs_caller caller = { .uid = 1, .gid = 2 };

static struct pail_mount_options options_of(int64_t ttl_ms)
{
        return (struct pail_mount_options){
                .volume = { .shared = shared, .ttl_ms = ttl_ms, .dir_mode = 0750, .uid = 12, .gid = 34 },
                .can_manage_buckets = true,
                .source = &fake_source,
                .source_context = &source,
        };
}

static void open_mount(const struct pail_mount_options *options)
{
        assert_int_equal(pail_mount_new(options, &mount), 0);
}

static int setup(void **state)
{
        (void)state;
        fake_source_init(&source);
        mount = NULL;
        return pail_fs_shared_new(&(struct pail_fs_shared_options){ .memory_limit_bytes = MEMORY }, &shared);
}

static int teardown(void **state)
{
        (void)state;
        pail_mount_free(mount);
        pail_fs_shared_unref(shared);
        fake_source_done(&source);
        return 0;
}

static struct pail_fs_entry look_up(uint64_t parent, const char *name)
{
        struct pail_fs_entry entry = { 0 };
        assert_int_equal(pail_mount_lookup(mount, parent, name, &entry), 0);
        return entry;
}

static uint64_t id_of(uint64_t parent, const char *name)
{
        return look_up(parent, name).node_id;
}

struct names {
        char text[512];
        size_t limit, taken;
        struct pail_fs_entry last;
        uint64_t next_offset;
};

static int note_name(void *context, const char *name, const struct pail_fs_entry *entry, uint64_t next_offset)
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

static void assert_names(uint64_t id, const char *expected)
{
        struct pail_mount_dir *dir;
        struct names names = { 0 };
        assert_int_equal(pail_mount_opendir(mount, id, &dir), 0);
        assert_int_equal(pail_mount_readdir(dir, 0, false, note_name, &names), 0);
        assert_string_equal(names.text, expected);
        pail_mount_releasedir(dir);
}

static uint64_t create_file(uint64_t parent, const char *name, struct pail_handle **ret_handle)
{
        struct pail_fs_entry entry;
        assert_int_equal(pail_mount_create(mount, parent, name, 0600, O_RDWR, &caller, &entry, ret_handle), 0);
        return entry.node_id;
}

static unsigned volume_count(void)
{
        struct pail_mount_counters counters;
        pail_mount_counters(mount, &counters);
        return counters.volume_count;
}

/* What is seen from above enters nothing; ids tell of their volume. */
static void test_upper_directories(void **state)
{
        (void)state;
        struct pail_mount_options options = options_of(LONG_TTL_MS);
        struct fake_bucket *one = fake_source_add(&source, 0, "one", true);
        fake_source_add(&source, 0, "two", true);
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
        assert_int_equal(pail_mount_getattr(mount, entry.node_id, NULL, &attributes, &ttl_ms), 0);
        assert_int_equal(attributes.st_mtim.tv_sec, 1000);
        assert_int_equal(pail_mount_getattr(mount, PAIL_FS_ROOT, NULL, &attributes, &ttl_ms), 0);
        assert_int_equal(attributes.st_mode, S_IFDIR | 0750);
        assert_int_equal(pail_mount_getattr(mount, pail_fs_id(99, PAIL_FS_ROOT), NULL, &attributes, &ttl_ms), -ESTALE);
        assert_int_equal(volume_count(), 0);
        assert_int_equal(source.lists, 1);
        assert_int_equal(source.questions, 0);

        assert_int_equal(id_of(entry.node_id, "absent"), 0);
        assert_int_equal(volume_count(), 1);
        assert_int_equal(one->opens, 1);
        assert_int_equal(pail_mount_getattr(mount, entry.node_id, NULL, &attributes, &ttl_ms), 0);
        assert_int_equal(attributes.st_mtim.tv_sec, 1000); /* the volume was told */
        struct pail_handle *handle;
        uint64_t file = create_file(entry.node_id, "f", &handle);
        assert_int_equal(pail_fs_volume_of(file), pail_fs_volume_of(entry.node_id));
        pail_fs_release(handle);
        pail_mount_forget(mount, file, 1);
        pail_mount_forget(mount, entry.node_id, 5); /* never counted: the root of a volume stays */
        pail_mount_forget(mount, PAIL_FS_ROOT, 1);
}

static void test_groups(void **state)
{
        (void)state;
        static const char *const names[] = { "a", "b", NULL };
        struct pail_mount_options options = options_of(LONG_TTL_MS);
        options.group_names = names;
        fake_source_add(&source, 0, "same", true);
        fake_source_add(&source, 1, "same", true);
        fake_source_add(&source, 1, "mine", true);
        open_mount(&options);
        assert_names(PAIL_FS_ROOT, ". .. a b");
        assert_int_equal(source.lists, 0);
        uint64_t a = id_of(PAIL_FS_ROOT, "a"), b = id_of(PAIL_FS_ROOT, "b");
        assert_true(a != b && a != PAIL_FS_ROOT && b != PAIL_FS_ROOT);
        assert_int_equal(id_of(PAIL_FS_ROOT, "same"), 0);
        assert_names(a, ". .. same");
        assert_names(b, ". .. same mine");
        assert_true(id_of(a, "same") != id_of(b, "same"));
        assert_int_equal(id_of(a, "mine"), 0);
        struct pail_fs_entry entry;
        assert_int_equal(pail_mount_mkdir(mount, PAIL_FS_ROOT, "new", 0700, &caller, &entry), -EPERM);
        assert_int_equal(pail_mount_rmdir(mount, PAIL_FS_ROOT, "a"), -EPERM);
        assert_int_equal(pail_mount_mkdir(mount, b, "new", 0700, &caller, &entry), 0);
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
        fake_source_add(&source, 0, "one", true);
        struct fake_bucket *two = fake_source_add(&source, 0, "two", true);
        open_mount(&options);
        assert_int_equal(pail_mount_opendir(mount, PAIL_FS_ROOT, &dir), 0);
        assert_int_equal(pail_mount_readdir(dir, 0, true, note_name, &names), 0);
        assert_string_equal(names.text, ". .. one");
        assert_int_equal(names.last.node_id, 0); /* ttl 0: to be looked up */
        fake_source_delete(&source, two);
        names = (struct names){ .next_offset = names.next_offset };
        assert_int_equal(pail_mount_readdir(dir, names.next_offset, true, note_name, &names), 0);
        assert_string_equal(names.text, "two");
        names = (struct names){ 0 };
        assert_int_equal(pail_mount_readdir(dir, 0, true, note_name, &names), 0);
        assert_string_equal(names.text, ". .. one");
        pail_mount_releasedir(dir);
        pail_mount_free(mount);

        options = options_of(LONG_TTL_MS);
        open_mount(&options);
        names = (struct names){ 0 };
        assert_int_equal(pail_mount_opendir(mount, PAIL_FS_ROOT, &dir), 0);
        assert_int_equal(pail_mount_readdir(dir, 0, true, note_name, &names), 0);
        assert_int_equal(names.last.node_id, id_of(PAIL_FS_ROOT, "one"));
        assert_int_equal(names.last.attributes.st_mtim.tv_sec, 1000);
        /* left open: the end releases it */
}

static void test_calls_that_upper_directories_refuse(void **state)
{
        (void)state;
        struct pail_mount_options options = options_of(LONG_TTL_MS);
        fake_source_add(&source, 0, "one", true);
        fake_source_add(&source, 0, "two", true);
        open_mount(&options);
        uint64_t one = id_of(PAIL_FS_ROOT, "one"), two = id_of(PAIL_FS_ROOT, "two");
        struct pail_fs_entry entry;
        struct pail_handle *handle;
        struct stat attributes = { 0 };
        int64_t ttl_ms;
        bool keep_cache;
        assert_int_equal(pail_mount_mknod(mount, PAIL_FS_ROOT, "f", S_IFREG, 0, &caller, &entry), -EPERM);
        assert_int_equal(pail_mount_symlink(mount, PAIL_FS_ROOT, "l", "x", &caller, &entry), -EPERM);
        assert_int_equal(pail_mount_create(mount, PAIL_FS_ROOT, "f", 0600, O_RDWR, &caller, &entry, &handle), -EPERM);
        assert_int_equal(pail_mount_open(mount, PAIL_FS_ROOT, O_RDONLY, &caller, &handle, &keep_cache), -EPERM);
        assert_int_equal(pail_mount_unlink(mount, PAIL_FS_ROOT, "one"), -EPERM);
        assert_int_equal(
                pail_mount_setattr(mount, PAIL_FS_ROOT, NULL, &attributes, PAIL_FS_SET_MODE, &attributes, &ttl_ms),
                -EPERM);
        assert_int_equal(pail_mount_rename(mount, PAIL_FS_ROOT, "one", PAIL_FS_ROOT, "three", 0), -EPERM);
        assert_int_equal(pail_mount_rename(mount, one, "f", PAIL_FS_ROOT, "f", 0), -EXDEV);
        assert_int_equal(pail_mount_rename(mount, one, "f", two, "f", 0), -EXDEV);
        assert_int_equal(volume_count(), 0);
        pail_fs_release((create_file(one, "f", &handle), handle));
        assert_int_equal(pail_mount_rename(mount, one, "f", one, "g", 0), 0);
        assert_int_equal(id_of(one, "f"), 0);
        assert_true(id_of(one, "g") != 0);
        struct statvfs statistics;
        assert_int_equal(pail_mount_statfs(mount, &statistics), 0);
        assert_true(statistics.f_blocks > 0);
}

/* A bucket in no list can be entered, and is not shown. */
static void test_unlisted(void **state)
{
        (void)state;
        struct pail_mount_options options = options_of(LONG_TTL_MS);
        fake_source_add(&source, 0, "hidden", false);
        open_mount(&options);
        assert_names(PAIL_FS_ROOT, ". ..");
        uint64_t hidden = id_of(PAIL_FS_ROOT, "hidden");
        assert_true(hidden != 0);
        assert_int_equal(id_of(hidden, "x"), 0);
        assert_int_equal(volume_count(), 1);
        assert_names(PAIL_FS_ROOT, ". ..");
        assert_int_equal(id_of(PAIL_FS_ROOT, "absent"), 0);
        pail_mount_free(mount);

        source.list_result = -EPERM;
        open_mount(&options);
        assert_names(PAIL_FS_ROOT, ". ..");
        assert_true(id_of(PAIL_FS_ROOT, "hidden") != 0);
        pail_mount_free(mount);

        source.list_result = -ETIMEDOUT;
        open_mount(&options);
        struct pail_mount_dir *dir;
        struct names names = { 0 };
        assert_int_equal(pail_mount_opendir(mount, PAIL_FS_ROOT, &dir), 0);
        assert_int_equal(pail_mount_readdir(dir, 0, false, note_name, &names), -ETIMEDOUT);
        pail_mount_releasedir(dir);
        assert_true(id_of(PAIL_FS_ROOT, "hidden") != 0);
}

static void test_what_comes_and_goes(void **state)
{
        (void)state;
        struct pail_mount_options options = options_of(TTL_MS);
        struct fake_bucket *bucket = fake_source_add(&source, 0, "b", true);
        open_mount(&options);
        uint64_t first = id_of(PAIL_FS_ROOT, "b");
        assert_int_equal(id_of(first, "x"), 0);
        fake_source_delete(&source, bucket);
        fake_source_add(&source, 0, "late", true);
        usleep((TTL_MS + 20) * 1000);
        assert_int_equal(id_of(PAIL_FS_ROOT, "b"), 0);
        assert_names(PAIL_FS_ROOT, ". .. late");
        struct stat attributes;
        int64_t ttl_ms;
        assert_int_equal(pail_mount_getattr(mount, first, NULL, &attributes, &ttl_ms), 0); /* the kernel may have it */
        bucket->is_there = true;
        usleep((TTL_MS + 20) * 1000);
        uint64_t second = id_of(PAIL_FS_ROOT, "b");
        assert_true(second != 0 && second != first); /* another bucket, and another volume */
        source.exists_result = -ETIMEDOUT;
        usleep((TTL_MS + 20) * 1000);
        struct pail_fs_entry entry;
        assert_int_equal(pail_mount_lookup(mount, PAIL_FS_ROOT, "b", &entry), -ETIMEDOUT);
        source.exists_result = 0;
        assert_int_equal(id_of(PAIL_FS_ROOT, "b"), second);
        /* Gone between the lookup and the first call below it. */
        uint64_t late = id_of(PAIL_FS_ROOT, "late");
        source.open_result = -ENOENT;
        assert_int_equal(pail_mount_lookup(mount, late, "x", &entry), -ENOENT);
        source.open_result = 0;
        assert_int_equal(pail_mount_lookup(mount, late, "x", &entry), -ENOENT);
        assert_true(id_of(PAIL_FS_ROOT, "late") != late);
}

static void test_entering_fails(void **state)
{
        (void)state;
        struct pail_mount_options options = options_of(LONG_TTL_MS);
        struct fake_bucket *bucket = fake_source_add(&source, 0, "b", true);
        open_mount(&options);
        uint64_t b = id_of(PAIL_FS_ROOT, "b");
        struct pail_fs_entry entry;
        source.open_result = -ETIMEDOUT;
        assert_int_equal(pail_mount_lookup(mount, b, "x", &entry), -ETIMEDOUT);
        assert_int_equal(bucket->opens, 0);
        source.open_result = 0;
        assert_int_equal(pail_mount_lookup(mount, b, "x", &entry), 0);
        assert_int_equal(bucket->opens, 1);
}

static void test_making(void **state)
{
        (void)state;
        struct pail_mount_options options = options_of(LONG_TTL_MS);
        struct pail_fs_entry entry;
        open_mount(&options);
        assert_int_equal(pail_mount_mkdir(mount, PAIL_FS_ROOT, "new", 0700, &caller, &entry), 0);
        assert_true(entry.node_id != 0 && entry.attributes.st_mtim.tv_sec > 1000000);
        assert_int_equal(id_of(PAIL_FS_ROOT, "new"), entry.node_id);
        assert_names(PAIL_FS_ROOT, ". .. new");
        assert_int_equal(pail_mount_mkdir(mount, PAIL_FS_ROOT, "new", 0700, &caller, &entry), -EEXIST);
        uint64_t id = id_of(PAIL_FS_ROOT, "new");
        struct pail_handle *handle;
        create_file(id, "f", &handle);
        assert_int_equal(pail_mount_rmdir(mount, PAIL_FS_ROOT, "new"), -ENOTEMPTY); /* S3 knows of nothing */
        pail_fs_release(handle);
        assert_int_equal(pail_mount_rmdir(mount, PAIL_FS_ROOT, "new"), 0);
        assert_int_equal(id_of(PAIL_FS_ROOT, "new"), 0);
        assert_names(PAIL_FS_ROOT, ". ..");
        assert_int_equal(pail_mount_rmdir(mount, PAIL_FS_ROOT, "new"), -ENOENT);
        pail_mount_free(mount);

        options.can_manage_buckets = false;
        open_mount(&options);
        assert_int_equal(pail_mount_mkdir(mount, PAIL_FS_ROOT, "new", 0700, &caller, &entry), -EPERM);
        assert_int_equal(pail_mount_rmdir(mount, PAIL_FS_ROOT, "new"), -EPERM);
        pail_mount_free(mount);

        options.can_manage_buckets = options.volume.read_only = true;
        open_mount(&options);
        assert_int_equal(pail_mount_mkdir(mount, PAIL_FS_ROOT, "new", 0700, &caller, &entry), -EROFS);
        assert_int_equal(pail_mount_rmdir(mount, PAIL_FS_ROOT, "new"), -EROFS);
}

static void make_meanwhile(void *context)
{
        struct pail_fs_entry entry;
        assert_int_equal(pail_mount_mkdir(mount, PAIL_FS_ROOT, context, 0700, &caller, &entry), 0);
}

static void remove_meanwhile(void *context)
{
        assert_int_equal(pail_mount_rmdir(mount, PAIL_FS_ROOT, context), 0);
}

/* An answer that was on its way while a bucket was made or deleted here is not believed. */
static void test_old_answers(void **state)
{
        (void)state;
        struct pail_mount_options options = options_of(0);
        open_mount(&options);
        source.meanwhile_context = (char[]){ "made" };
        source.meanwhile = make_meanwhile;
        assert_names(PAIL_FS_ROOT, ". .. made");
        source.meanwhile = remove_meanwhile;
        assert_names(PAIL_FS_ROOT, ". ..");
        source.meanwhile = make_meanwhile;
        assert_true(id_of(PAIL_FS_ROOT, "made") != 0);
        source.meanwhile = remove_meanwhile;
        assert_int_equal(id_of(PAIL_FS_ROOT, "made"), 0);
}

static void test_end(void **state)
{
        (void)state;
        struct pail_mount_options options = options_of(LONG_TTL_MS);
        struct pail_handle *handle;
        struct pail_mount_dir *dir;
        fake_source_add(&source, 0, "one", true);
        fake_source_add(&source, 0, "two", true);
        open_mount(&options);
        assert_int_equal(pail_mount_drain(mount, 0), 0);
        create_file(id_of(PAIL_FS_ROOT, "one"), "unsent1", &handle);
        create_file(id_of(PAIL_FS_ROOT, "two"), "unsent2", &handle);
        create_file(id_of(PAIL_FS_ROOT, "two"), "unsent3", &handle);
        create_file(id_of(PAIL_FS_ROOT, "two"), "sent", &handle);
        assert_int_equal(pail_mount_opendir(mount, id_of(PAIL_FS_ROOT, "one"), &dir), 0);
        struct pail_mount_counters counters;
        pail_mount_counters(mount, &counters);
        assert_int_equal(counters.volumes.open_handles, 5);
        assert_int_equal(counters.volume_count, 2);
        assert_int_equal(pail_mount_drain(mount, 0), 3);
        pail_mount_counters(mount, &counters);
        assert_int_equal(counters.volumes.open_handles, 4); /* the directory was released */
}

static void test_single(void **state)
{
        (void)state;
        struct pail_fs *fs = pail_fake_new(0);
        struct pail_handle *handle;
        assert_int_equal(pail_mount_new_single(fs, &mount), 0);
        assert_names(PAIL_FS_ROOT, ". ..");
        assert_int_equal(create_file(PAIL_FS_ROOT, "f", &handle), 2);
        pail_fs_release(handle);
        assert_int_equal(pail_mount_unlink(mount, PAIL_FS_ROOT, "f"), 0);
        pail_mount_forget(mount, 2, 1);
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
        mount = NULL;
        int result = pail_mount_new(&options, &mount);
        if (result == 0)
                result = pail_mount_lookup(mount, PAIL_FS_ROOT, "a", &entry);
        if (result == 0)
                result = pail_mount_opendir(mount, entry.node_id, &dir);
        if (result == 0) {
                result = pail_mount_readdir(dir, 0, true, note_name, &read);
                pail_mount_releasedir(dir);
        }
        pail_mount_free(mount);
        mount = NULL;
        return result;
}

static void test_no_memory(void **state)
{
        (void)state;
        fake_source_add(&source, 0, "one", true);
        fake_source_add(&source, 0, "two", true);
        assert_true(test_alloc_each(new_and_list, NULL) > 5);
}

/* ---- everything at once ---- */

enum { WORKERS = 16, ROUNDS = 60 };

static void *work(void *argument)
{
        unsigned number = *(unsigned *)argument;
        char own[16];
        snprintf(own, sizeof(own), "own%u", number);
        for (unsigned i = 0; i < ROUNDS; i++) {
                struct pail_fs_entry entry = { 0 };
                struct pail_mount_dir *dir;
                struct names names = { 0 };
                if (pail_mount_lookup(mount, PAIL_FS_ROOT, "shared", &entry) != 0 || !entry.node_id ||
                    pail_mount_lookup(mount, entry.node_id, "x", &entry) != 0)
                        abort();
                if (pail_mount_mkdir(mount, PAIL_FS_ROOT, own, 0700, &caller, &entry) != 0 ||
                    pail_mount_opendir(mount, PAIL_FS_ROOT, &dir) != 0)
                        abort();
                if (pail_mount_readdir(dir, 0, true, note_name, &names) != 0 || !strstr(names.text, own))
                        abort();
                pail_mount_releasedir(dir);
                if (pail_mount_lookup(mount, entry.node_id, "x", &entry) != 0 ||
                    pail_mount_rmdir(mount, PAIL_FS_ROOT, own) != 0 ||
                    pail_mount_lookup(mount, PAIL_FS_ROOT, own, &entry) != 0 || entry.node_id)
                        abort();
        }
        return NULL;
}

static void test_many_at_once(void **state)
{
        (void)state;
        struct pail_mount_options options = options_of(1);
        struct fake_bucket *bucket = fake_source_add(&source, 0, "shared", true);
        pthread_t threads[WORKERS];
        unsigned numbers[WORKERS];
        open_mount(&options);
        for (unsigned i = 0; i < WORKERS; i++) {
                numbers[i] = i;
                assert_int_equal(pthread_create(&threads[i], NULL, work, &numbers[i]), 0);
        }
        for (unsigned i = 0; i < WORKERS; i++)
                pthread_join(threads[i], NULL);
        assert_int_equal(bucket->opens, 1); /* the volume is opened once, however many come */
        assert_int_equal(volume_count(), 1 + WORKERS * ROUNDS);
        assert_int_equal(pail_mount_drain(mount, 0), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        const struct CMUnitTest tests[] = {
                TEST(test_upper_directories),
                TEST(test_groups),
                TEST(test_reading),
                TEST(test_calls_that_upper_directories_refuse),
                TEST(test_unlisted),
                TEST(test_what_comes_and_goes),
                TEST(test_entering_fails),
                TEST(test_making),
                TEST(test_old_answers),
                TEST(test_end),
                TEST(test_single),
                TEST(test_no_memory),
                TEST(test_many_at_once),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
