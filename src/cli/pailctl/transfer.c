/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The thread that was started with blocks every signal, as all threads of the libraries do, so that one arrives at the thread that looks
 * for it. How a transfer is ended early depends on what it is: a download only reads, and its waits are interrupted; of an upload the
 * requests under way are cancelled, and what the server has of it is aborted; a copy in parts asks whether to end, and does the same.
 *
 * Two requests replace the target at once. A copy in one request is waited for, and so is the end of an upload in parts: their answer says
 * what has become of the target. The one request of a small file is cancelled, which changes nothing unless all its bytes were on their way.
 */
#include "transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pail/s3/transfer.h"
#include "pail/util/cleanup.h"
#include "pail/util/clock.h"
#include "pail/util/file.h"
#include "pail/util/future.h"
#include "pail/util/interrupt.h"
#include "pail/util/mime.h"
#include "pail/util/mutex.h"
#include "pail/util/str.h"
#include "progress.h"

enum { LOOK_EVERY_MS = 100, CHUNK = 256 * 1024 };

PAIL_DEFINE_CLEANUP(struct pail_workpool, pail_workpool_free);

struct job {
        const struct pail_ctl_transfer *transfer;
        struct pail_ctl_progress progress;
        atomic_bool is_stopped;
        uint64_t request_bytes;  /* of the file that goes in one request; of others UINT64_MAX */
        atomic_bool is_all_sent; /* of that one */
        struct pail_error error;
        struct {
                struct pail_mutex mutex;
                struct pail_cond cond;
                struct pail_upload *upload; /* NULL: none at the moment */
                bool has_ended;
        } guarded;
};

static bool is_stopped(void *context)
{
        const struct job *job = context;
        return atomic_load(&job->is_stopped);
}

static void watch_upload(void *context, struct pail_upload *upload)
{
        struct job *job = context;
        PAIL_LOCK(&job->guarded.mutex);
        job->guarded.upload = upload;
}

static void add_progress(void *context, int64_t delta_bytes)
{
        struct job *job = context;
        pail_ctl_progress_add(&job->progress, delta_bytes);
        if (atomic_load(&job->progress.moved) >= 0 && (uint64_t)atomic_load(&job->progress.moved) >= job->request_bytes)
                atomic_store(&job->is_all_sent, true);
}

/* Downloads */

static int download_object(struct job *job)
{
        const struct pail_ctl_transfer *transfer = job->transfer;
        struct pail_object *object = transfer->source->object;
        const struct pail_interrupt interrupt = { .is_set = is_stopped, .context = job };
        struct pail_download_options options = { .progress = add_progress, .context = job };
        pail_interrupt_install(&interrupt);
        int r = pail_object_load(object, &job->error);
        if (r >= 0)
                pail_ctl_progress_set_total(&job->progress, pail_object_metadata(object)->size_bytes);
        options.is_stream = pail_str_equal(transfer->path, "-");
        if (r >= 0 && options.is_stream)
                r = pail_transfer_download(object, STDOUT_FILENO, &options, &job->error);
        else if (r >= 0)
                r = pail_transfer_download_file(object, transfer->path, &options, &job->error);
        pail_interrupt_install(NULL);
        return r;
}

/* Uploads */

static void set_upload_size(struct job *job, uint64_t size_bytes)
{
        pail_ctl_progress_set_total(&job->progress, size_bytes);
        if (size_bytes > job->transfer->options->part_size_bytes)
                return;
        job->request_bytes = size_bytes;
        atomic_store(&job->is_all_sent, size_bytes == 0);
}

/* Of a name with '/'; content_type=none: no type. */
static int guess_type(const struct pail_options *options, const char *name, char **ret_type)
{
        struct pail_mime *mime = NULL;
        const char *slash = strrchr(name, '/');
        if (options->content_type != PAIL_CONTENT_TYPE_AUTO)
                return 0;
        int r = pail_mime_new(PAIL_MIME_GLOBS, PAIL_MIME_TYPES, &mime);
        if (r == 0)
                r = pail_str_dup(pail_mime_type(mime, slash ? slash + 1 : name), ret_type);
        pail_mime_free(mime);
        return r;
}

static int upload_file(struct job *job)
{
        static const struct pail_s3_headers no_headers = { 0 };
        const struct pail_ctl_transfer *transfer = job->transfer;
        const struct pail_transfer_upload_options options = {
                .part_size_bytes = transfer->options->part_size_bytes,
                .progress = add_progress,
                .watch = watch_upload,
                .context = job,
        };
        bool has_type = transfer->options->content_type == PAIL_CONTENT_TYPE_AUTO;
        char etag[PAIL_S3_ETAG_SIZE];
        struct stat status;
        if (stat(transfer->path, &status) == 0 && S_ISREG(status.st_mode))
                set_upload_size(job, (uint64_t)status.st_size);
        return pail_transfer_upload_file(transfer->target->object, transfer->path, has_type ? NULL : &no_headers,
                                         &options, etag, &job->error);
}

static const char *spool_directory(void)
{
        const char *directory = getenv("TMPDIR");
        return pail_str_is_empty(directory) ? "/tmp" : directory;
}

