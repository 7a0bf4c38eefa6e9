/* SPDX-License-Identifier: Apache-2.0 */
/* Attributes from the headers of an object to an inode's, and back: two halves, on both sides of the remote. */
#include "fs/tree/attributes.h"

#include <sys/sysmacros.h>

#include "s3/remote/metadata.h"

#include "../../support/alloc.h"
#include "../../support/test.h"
#include "s3/remote/attributes.h"

enum { MODIFIED = 1700000000, SIZE = 1234 };

static const struct pail_fs_options options = { .uid = 501, .gid = 20, .file_mode = 0640, .dir_mode = 0750 };

static void read_info(const struct pail_fs_options *how, const struct pail_s3_object_metadata *info, bool is_directory,
                      struct pail_attributes *ret_attributes)
{
        struct pail_remote_object object = { .size_bytes = info->size_bytes, .last_modified = info->last_modified };
        pail_remote_attributes_read(&info->headers.metadata, &object.metadata.attributes);
        pail_attributes_read(how, &object, is_directory, ret_attributes);
}

static int write_attributes(const struct pail_attributes *attributes, struct pail_http_headers *metadata)
{
        const struct pail_remote_attributes stored = pail_attributes_stored(attributes);
        return pail_remote_attributes_write(&stored, metadata);
}

/* Reads headers given as name, value, name, value … NULL. */
static struct pail_attributes read_headers(bool is_directory, const char *const *headers)
{
        struct pail_s3_object_metadata info = { .size_bytes = SIZE, .last_modified = MODIFIED };
        struct pail_attributes attributes;
        for (; headers && headers[0]; headers += 2)
                assert_int_equal(pail_http_headers_add(&info.headers.metadata, headers[0], headers[1]), 0);
        read_info(&options, &info, is_directory, &attributes);
        pail_http_headers_done(&info.headers.metadata);
        return attributes;
}
#define READ(...) read_headers(false, (const char *const[]){ __VA_ARGS__, NULL })
#define READ_DIRECTORY(...) read_headers(true, (const char *const[]){ __VA_ARGS__, NULL })

static void assert_time(struct timespec time, int64_t seconds, long nanoseconds)
{
        assert_true(time.tv_sec == seconds);
        assert_int_equal(time.tv_nsec, nanoseconds);
}

static void test_without_headers(void **state)
{
        (void)state;
        for (int is_directory = 0; is_directory < 2; is_directory++) {
                struct pail_attributes attributes = read_headers(is_directory, NULL);
                assert_int_equal(attributes.mode, is_directory ? S_IFDIR | 0750 : S_IFREG | 0640);
                assert_int_equal(attributes.uid, 501);
                assert_int_equal(attributes.gid, 20);
                assert_int_equal(attributes.rdev, 0);
                assert_int_equal(attributes.size_bytes, SIZE);
                assert_time(attributes.atime, MODIFIED, 0);
                assert_time(attributes.mtime, MODIFIED, 0);
                assert_time(attributes.ctime, MODIFIED, 0);
        }
}

static void test_mode_forms(void **state)
{
        (void)state;
        static const struct {
                const char *name, *value;
                mode_t mode;
        } cases[] = {
                { "mode", "33188", S_IFREG | 0644 },
                { "mode", "420", S_IFREG | 0644 }, /* permissions alone */
                { "mode", "0", S_IFREG | 0 },
                { "mode", "41471", S_IFLNK | 0777 },
                { "mode", "4516", S_IFIFO | 0644 },
                { "mode", "49572", S_IFSOCK | 0644 },
                { "mode", "8612", S_IFCHR | 0644 },
                { "mode", "24996", S_IFBLK | 0644 },
                { "mode", "36856", S_IFREG | 07770 },
                { "mode", "0100600", S_IFREG | 0600 }, /* octal, as s3fs reads it */
                { "mode", "0755", S_IFREG | 0755 },
                { "permissions", "33188", S_IFREG | 0644 }, /* s3sync */
                { "permissions", "384", S_IFREG | 0600 },
                { "goog-reserved-posix-mode", "644", S_IFREG | 0644 },
                { "goog-reserved-posix-mode", "100755", S_IFREG | 0755 },
                { "file-permissions", "0600", S_IFREG | 0600 },
                { "file-permissions", "100444", S_IFREG | 0444 },
        };
        for (size_t i = 0; i < TEST_COUNT(cases); i++)
                assert_int_equal(READ(cases[i].name, cases[i].value).mode, cases[i].mode);
}

