/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/pailctl/transfer.h"

#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>

#include "cli/options.h"
#include "pail/util/buf.h"
#include "pail/util/cleanup.h"
#include "pail/util/file.h"
#include "run.h"

#define HEAD(size) ANSWER("200 OK", "ETag: \"e\"\r\nContent-Length: " size "\r\n", "")
#define BODY(text) ANSWER("200 OK", "ETag: \"e\"\r\n", text)
#define STORED ANSWER("200 OK", "ETag: \"e\"\r\n", "")

static char directory[] = "/tmp/pail-test-transfer-XXXXXX";

static int group_setup(void **state)
{
        sigset_t held;
        (void)state;
        sigemptyset(&held);
        sigaddset(&held, SIGTERM); /* for all threads: the transfer takes it */
        return pthread_sigmask(SIG_BLOCK, &held, NULL) == 0 && mkdtemp(directory) && chdir(directory) == 0 ? 0 : -1;
}

static int group_teardown(void **state)
{
        (void)state;
        unlink("file");
        return chdir("/") < 0 ? -1 : rmdir(directory);
}

/* One transfer with its two ends. */
struct trial {
        struct pail_s3_context s3;
        struct pail_options options;
        struct pail_ctl_object source, target;
        struct pail_ctl_transfer transfer;
        struct pail_error error;
        int signal_number;
};

/* NULL: that side is path. */
static void begin(struct trial *trial, struct fixture *f, const char *source, const char *target, const char *path)
{
        *trial = (struct trial){ .s3 = { .client = f->client, .session = f->session }, .error = PAIL_ERROR_INIT };
        assert_int_equal(pail_options_init(&trial->options, NULL), 0);
        if (source)
                assert_int_equal(pail_ctl_object_open(&trial->s3, source, NULL, &trial->source, NULL), 0);
        if (target)
                assert_int_equal(pail_ctl_object_open(&trial->s3, target, NULL, &trial->target, NULL), 0);
        trial->transfer = (struct pail_ctl_transfer){ .options = &trial->options,
                                                      .path = path,
                                                      .source = source ? &trial->source : NULL,
                                                      .target = target ? &trial->target : NULL };
}

static int transfer_run(struct trial *trial)
{
        return pail_ctl_transfer_run(&trial->transfer, &trial->signal_number, &trial->error);
}

static void trial_done(struct trial *trial)
{
        pail_ctl_object_close(&trial->source);
        pail_ctl_object_close(&trial->target);
        pail_options_done(&trial->options);
}

static void assert_file_has(const char *text)
{
        _cleanup_buf_ struct pail_buf buf = PAIL_BUF_INIT(1000);
        assert_int_equal(pail_file_read("file", &buf), 0);
        assert_string_equal(buf.data, text);
}

static void test_download(void **state)
{
        struct fixture *f = *state;
        _cleanup_(trial_done) struct trial trial = { 0 };
        begin(&trial, f, "s3://bucket/key", NULL, "file");
        fixture_answers(f, HEAD("5"), BODY("hello"), NULL);
        assert_int_equal(transfer_run(&trial), 0);
        assert_int_equal(trial.signal_number, 0);
        assert_file_has("hello");
}

static void test_download_to_stdout(void **state)
{
        struct fixture *f = *state;
        _cleanup_(trial_done) struct trial trial = { 0 };
        begin(&trial, f, "s3://bucket/key", NULL, "-");
        fixture_answers(f, HEAD("5"), BODY("hello"), NULL);
        struct capture capture = capture_begin();
        int r = transfer_run(&trial);
        _cleanup_(run_done) struct run run = capture_end(&capture, r);
        assert_int_equal(run.status, 0);
        assert_text(run.out, "hello");
        assert_text(run.err, ""); /* no bar where nobody looks */
}

static void test_download_absent(void **state)
{
        struct fixture *f = *state;
        _cleanup_(trial_done) struct trial trial = { 0 };
        assert_int_equal(pail_file_replace("file", "before", 6), 0);
        begin(&trial, f, "s3://bucket/key", NULL, "file");
        fixture_answers(f, ANSWER("404 Not Found", "", ""), NULL);
        assert_int_equal(transfer_run(&trial), -ENOENT);
        assert_int_equal(trial.error.http_status, 404);
        assert_file_has("before");
}

static void test_upload(void **state)
{
        struct fixture *f = *state;
        _cleanup_(trial_done) struct trial trial = { 0 };
        assert_int_equal(pail_file_replace("file", "content", 7), 0);
        begin(&trial, f, NULL, "s3://bucket/dir/key.txt", "file");
        fixture_answers(f, STORED, NULL);
        assert_int_equal(transfer_run(&trial), 0);
        assert_string_equal(f->requests[0].head.method, "PUT");
        assert_string_equal(f->requests[0].head.target, "/bucket/dir/key.txt");
        assert_string_equal(f->requests[0].body, "content");
        fixture_answers(f, STORED, NULL);
        trial.transfer.path = "missing";
        assert_int_equal(transfer_run(&trial), -ENOENT);
        assert_int_equal(fixture_requests(f), 0);
}

/* Standard input is a file of the test; its type is that of the key's name. */
static void test_upload_stdin(void **state)
{
        struct fixture *f = *state;
        _cleanup_(trial_done) struct trial trial = { 0 };
        int ends[2], saved = dup(STDIN_FILENO);
        assert_int_equal(pipe(ends), 0);
        assert_int_equal(write(ends[1], "piped", 5), 5);
        close(ends[1]);
        dup2(ends[0], STDIN_FILENO);
        close(ends[0]);
        begin(&trial, f, NULL, "s3://bucket/key", "-");
        trial.options.content_type = PAIL_CONTENT_TYPE_NONE;
        fixture_answers(f, STORED, NULL);
        int r = transfer_run(&trial);
        dup2(saved, STDIN_FILENO);
        close(saved);
        assert_int_equal(r, 0);
        assert_int_equal(fixture_requests(f), 1);
        assert_string_equal(f->requests[0].body, "piped");
}

static void *interrupt_when_asked(void *argument)
{
        struct fixture *f = argument;
        gate_wait(&f->arrived, 1);
        kill(getpid(), SIGTERM);
        return NULL;
}

/* A signal ends a download that the server does not answer; what was there is unchanged. */
static void test_signal(void **state)
{
        struct fixture *f = *state;
        _cleanup_(trial_done) struct trial trial = { 0 };
        pthread_t thread;
        assert_int_equal(pail_file_replace("file", "before", 6), 0);
        begin(&trial, f, "s3://bucket/key", NULL, "file");
        fixture_answers(f, ANSWER_SILENCE, NULL);
        assert_int_equal(pthread_create(&thread, NULL, interrupt_when_asked, f), 0);
        assert_int_equal(transfer_run(&trial), -EINTR);
        pthread_join(thread, NULL);
        assert_int_equal(trial.signal_number, SIGTERM);
        assert_file_has("before");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_download, fixture_set_up, fixture_tear_down),
                cmocka_unit_test_setup_teardown(test_download_to_stdout, fixture_set_up, fixture_tear_down),
                cmocka_unit_test_setup_teardown(test_download_absent, fixture_set_up, fixture_tear_down),
                cmocka_unit_test_setup_teardown(test_upload, fixture_set_up, fixture_tear_down),
                cmocka_unit_test_setup_teardown(test_upload_stdin, fixture_set_up, fixture_tear_down),
                cmocka_unit_test_setup_teardown(test_signal, fixture_set_up, fixture_tear_down),
        };
        return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