/* What is wrong with the file for what is read. */
static int fail_spool(struct job *job, int r)
{
        return pail_error_set_errno(&job->error, -r, "cannot keep what is read in %s (TMPDIR names another place)",
                                    spool_directory());
}

/* A file without a name, for what comes through a pipe: parts are sent again when a connection breaks. */
static int open_spool(int *ret_fd)
{
        const char *directory = spool_directory();
        int fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
        if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR)) { /* not every file system has such files */
                _cleanup_free_ char *name = NULL;
                if (pail_str_printf(&name, "%s/pail.XXXXXX", directory) < 0)
                        return -ENOMEM;
                fd = mkostemp(name, O_CLOEXEC);
                if (fd >= 0)
                        unlink(name);
        }
        if (fd < 0)
                return -errno;
        *ret_fd = fd;
        return 0;
}

/* Reads some of standard input, if there is some. The bytes; 0: the end; -errno. */
static ssize_t read_some(struct job *job, char *chunk)
{
        struct pollfd polled = { .fd = STDIN_FILENO, .events = POLLIN };
        ssize_t n = -1;
        while (n < 0) {
                if (is_stopped(job))
                        return -EINTR;
                int ready = poll(&polled, 1, LOOK_EVERY_MS);
                if (ready <= 0) {
                        if (ready < 0 && errno != EINTR)
                                return -errno;
                        continue;
                }
                n = read(STDIN_FILENO, chunk, CHUNK);
                if (n < 0 && errno != EINTR && errno != EAGAIN)
                        return -errno;
        }
        return n;
}

/* 1: some; 0: the end; < 0: *error is set. */
static int spool_some(struct job *job, int fd, uint64_t *size_bytes, char *chunk)
{
        ssize_t n = read_some(job, chunk);
        if (n < 0)
                return pail_error_set_errno(&job->error, (int)-n, "standard input");
        int r = pail_file_pwrite_all(fd, chunk, (size_t)n, (off_t)*size_bytes);
        *size_bytes += (uint64_t)n;
        return r < 0 ? fail_spool(job, r) : n > 0;
}

static int send_stdin(struct job *job, struct pail_upload *upload, int fd)
{
        _cleanup_free_ char *chunk = malloc(CHUNK);
        char etag[PAIL_S3_ETAG_SIZE];
        uint64_t size_bytes = 0;
        int more = chunk ? 1 : pail_error_set_errno(&job->error, ENOMEM, "standard input"), r = 0;
        while (more > 0 && r == 0) {
                more = spool_some(job, fd, &size_bytes, chunk);
                if (more > 0)
                        r = pail_upload_advance(upload, size_bytes, &job->error);
        }
        if (more < 0 || r < 0)
                return more < 0 ? more : r;
        set_upload_size(job, size_bytes);
        return pail_upload_finish(upload, size_bytes, NULL, etag, &job->error);
}

static int upload_stdin(struct job *job)
{
        const struct pail_ctl_object *target = job->transfer->target;
        _cleanup_(pail_s3_headers_done) struct pail_s3_headers headers = { 0 };
        _cleanup_close_ int fd = -1;
        struct pail_upload *upload = NULL;
        int r = open_spool(&fd);
        if (r < 0)
                return fail_spool(job, r);
        const struct pail_upload_options options = {
                .bucket = target->bucket,
                .key = target->name.key,
                .headers = &headers,
                .fd = fd,
                .part_size_bytes = job->transfer->options->part_size_bytes,
                .progress = add_progress,
                .context = job,
        };
        r = guess_type(job->transfer->options, target->name.key, &headers.content_type);
        if (r == 0)
                r = pail_upload_new(&options, &upload);
        if (r < 0)
                return pail_error_set_errno(&job->error, -r, "cannot begin an upload");
        watch_upload(job, upload);
        r = send_stdin(job, upload, fd);
        watch_upload(job, NULL);
        pail_upload_free(upload);
        return r;
}

static int load_source(struct job *job)
{
        const struct pail_interrupt interrupt = { .is_set = is_stopped, .context = job };
        pail_interrupt_install(&interrupt);
        int r = pail_object_load(job->transfer->source->object, &job->error);
        pail_interrupt_install(NULL);
        return r;
}

static int copy_object(struct job *job)
{
        const struct pail_ctl_transfer *transfer = job->transfer;
        const struct pail_object_copy_options options = {
                .threshold_bytes = transfer->options->copy_threshold_bytes,
                .takes_options = true,
                .progress = add_progress,
                .is_stopped = is_stopped,
                .context = job,
        };
        char etag[PAIL_S3_ETAG_SIZE];
        int r = load_source(job);
        if (r < 0)
                return r;
        pail_ctl_progress_set_total(&job->progress, pail_object_metadata(transfer->source->object)->size_bytes);
        return pail_object_copy(transfer->source->object, transfer->target->object, &options, etag, &job->error);
}