/* A key that ends with a slash is a directory, another one is none, whatever the header says. */
static void test_the_key_decides_about_directories(void **state)
{
        (void)state;
        assert_int_equal(READ_DIRECTORY("mode", "16877").mode, S_IFDIR | 0755);
        assert_int_equal(READ_DIRECTORY("mode", "493").mode, S_IFDIR | 0755);
        assert_int_equal(READ_DIRECTORY("mode", "33188").mode, S_IFDIR | 0644);
        assert_int_equal(READ_DIRECTORY("mode", "41471").mode, S_IFDIR | 0777);
        assert_int_equal(READ_DIRECTORY("goog-reserved-posix-mode", "700").mode, S_IFDIR | 0700);
        assert_int_equal(READ("mode", "16877").mode, S_IFREG | 0755);
        assert_int_equal(READ("file-permissions", "40700").mode, S_IFREG | 0700);
}

static void test_malformed_modes(void **state)
{
        (void)state;
        static const char *const values[] = {
                "",           "x",          "-1",
                "+1",         "33 188",     "33188.0",
                "0x81a4",     "0898",       "99999999999999999999",
                "61440", /* a type that there is not: the kernel answers EIO for it */
                "53248",      "4096000",    "65536",
                "4294967295", "4294967296", "0200644",
        };
        for (size_t i = 0; i < TEST_COUNT(values); i++) {
                assert_int_equal(READ("mode", values[i]).mode, S_IFREG | 0640);
                assert_int_equal(READ_DIRECTORY("permissions", values[i]).mode, S_IFDIR | 0750);
                assert_int_equal(READ("mode", values[i], "permissions", "384").mode, S_IFREG | 0600);
        }
        static const char *const octal[] = { "", "8", "0x1ff", "-644", "200644", "170644", "77777777777777" };
        for (size_t i = 0; i < TEST_COUNT(octal); i++) {
                assert_int_equal(READ("goog-reserved-posix-mode", octal[i]).mode, S_IFREG | 0640);
                assert_int_equal(READ("file-permissions", octal[i]).mode, S_IFREG | 0640);
        }
}

static void test_mode_precedence(void **state)
{
        (void)state;
        static const char *const all[] = {
                "file-permissions",
                "0604",
                "goog-reserved-posix-mode",
                "603",
                "permissions",
                "386",
                "mode",
                "385",
                NULL,
        };
        static const mode_t expected[] = { 0601, 0602, 0603, 0604 };
        const char *headers[TEST_COUNT(all)];
        memcpy(headers, all, sizeof(all));
        for (size_t i = 0; i < TEST_COUNT(expected); i++) {
                assert_int_equal(read_headers(false, headers).mode, S_IFREG | expected[i]);
                headers[TEST_COUNT(all) - 2 - 2 * i] = "?"; /* the best of them no longer parses */
        }
        assert_int_equal(read_headers(false, headers).mode, S_IFREG | 0640);
}

static void test_owner_forms(void **state)
{
        (void)state;
        static const char *const names[][2] = {
                { "uid", "gid" },
                { "owner", "group" },
                { "goog-reserved-posix-uid", "goog-reserved-posix-gid" },
                { "file-owner", "file-group" },
        };
        static const char *const malformed[] = { "", "root", "-1", "0x10", "1 0", "4294967295", "4294967296", "1.5" };
        for (size_t i = 0; i < TEST_COUNT(names); i++) {
                struct pail_attributes attributes = READ(names[i][0], "1000", names[i][1], "4294967294");
                assert_int_equal(attributes.uid, 1000);
                assert_int_equal(attributes.gid, 4294967294);
                attributes = READ(names[i][0], "0", names[i][1], "0");
                assert_int_equal(attributes.uid, 0);
                assert_int_equal(attributes.gid, 0);
                for (size_t j = 0; j < TEST_COUNT(malformed); j++) {
                        attributes = READ(names[i][0], malformed[j], names[i][1], malformed[j]);
                        assert_int_equal(attributes.uid, 501);
                        assert_int_equal(attributes.gid, 20);
                }
        }
        for (size_t i = 0; i + 1 < TEST_COUNT(names); i++) {
                struct pail_attributes attributes = READ(names[i + 1][0], "2", names[i + 1][1], "3", names[i][0], "4",
                                                         names[i][1], "x");
                assert_int_equal(attributes.uid, 4);
                assert_int_equal(attributes.gid, 3);
        }
}

