/* SPDX-License-Identifier: Apache-2.0 */
/* Transfers by path: what is refused, and what is left behind. Their bytes are compared on a real server (test_s3_transfer.py). */
#include <dirent.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "../fixture.h"
#include "pail/util/buf.h"
#include "pail/util/cleanup.h"
#include "pail/util/file.h"
#include "pail/util/interrupt.h"
#include "pail/util/str.h"

#define HEAD ANSWER("200 OK", "ETag: \"e\"\r\nContent-Length: 5\r\n", "")
#define BODY(text) ANSWER("200 OK", "ETag: \"e\"\r\n", text)
#define STORED ANSWER("200 OK", "ETag: \"e\"\r\n", "")

static char directory[] = "/tmp/pail-test-transfer-XXXXXX";

static int group_setup(void **state)
{
        (void)state;
        return mkdtemp(directory) && chdir(directory) == 0 ? 0 : -1;
}

static int group_teardown(void **state)
{
        char command[100];
        (void)state;
        snprintf(command, sizeof(command), "rm -rf '%s'", directory);
        return chdir("/") == 0 && system(command) == 0 ? 0 : -1;
}

static struct pail_object *new_object(struct fixture *f)
{
        struct pail_bucket *bucket = NULL;
        struct pail_object *object = NULL;
        assert_int_equal(pail_bucket_new(f->client, "b", &bucket), 0);
        assert_int_equal(pail_object_new(bucket, "k", &object), 0);
        pail_bucket_unref(bucket);
        return object;
}

static int upload(struct fixture *f, const char *path, struct pail_error *error)
{
        struct pail_object *object = new_object(f);
        char etag[PAIL_S3_ETAG_SIZE];
        *error = PAIL_ERROR_INIT;
        int r = pail_transfer_upload_file(object, path, NULL, NULL, etag, error);
        pail_object_free(object);
        return r;
}

static int download(struct fixture *f, const char *path, struct pail_error *error)
{
        struct pail_object *object = new_object(f);
        *error = PAIL_ERROR_INIT;
        int r = pail_transfer_download_file(object, path, NULL, error);
        pail_object_free(object);
        return r;
}

static void write_file(const char *path, const char *text, mode_t mode)
{
        assert_int_equal(pail_file_replace(path, text, strlen(text)), 0);
        assert_int_equal(chmod(path, mode), 0);
}

static void assert_file(const char *path, const char *text, mode_t mode)
{
        struct pail_buf content;
        struct stat status;
        pail_buf_init(&content, 1000);
        assert_int_equal(pail_file_read(path, &content), 0);
        assert_string_equal(content.data, text);
        assert_int_equal(stat(path, &status), 0);
        assert_int_equal(status.st_mode & 07777, mode);
        pail_buf_done(&content);
}

static void assert_nothing_is_left(void)
{
        _cleanup_closedir_ DIR *dir = opendir(".");
        for (struct dirent *entry; (entry = readdir(dir));)
                if (strstr(entry->d_name, ".pail."))
                        fail_msg("%s is left", entry->d_name);
}

static void test_upload_guesses_the_type(void **state)
{
        struct fixture *f = *state;
        struct pail_error error;
        write_file("page.html", "hello", 0644);
        fixture_answers(f, STORED, NULL);
        assert_int_equal(upload(f, "page.html", &error), 0);
        assert_string_equal(seen_header(&f->requests[0].head, "Content-Type"), "text/html");
        assert_string_equal(f->requests[0].body, "hello");
        struct pail_object *object = new_object(f);
        const struct pail_s3_headers none = { 0 };
        char etag[PAIL_S3_ETAG_SIZE];
        fixture_answers(f, STORED, NULL);
        assert_int_equal(pail_transfer_upload_file(object, "page.html", &none, NULL, etag, NULL), 0);
        assert_null(seen_header(&f->requests[0].head, "Content-Type"));
        pail_object_free(object);
}