static int run_job(void *argument)
{
        struct job *job = argument;
        int r;
        if (!job->transfer->target)
                r = download_object(job);
        else if (job->transfer->source)
                r = copy_object(job);
        else
                r = pail_str_equal(job->transfer->path, "-") ? upload_stdin(job) : upload_file(job);
        PAIL_LOCK(&job->guarded.mutex);
        job->guarded.has_ended = true;
        pail_cond_signal(&job->guarded.cond);
        return r;
}

static void stop_job(struct job *job)
{
        atomic_store(&job->is_stopped, true);
        PAIL_LOCK(&job->guarded.mutex);
        if (job->guarded.upload)
                pail_upload_stop(job->guarded.upload);
}

static bool wait_some(struct job *job)
{
        PAIL_LOCK(&job->guarded.mutex);
        if (!job->guarded.has_ended)
                (void)pail_cond_wait_until(&job->guarded.cond, &job->guarded.mutex,
                                           pail_clock_monotonic_ms() + LOOK_EVERY_MS);
        return job->guarded.has_ended;
}

/* 0: none. */
static int take_signal(const sigset_t *signals)
{
        static const struct timespec at_once = { 0 };
        int signal_number = sigtimedwait(signals, NULL, &at_once);
        return signal_number > 0 ? signal_number : 0;
}

/* Returns the signal that asked for the end, or 0. */
static int watch_job(struct job *job, const sigset_t *signals)
{
        int first = 0;
        while (!wait_some(job)) {
                int signal_number = take_signal(signals);
                if (signal_number > 0 && first > 0) {
                        signal(signal_number, SIG_DFL);
                        raise(signal_number);
                        sigprocmask(SIG_UNBLOCK, signals, NULL);
                }
                if (signal_number > 0)
                        first = signal_number;
                if (first > 0)
                        stop_job(job); /* again, since a part may have begun meanwhile */
                pail_ctl_progress_draw(&job->progress);
        }
        return first > 0 ? first
                         : take_signal(signals); /* else it would end us once it is let through, without a word */
}

/* Signals that are ignored, as under nohup, stay ignored. */
static void collect_signals(sigset_t *signals)
{
        static const int all[] = { SIGINT, SIGTERM, SIGHUP };
        sigemptyset(signals);
        for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
                struct sigaction action;
                if (sigaction(all[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
                        sigaddset(signals, all[i]);
        }
}

static int run_watched(struct job *job, struct pail_workpool *pool, int *ret_signal)
{
        _cleanup_future_ struct pail_future *future = NULL;
        sigset_t signals, before;
        collect_signals(&signals);
        sigprocmask(SIG_BLOCK, &signals, &before);
        int r = pail_future_start(pool, run_job, NULL, job, &future);
        if (r < 0) {
                pail_error_set_errno(&job->error, -r, "a thread");
        } else {
                *ret_signal = watch_job(job, &signals);
                r = pail_future_wait(future, INT64_MAX);
                pail_ctl_progress_end(&job->progress, r >= 0);
        }
        sigprocmask(SIG_SETMASK, &before, NULL);
        return r;
}

static const char *label_of(const struct pail_ctl_transfer *transfer)
{
        const char *name = transfer->target ? transfer->target->name.key : transfer->source->name.key;
        const char *slash = strrchr(name, '/');
        return slash && slash[1] ? slash + 1 : name;
}

/* The words for an end by a signal. */
static void say_interrupted(const struct job *job, struct pail_error *ret_error)
{
        if (atomic_load(&job->is_all_sent))
                pail_error_set(ret_error, PAIL_ERROR_CANCELLED,
                               "interrupted before the server had answered; %s may be the new one already",
                               job->transfer->target->shown);
        else
                pail_error_set(ret_error, PAIL_ERROR_CANCELLED, "interrupted; what was there before is unchanged");
}

int pail_ctl_transfer_run(const struct pail_ctl_transfer *transfer, int *ret_signal, struct pail_error *ret_error)
{
        _cleanup_(pail_workpool_free_p) struct pail_workpool *pool = NULL;
        struct job job = { .transfer = transfer, .request_bytes = UINT64_MAX, .error = PAIL_ERROR_INIT };
        bool to_stdout = !transfer->target && pail_str_equal(transfer->path, "-");
        *ret_signal = 0;
        if (pail_workpool_new("transfer", 1, &pool) < 0)
                return pail_error_set_errno(ret_error, ENOMEM, "cp");
        pail_ctl_progress_init(&job.progress, label_of(transfer), !to_stdout || !isatty(STDOUT_FILENO));
        atomic_init(&job.is_stopped, false);
        atomic_init(&job.is_all_sent, false);
        pail_mutex_init(&job.guarded.mutex);
        pail_cond_init(&job.guarded.cond);
        int r = run_watched(&job, pool, ret_signal);
        pail_workpool_free(pail_steal(&pool)); /* the job touches its mutex until its thread has ended */
        pail_cond_done(&job.guarded.cond);
        pail_mutex_done(&job.guarded.mutex);
        if (r == -EINTR && *ret_signal > 0)
                say_interrupted(&job, ret_error);
        else if (r < 0)
                *ret_error = job.error;
        if (r < 0 && r != -EINTR)
                *ret_signal = 0;
        return r;
}