static void test_forced_owner(void **state)
{
        (void)state;
        struct pail_fs_options forced = options;
        struct pail_s3_object_metadata info = { 0 };
        struct pail_attributes attributes;
        forced.force_owner = true;
        assert_int_equal(pail_http_headers_add(&info.headers.metadata, "uid", "1"), 0);
        assert_int_equal(pail_http_headers_add(&info.headers.metadata, "group", "2"), 0);
        assert_int_equal(pail_http_headers_add(&info.headers.metadata, "mode", "33152"), 0);
        read_info(&forced, &info, false, &attributes);
        pail_http_headers_done(&info.headers.metadata);
        assert_int_equal(attributes.uid, 501);
        assert_int_equal(attributes.gid, 20);
        assert_int_equal(attributes.mode, S_IFREG | 0600);
}

static void test_device_numbers(void **state)
{
        (void)state;
        assert_int_equal(READ("mode", "8612", "rdev", "1283").rdev, makedev(5, 3));
        assert_int_equal(READ("mode", "24996", "rdev", "2049").rdev, makedev(8, 1));
        assert_int_equal(READ("mode", "8612", "rdev", "x").rdev, 0);
        assert_int_equal(READ("mode", "8612").rdev, 0);
        assert_int_equal(READ("mode", "33188", "rdev", "1283").rdev, 0); /* of devices only */
}

static void test_time_forms(void **state)
{
        (void)state;
        static const struct {
                const char *text;
                int64_t seconds;
                long nanoseconds;
        } cases[] = {
                { "0", 0, 0 },
                { "1400000001", 1400000001, 0 },
                { "1400000001.", 1400000001, 0 },
                { "1400000001.5", 1400000001, 500000000 },
                { "1400000001.000000001", 1400000001, 1 },
                { "1400000001.999999999", 1400000001, 999999999 },
                { "1400000001.9999999999999999999999", 1400000001, 999999999 }, /* a float of rclone */
                { "-1", -1, 0 },
                { "-2.500000000", -2, 500000000 },
                { "4102444800.25", 4102444800, 250000000 }, /* beyond 2038 */
                { "9223372036854775807", INT64_MAX, 0 },
                { "-9223372036854775808", INT64_MIN, 0 },
        };
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                assert_time(READ("mtime", cases[i].text).mtime, cases[i].seconds, cases[i].nanoseconds);
                assert_time(READ("atime", cases[i].text).atime, cases[i].seconds, cases[i].nanoseconds);
                assert_time(READ("ctime", cases[i].text).ctime, cases[i].seconds, cases[i].nanoseconds);
                assert_time(READ("goog-reserved-file-mtime", cases[i].text).mtime, cases[i].seconds,
                            cases[i].nanoseconds);
        }
}

static void test_datasync_times(void **state)
{
        (void)state;
        static const struct {
                const char *text;
                int64_t seconds;
                long nanoseconds;
        } cases[] = {
                { "1400000001002003004ns", 1400000001, 2003004 }, { "5ns", 0, 5 },     { "0ns", 0, 0 }, { "0", 0, 0 },
                { "1400000001250", 1400000001, 250000000 },       { "7", 0, 7000000 },
        };
        static const char *const malformed[] = { "",
                                                 "ns",
                                                 "-1",
                                                 "-5ns",
                                                 "5 ns",
                                                 "5s",
                                                 "1.5",
                                                 "9223372036854775808ns",
                                                 "1111111111111111111111111111111ns" };
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                assert_time(READ("file-mtime", cases[i].text).mtime, cases[i].seconds, cases[i].nanoseconds);
                assert_time(READ("file-atime", cases[i].text).atime, cases[i].seconds, cases[i].nanoseconds);
        }
        for (size_t i = 0; i < TEST_COUNT(malformed); i++)
                assert_time(READ("file-mtime", malformed[i]).mtime, MODIFIED, 0);
}

static void test_malformed_times(void **state)
{
        (void)state;
        static const char *const values[] = {
                "",
                ".",
                ".5",
                "x",
                "1.5.5",
                "1.5x",
                "1.-5",
                "1e9",
                "+1",
                "1 5",
                "1. 5",
                "1,5",
                "--1",
                "-",
                "0x10",
                "2014-05-13",
                "9223372036854775808",
                "-9223372036854775809",
                "111111111111111111111111111111111111",
        };
        for (size_t i = 0; i < TEST_COUNT(values); i++) {
                struct pail_attributes attributes = READ("mtime", values[i], "atime", values[i], "ctime", values[i]);
                assert_time(attributes.mtime, MODIFIED, 0);
                assert_time(attributes.atime, MODIFIED, 0);
                assert_time(attributes.ctime, MODIFIED, 0);
                attributes = READ("mtime", values[i], "file-mtime", "7000", "goog-reserved-file-mtime", "8");
                assert_time(attributes.mtime, 8, 0);
                attributes = READ("mtime", values[i], "file-mtime", "7000", "goog-reserved-file-mtime", values[i]);
                assert_time(attributes.mtime, 7, 0);
        }
}

