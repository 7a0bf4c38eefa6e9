/* SPDX-License-Identifier: Apache-2.0 */
/* Buckets that are made and deleted while they are mounted, by the mount and by others. */
#include <pthread.h>

#include "fixture.h"

enum { TTL_MS = 100 };

static void test_what_comes_and_goes(void **state)
{
        (void)state;
        struct pail_mount_options options = options_of(TTL_MS);
        struct fake_bucket *bucket = fake_source_add(&tested.source, 0, "b", true);
        open_mount(&options);
        uint64_t first = id_of(PAIL_FS_ROOT, "b");
        assert_int_equal(id_of(first, "x"), 0);
        fake_source_delete(&tested.source, bucket);
        fake_source_add(&tested.source, 0, "late", true);
        usleep((TTL_MS + 20) * 1000);
        assert_int_equal(id_of(PAIL_FS_ROOT, "b"), 0);
        assert_names(PAIL_FS_ROOT, ". .. late");
        struct stat attributes;
        int64_t ttl_ms;
        assert_int_equal(pail_mount_getattr(tested.mount, first, NULL, &attributes, &ttl_ms),
                         0); /* the kernel may have it */
        bucket->is_there = true;
        usleep((TTL_MS + 20) * 1000);
        uint64_t second = id_of(PAIL_FS_ROOT, "b");
        assert_true(second != 0 && second != first); /* another bucket, and another volume */
        tested.source.exists_result = -ETIMEDOUT;
        usleep((TTL_MS + 20) * 1000);
        struct pail_fs_entry entry;
        assert_int_equal(pail_mount_lookup(tested.mount, PAIL_FS_ROOT, "b", &entry), -ETIMEDOUT);
        tested.source.exists_result = 0;
        assert_int_equal(id_of(PAIL_FS_ROOT, "b"), second);
        /* Gone between the lookup and the first call below it. */
        uint64_t late = id_of(PAIL_FS_ROOT, "late");
        tested.source.open_result = -ENOENT;
        assert_int_equal(pail_mount_lookup(tested.mount, late, "x", &entry), -ENOENT);
        tested.source.open_result = 0;
        assert_int_equal(pail_mount_lookup(tested.mount, late, "x", &entry), -ENOENT);
        assert_true(id_of(PAIL_FS_ROOT, "late") != late);
}

static void test_making(void **state)
{
        (void)state;
        struct pail_mount_options options = options_of(LONG_TTL_MS);
        struct pail_fs_entry entry;
        open_mount(&options);
        assert_int_equal(pail_mount_mkdir(tested.mount, PAIL_FS_ROOT, "new", 0700, &caller, &entry), 0);
        assert_true(entry.node_id != 0 && entry.attributes.st_mtim.tv_sec > 1000000);
        assert_int_equal(id_of(PAIL_FS_ROOT, "new"), entry.node_id);
        assert_names(PAIL_FS_ROOT, ". .. new");
        assert_int_equal(pail_mount_mkdir(tested.mount, PAIL_FS_ROOT, "new", 0700, &caller, &entry), -EEXIST);
        uint64_t id = id_of(PAIL_FS_ROOT, "new");
        struct pail_handle *handle;
        create_file(id, "f", &handle);
        assert_int_equal(pail_mount_rmdir(tested.mount, PAIL_FS_ROOT, "new"), -ENOTEMPTY); /* S3 knows of nothing */
        pail_fs_release(handle);
        assert_int_equal(pail_mount_rmdir(tested.mount, PAIL_FS_ROOT, "new"), 0);
        assert_int_equal(id_of(PAIL_FS_ROOT, "new"), 0);
        assert_names(PAIL_FS_ROOT, ". ..");
        assert_int_equal(pail_mount_rmdir(tested.mount, PAIL_FS_ROOT, "new"), -ENOENT);
        pail_mount_free(tested.mount);

        options.can_manage_buckets = false;
        open_mount(&options);
        assert_int_equal(pail_mount_mkdir(tested.mount, PAIL_FS_ROOT, "new", 0700, &caller, &entry), -EPERM);
        assert_int_equal(pail_mount_rmdir(tested.mount, PAIL_FS_ROOT, "new"), -EPERM);
        pail_mount_free(tested.mount);

        options.can_manage_buckets = options.volume.read_only = true;
        open_mount(&options);
        assert_int_equal(pail_mount_mkdir(tested.mount, PAIL_FS_ROOT, "new", 0700, &caller, &entry), -EROFS);
        assert_int_equal(pail_mount_rmdir(tested.mount, PAIL_FS_ROOT, "new"), -EROFS);
}

static void make_meanwhile(void *context)
{
        struct pail_fs_entry entry;
        assert_int_equal(pail_mount_mkdir(tested.mount, PAIL_FS_ROOT, context, 0700, &caller, &entry), 0);
}

static void remove_meanwhile(void *context)
{
        assert_int_equal(pail_mount_rmdir(tested.mount, PAIL_FS_ROOT, context), 0);
}

/* An answer that was on its way while a bucket was made or deleted here is not believed. */
static void test_old_answers(void **state)
{
        (void)state;
        struct pail_mount_options options = options_of(0);
        open_mount(&options);
        tested.source.meanwhile_context = (char[]){ "made" };
        tested.source.meanwhile = make_meanwhile;
        assert_names(PAIL_FS_ROOT, ". .. made");
        tested.source.meanwhile = remove_meanwhile;
        assert_names(PAIL_FS_ROOT, ". ..");
        tested.source.meanwhile = make_meanwhile;
        assert_true(id_of(PAIL_FS_ROOT, "made") != 0);
        tested.source.meanwhile = remove_meanwhile;
        assert_int_equal(id_of(PAIL_FS_ROOT, "made"), 0);
}

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
                if (pail_mount_lookup(tested.mount, PAIL_FS_ROOT, "shared", &entry) != 0 || !entry.node_id ||
                    pail_mount_lookup(tested.mount, entry.node_id, "x", &entry) != 0)
                        abort();
                if (pail_mount_mkdir(tested.mount, PAIL_FS_ROOT, own, 0700, &caller, &entry) != 0 ||
                    pail_mount_opendir(tested.mount, PAIL_FS_ROOT, &dir) != 0)
                        abort();
                if (pail_mount_readdir(dir, 0, true, note_name, &names) != 0 || !strstr(names.text, own))
                        abort();
                pail_mount_releasedir(dir);
                if (pail_mount_lookup(tested.mount, entry.node_id, "x", &entry) != 0 ||
                    pail_mount_rmdir(tested.mount, PAIL_FS_ROOT, own) != 0 ||
                    pail_mount_lookup(tested.mount, PAIL_FS_ROOT, own, &entry) != 0 || entry.node_id)
                        abort();
        }
        return NULL;
}

static void test_many_at_once(void **state)
{
        (void)state;
        struct pail_mount_options options = options_of(1);
        struct fake_bucket *bucket = fake_source_add(&tested.source, 0, "shared", true);
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
        assert_int_equal(pail_mount_drain(tested.mount, 0), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_what_comes_and_goes),
                TEST(test_making),
                TEST(test_old_answers),
                TEST(test_many_at_once),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