static void bind_socket(const char *path)
{
        union {
                struct sockaddr_un local;
                struct sockaddr any;
        } address = { .local.sun_family = AF_UNIX };
        _cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        snprintf(address.local.sun_path, sizeof(address.local.sun_path), "%s", path);
        assert_int_equal(bind(fd, &address.any, sizeof(address.local)), 0);
}

static void test_what_is_no_file_is_refused(void **state)
{
        struct fixture *f = *state;
        struct pail_error error;
        assert_int_equal(mkdir("dir", 0700), 0);
        assert_int_equal(mkfifo("fifo", 0600), 0);
        bind_socket("socket");
        assert_int_equal(upload(f, "dir", &error), -EISDIR);
        assert_non_null(strstr(error.message, "dir"));
        assert_int_equal(upload(f, "fifo", &error), -EINVAL);
        assert_non_null(strstr(error.message, "FIFO"));
        assert_int_equal(upload(f, "socket", &error), -EINVAL);
        assert_non_null(strstr(error.message, "socket"));
        assert_int_equal(upload(f, "/dev/null", &error), -EINVAL);
        assert_non_null(strstr(error.message, "device"));
        assert_int_equal(upload(f, "absent", &error), -ENOENT);
        assert_int_equal(fixture_requests(f), 0);
        fixture_answers(f, HEAD, NULL);
        assert_int_equal(download(f, "dir", &error), -EISDIR);
        assert_int_equal(download(f, "fifo", &error), -EINVAL);
        assert_int_equal(download(f, "/dev/null", &error), -EINVAL);
        assert_int_equal(download(f, "absent/file", &error), -ENOENT);
        assert_nothing_is_left();
}

struct arrival {
        atomic_llong bytes;
};

static void count_arrived(void *context, int64_t delta_bytes)
{
        struct arrival *arrival = context;
        atomic_fetch_add(&arrival->bytes, delta_bytes);
}

static bool has_all_arrived(void *context)
{
        const struct arrival *arrival = context;
        return atomic_load(&arrival->bytes) == 5;
}

/* Nobody waits any more when the signal comes: the file stays as it was all the same. */
static void test_download_interrupted_at_its_end(void **state)
{
        struct fixture *f = *state;
        struct arrival arrival = { 0 };
        const struct pail_interrupt interrupt = { .is_set = has_all_arrived, .context = &arrival };
        const struct pail_download_options options = { .progress = count_arrived, .context = &arrival };
        struct pail_error error = PAIL_ERROR_INIT;
        write_file("kept", "before", 0600);
        fixture_answers(f, HEAD, BODY("hello"), NULL);
        struct pail_object *object = new_object(f);
        pail_interrupt_install(&interrupt);
        int r = pail_transfer_download_file(object, "kept", &options, &error);
        pail_interrupt_install(NULL);
        pail_object_free(object);
        assert_int_equal(r, -EINTR);
        assert_int_equal(error.class, PAIL_ERROR_CANCELLED);
        assert_file("kept", "before", 0600);
}

static void test_download_of_a_new_file(void **state)
{
        struct fixture *f = *state;
        struct pail_error error;
        char longest[256];
        memset(longest, 'n', 255);
        longest[255] = '\0';
        mode_t before = umask(027);
        fixture_answers(f, HEAD, BODY("hello"), NULL);
        assert_int_equal(download(f, longest, &error), 0);
        assert_file(longest, "hello", 0640);
        umask(before);
        assert_nothing_is_left();
}

static void test_download_over_a_file(void **state)
{
        struct fixture *f = *state;
        struct pail_error error;
        write_file("old", "before", 0604);
        assert_int_equal(symlink("old", "link"), 0);
        fixture_answers(f, HEAD, BODY("hello"), NULL);
        assert_int_equal(download(f, "link", &error), 0);
        assert_file("old", "hello", 0604);
        struct stat status;
        assert_int_equal(lstat("link", &status), 0);
        assert_true(S_ISLNK(status.st_mode));
        assert_int_equal(symlink("nowhere", "dangling"), 0);
        fixture_answers(f, HEAD, BODY("hello"), NULL);
        assert_int_equal(download(f, "dangling", &error), -ENOLINK);
        assert_nothing_is_left();
}