static void test_times_that_are_missing(void **state)
{
        (void)state;
        struct pail_attributes attributes = READ("mtime", "5.25");
        assert_time(attributes.mtime, 5, 250000000);
        assert_time(attributes.atime, 5, 250000000); /* a change after it is not known of */
        assert_time(attributes.ctime, 5, 250000000);
        attributes = READ("mtime", "5", "atime", "6.5", "ctime", "7");
        assert_time(attributes.mtime, 5, 0);
        assert_time(attributes.atime, 6, 500000000);
        assert_time(attributes.ctime, 7, 0);
        attributes = READ("atime", "6");
        assert_time(attributes.mtime, MODIFIED, 0);
        assert_time(attributes.atime, 6, 0);
        assert_time(attributes.ctime, MODIFIED, 0);
        assert_time(READ("file-mtime", "1000", "mtime", "2").mtime, 2, 0);
}

static void test_written_form(void **state)
{
        (void)state;
        static const char *const expected[][2] = {
                { "mode", "33188" },         { "uid", "1000" },
                { "gid", "4294967294" },     { "mtime", "1400000001.000000007" },
                { "ctime", "-1.999999999" }, { "atime", "0.000000000" },
        };
        const struct pail_attributes attributes = {
                .mode = S_IFREG | 0644,
                .uid = 1000,
                .gid = 4294967294,
                .rdev = 99,
                .size_bytes = 5,
                .mtime = { 1400000001, 7 },
                .ctime = { -1, 999999999 },
        };
        struct pail_http_headers metadata = { 0 };
        assert_int_equal(pail_http_headers_add(&metadata, "author", "somebody"), 0);
        assert_int_equal(pail_http_headers_add(&metadata, "Mode", "1"), 0);
        assert_int_equal(pail_http_headers_add(&metadata, "permissions", "384"), 0);
        for (int i = 0; i < 2; i++) { /* the second time replaces the first */
                assert_int_equal(write_attributes(&attributes, &metadata), 0);
                assert_int_equal(metadata.count, TEST_COUNT(expected) + 2);
                for (size_t j = 0; j < TEST_COUNT(expected); j++)
                        assert_string_equal(pail_http_headers_get(&metadata, expected[j][0]), expected[j][1]);
                assert_string_equal(pail_http_headers_get(&metadata, "author"), "somebody");
                assert_string_equal(pail_http_headers_get(&metadata, "permissions"), "384");
                assert_null(pail_http_headers_get(&metadata, "rdev"));
        }
        pail_http_headers_done(&metadata);
}

static void assert_round_trip(const struct pail_attributes *attributes)
{
        struct pail_s3_object_metadata info = { .size_bytes = attributes->size_bytes, .last_modified = MODIFIED };
        struct pail_attributes back;
        assert_int_equal(write_attributes(attributes, &info.headers.metadata), 0);
        read_info(&options, &info, S_ISDIR(attributes->mode), &back);
        pail_http_headers_done(&info.headers.metadata);
        assert_int_equal(back.mode, attributes->mode);
        assert_int_equal(back.uid, attributes->uid);
        assert_int_equal(back.gid, attributes->gid);
        assert_int_equal(back.rdev, attributes->rdev);
        assert_int_equal(back.size_bytes, attributes->size_bytes);
        assert_time(back.atime, attributes->atime.tv_sec, attributes->atime.tv_nsec);
        assert_time(back.mtime, attributes->mtime.tv_sec, attributes->mtime.tv_nsec);
        assert_time(back.ctime, attributes->ctime.tv_sec, attributes->ctime.tv_nsec);
}

static void test_round_trip(void **state)
{
        (void)state;
        static const mode_t types[] = { S_IFREG, S_IFDIR, S_IFLNK, S_IFIFO, S_IFSOCK, S_IFCHR, S_IFBLK };
        static const struct timespec times[] = {
                { 0, 0 },
                { 0, 1 },
                { 0, 999999999 },
                { 1, 100000000 },
                { -1, 0 },
                { -1, 999999999 },
                { -1000, 1 },
                { INT32_MAX, 123456789 },
                { -62135596800, 5 },
                { 253402300799, 9 },
                { INT64_MAX, 999999999 },
                { INT64_MIN, 999999999 },
        };
        for (size_t i = 0; i < TEST_COUNT(types) * TEST_COUNT(times); i++) {
                mode_t type = types[i % TEST_COUNT(types)];
                struct pail_attributes attributes = {
                        .mode = type | (i * 1237 & 07777),
                        .uid = (uid_t)(i * 60000007),
                        .gid = (gid_t)(i * 40000003),
                        .rdev = S_ISCHR(type) || S_ISBLK(type) ? makedev(i & 0xfff, i * 12345 & 0xfffff) : 0,
                        .size_bytes = i << 40,
                        .atime = times[i % TEST_COUNT(times)],
                        .mtime = times[(i + 5) % TEST_COUNT(times)],
                        .ctime = times[(i + 9) % TEST_COUNT(times)],
                };
                assert_round_trip(&attributes);
        }
}

static void test_to_stat(void **state)
{
        (void)state;
        struct pail_attributes attributes = {
                .mode = S_IFREG | 0644,
                .uid = 1,
                .gid = 2,
                .rdev = 0,
                .size_bytes = 513,
                .atime = { 3, 4 },
                .mtime = { -5, 6 },
                .ctime = { 7, 8 },
        };
        struct stat status;
        pail_attributes_to_stat(&attributes, 77, &status);
        assert_int_equal(status.st_ino, 77);
        assert_int_equal(status.st_mode, S_IFREG | 0644);
        assert_int_equal(status.st_nlink, 1);
        assert_int_equal(status.st_uid, 1);
        assert_int_equal(status.st_gid, 2);
        assert_int_equal(status.st_size, 513);
        assert_int_equal(status.st_blocks, 2);
        assert_time(status.st_atim, 3, 4);
        assert_time(status.st_mtim, -5, 6);
        assert_time(status.st_ctim, 7, 8);
        attributes.size_bytes = 0;
        pail_attributes_to_stat(&attributes, 77, &status);
        assert_int_equal(status.st_blocks, 0);
        attributes.mode = S_IFDIR | 0755;
        pail_attributes_to_stat(&attributes, 77, &status);
        assert_true(status.st_size > 0);
        assert_int_equal(status.st_nlink, 1);
        attributes.mode = S_IFBLK | 0600;
        attributes.rdev = makedev(8, 1);
        pail_attributes_to_stat(&attributes, 77, &status);
        assert_int_equal(status.st_rdev, makedev(8, 1));
}

static int write_headers(void *context)
{
        struct pail_http_headers metadata = { 0 };
        int r = write_attributes(context, &metadata);
        pail_http_headers_done(&metadata);
        return r;
}

static void test_out_of_memory(void **state)
{
        (void)state;
        struct pail_attributes attributes = { .mode = S_IFCHR | 0600, .rdev = makedev(1, 3) };
        assert_true(test_alloc_each(write_headers, &attributes) >= 7);

        /* Reading needs none, so that short memory is never taken for a missing header. */
        struct pail_s3_object_metadata info = { 0 };
        assert_int_equal(pail_http_headers_add(&info.headers.metadata, "mtime", "5.5"), 0);
        assert_int_equal(pail_http_headers_add(&info.headers.metadata, "file-atime", "7ns"), 0);
        test_alloc_fail_at(1);
        read_info(&options, &info, false, &attributes);
        assert_false(test_alloc_has_failed());
        test_alloc_fail_at(0);
        assert_time(attributes.mtime, 5, 500000000);
        assert_time(attributes.atime, 0, 7);
        pail_http_headers_done(&info.headers.metadata);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_without_headers),
                cmocka_unit_test(test_mode_forms),
                cmocka_unit_test(test_the_key_decides_about_directories),
                cmocka_unit_test(test_malformed_modes),
                cmocka_unit_test(test_mode_precedence),
                cmocka_unit_test(test_owner_forms),
                cmocka_unit_test(test_forced_owner),
                cmocka_unit_test(test_device_numbers),
                cmocka_unit_test(test_time_forms),
                cmocka_unit_test(test_datasync_times),
                cmocka_unit_test(test_malformed_times),
                cmocka_unit_test(test_times_that_are_missing),
                cmocka_unit_test(test_written_form),
                cmocka_unit_test(test_round_trip),
                cmocka_unit_test(test_to_stat),
                cmocka_unit_test(test_out_of_memory),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