static void test_failed_download_changes_nothing(void **state)
{
        struct fixture *f = *state;
        struct pail_error error;
        write_file("kept", "before", 0600);
        fixture_answers(f, ERROR("404 No", "NoSuchKey"), NULL);
        assert_int_equal(download(f, "kept", &error), -ENOENT);
        fixture_answers(f, HEAD, ERROR("403 Forbidden", "AccessDenied"), NULL);
        assert_int_equal(download(f, "kept", &error), -EACCES);
        fixture_answers(f, HEAD, ERROR("403 Forbidden", "AccessDenied"), NULL);
        assert_int_equal(download(f, "new", &error), -EACCES);
        assert_file("kept", "before", 0600);
        assert_int_equal(access("new", F_OK), -1);
        assert_nothing_is_left();
}

static void test_download_to_a_pipe(void **state)
{
        struct fixture *f = *state;
        int ends[2];
        char text[6] = "";
        struct pail_object *object = new_object(f);
        const struct pail_download_options options = { .is_stream = true };
        assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
        fixture_answers(f, HEAD, BODY("hello"), NULL);
        assert_int_equal(pail_transfer_download(object, ends[1], &options, NULL), 0);
        assert_int_equal(read(ends[0], text, 5), 5);
        assert_string_equal(text, "hello");
        close(ends[0]);
        close(ends[1]);
        pail_object_free(object);
}

/* Stops it as soon as its first part is with the server, which says nothing. */
struct canceller {
        struct fixture *f;
        struct pail_upload *upload;
        pthread_mutex_t mutex;
};

static void watch(void *context, struct pail_upload *upload)
{
        struct canceller *canceller = context;
        pthread_mutex_lock(&canceller->mutex);
        canceller->upload = upload;
        pthread_mutex_unlock(&canceller->mutex);
}

static void *stop(void *context)
{
        struct canceller *canceller = context;
        bool is_over = false;
        gate_wait(&canceller->f->arrived, 2);
        while (!is_over) {
                pthread_mutex_lock(&canceller->mutex);
                is_over = !canceller->upload;
                if (!is_over)
                        pail_upload_stop(canceller->upload);
                pthread_mutex_unlock(&canceller->mutex);
                sleep_ms(20);
        }
        return NULL;
}

static void test_upload_is_stopped_and_aborted(void **state)
{
        struct fixture *f = *state;
        struct canceller canceller = { .f = f, .mutex = PTHREAD_MUTEX_INITIALIZER };
        struct pail_object *object = new_object(f);
        struct pail_error error = PAIL_ERROR_INIT;
        const struct pail_transfer_upload_options options = {
                .part_size_bytes = PAIL_S3_PART_MIN, .max_parts_in_flight = 1, .watch = watch, .context = &canceller
        };
        char etag[PAIL_S3_ETAG_SIZE];
        pthread_t thread;
        write_file("large", "", 0600);
        assert_int_equal(truncate("large", 3 * (off_t)PAIL_S3_PART_MIN), 0);
        fixture_answers(f,
                        ANSWER("200 OK", XML,
                               "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>"),
                        ANSWER_SILENCE, ANSWER("204 No Content", "", ""), NULL);
        assert_int_equal(pthread_create(&thread, NULL, stop, &canceller), 0);
        assert_int_equal(pail_transfer_upload_file(object, "large", NULL, &options, etag, &error), -EINTR);
        pthread_join(thread, NULL);
        assert_int_equal(error.class, PAIL_ERROR_CANCELLED);
        assert_string_equal(f->requests[2].head.method, "DELETE");
        assert_string_equal(f->requests[2].head.target, "/b/k?uploadId=u");
        pail_object_free(object);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_upload_guesses_the_type),
                TEST(test_what_is_no_file_is_refused),
                TEST(test_download_interrupted_at_its_end),
                TEST(test_download_of_a_new_file),
                TEST(test_download_over_a_file),
                TEST(test_failed_download_changes_nothing),
                TEST(test_download_to_a_pipe),
                TEST(test_upload_is_stopped_and_aborted),
        };
        return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
