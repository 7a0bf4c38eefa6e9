/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of a mount, on one thread:
 *
 *   prepare_process      no core dumps, room for open files
 *   prepare_mount        options to a bucket that answers (prepare.c), then the volumes
 *   mount_at_mountpoint  the kernel knows the mount; umount can wait for its end
 *   on_ready             the first request came: the parent of the launch is told, and the terminal let go
 *   pail_driver_run      until an unmount or a signal
 *   end_mount            what is unsent is sent, the mount point vanishes, who waits is told
 *
 * The order of the end is a promise: the requests of programs are finished when run returns, and the mount point vanishes only when what is unsent
 * was sent, so that who sees it gone knows that S3 has everything.
 */
#include "pail/daemon/serve.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memory.h"
#include "pail/daemon/secrets.h"
#include "pail/daemon/unmount_wait.h"
#include "pail/fuse/driver.h"
#include "pail/fuse/mountinfo.h"
#include "pail/mount/mount.h"
#include "pail/s3/remote.h"
#include "pail/util/cleanup.h"
#include "pail/util/clock.h"
#include "pail/util/log.h"
#include "pail/util/str.h"
#include "signal_thread.h"

struct mount {
        struct pail_preparation *preparation;
        const struct pail_options *options; /* the preparation's */
        struct pail_launch *launch;
        bool is_daemon;
        struct pail_signal_thread *signals;
        struct pail_mime *types; /* NULL: new files get none */
        struct pail_fs_shared *shared;
        struct pail_mount *router;
        struct pail_unmount_wait unmount_wait;
};

/* In reverse of the beginning; each part may be absent. */
static void mount_done(struct mount *mount)
{
        if (mount->signals)
                pail_signal_thread_set_driver(mount->signals, NULL);
        pail_mount_free(mount->router); /* notifies through the driver to the last */
        pail_fs_shared_unref(mount->shared);
        pail_mime_free(mount->types);
        pail_preparation_done(mount->preparation);
        pail_unmount_wait_done(&mount->unmount_wait);
        pail_signal_thread_free(mount->signals);
}

static void prepare_process(const struct pail_options *options)
{
        umask(077);
        /* Memory holds secrets and other people's data: no core dump, no debugger of the same user; but -d is for debugging. */
        if (!options->debug)
                prctl(PR_SET_DUMPABLE, 0);
        /* Each file that has unsent bytes keeps one open, and each connection. */
        struct rlimit limit;
        if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
                limit.rlim_cur = limit.rlim_max;
                setrlimit(RLIMIT_NOFILE, &limit);
        }
        pail_memory_tune_malloc();
        pail_secrets_prepare();
        enum pail_log_level level = (enum pail_log_level)options->log_level;
        pail_log_set_level(options->debug && !options->is_log_level_given ? PAIL_LOG_DEBUG : level);
}

static void log_from_fs(void *context, bool is_error, const char *message)
{
        (void)context;
        if (is_error)
                pail_log_error("%s", message);
        else
                pail_log_info("%s", message);
}

/* What all volumes of the mount have in common. */
static struct pail_fs_options volume_options(const struct mount *mount)
{
        const struct pail_options *options = mount->options;
        return (struct pail_fs_options){
                .shared = mount->shared,
                .uid = options->uid >= 0 ? (uid_t)options->uid : getuid(),
                .gid = options->gid >= 0 ? (gid_t)options->gid : getgid(),
                .file_mode = (mode_t)(options->file_mode & ~options->umask),
                .dir_mode = (mode_t)(options->dir_mode & ~options->umask),
                .force_owner = options->uid >= 0 || options->gid >= 0,
                .read_only = options->read_only,
                .ttl_ms = options->ttl_ms,
                .timeout_ms = options->timeout_ms,
                .part_size_bytes = options->part_size_bytes,
                .max_connections = (unsigned)options->max_connections,
                .types = mount->types,
                .invalidate_node = pail_driver_invalidate_node,
                .invalidate_entry = pail_driver_invalidate_entry,
                .notify_context = mount->preparation->driver,
                .log = log_from_fs,
        };
}

static int new_single_mount(struct mount *mount, struct pail_error *ret_error)
{
        const struct pail_s3_remote_options remote_options = { .copy_threshold_bytes =
                                                                       mount->options->copy_threshold_bytes };
        struct pail_fs_options options = volume_options(mount);
        struct pail_remote *remote = NULL;
        struct pail_fs *fs = NULL;
        int r = pail_s3_remote_new(mount->preparation->s3.bucket, &remote_options, &remote);
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "cannot start");
        options.remote = remote;
        options.prefix = mount->preparation->source.prefix;
        options.state_dir = mount->preparation->state.directory.path;
        options.can_list = mount->preparation->finding.can_list;
        r = pail_fs_new(&options, &fs);
        remote->ops->unref(remote);
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "state_dir %s", mount->preparation->state.directory.path);
        r = pail_mount_new_single(fs, &mount->router);
        if (r < 0)
                pail_fs_free(fs);
        return r < 0 ? pail_error_set_errno(ret_error, -r, "cannot start") : 0;
}

static int new_bucket_mount(struct mount *mount, struct pail_error *ret_error)
{
        const struct pail_mount_options options = {
                .volume = volume_options(mount),
                .group_names = pail_buckets_groups(mount->preparation->buckets),
                .can_manage_buckets = mount->options->manage_buckets,
                .source = &pail_buckets_source,
                .source_context = mount->preparation->buckets,
        };
        int r = pail_mount_new(&options, &mount->router);
        return r < 0 ? pail_error_set_errno(ret_error, -r, "cannot start") : 0;
}

static int load_types(struct mount *mount, struct pail_error *ret_error)
{
        if (mount->options->content_type != PAIL_CONTENT_TYPE_AUTO || mount->options->read_only)
                return 0;
        int r = pail_mime_new(PAIL_MIME_GLOBS, PAIL_MIME_TYPES, &mount->types);
        return r < 0 ? pail_error_set_errno(ret_error, -r, "types of files") : 0;
}

static int new_volumes(struct mount *mount, uint64_t memory_limit_bytes, struct pail_error *ret_error)
{
        unsigned max_connections = (unsigned)mount->options->max_connections;
        const struct pail_fs_shared_options options = {
                .memory_limit_bytes = pail_memory_pool_bytes(memory_limit_bytes, max_connections),
                .spool_limit_bytes = mount->options->spool_limit_bytes,
        };
        int r = pail_fs_shared_new(&options, &mount->shared);
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "memory");
        r = load_types(mount, ret_error);
        if (r == 0)
                r = mount->preparation->buckets ? new_bucket_mount(mount, ret_error)
                                                : new_single_mount(mount, ret_error);
        if (r == 0)
                pail_driver_set_mount(mount->preparation->driver, mount->router);
        return r;
}

/* What the person who mounts may not have meant. */
static void log_finding(const struct pail_probe_finding *finding)
{
        if (finding->is_list_denied)
                pail_log_warning("the policy of this profile does not allow listing: directories will look empty, but "
                                 "names that are known can be opened");
        if (finding->empty.detail)
                pail_log_warning("%s; %s", finding->empty.detail, finding->empty.remedy);
}

/* All that comes before the mount, and what is mounted. */
static int prepare_mount(struct mount *mount, struct pail_error *ret_error)
{
        struct pail_preparation *preparation = mount->preparation;
        int r = pail_prepare(preparation, PAIL_PREPARE_PROBE, ret_error);
        if (r < 0) {
                pail_preparation_diagnose(preparation, ret_error);
                return r;
        }
        if (preparation->buckets)
                pail_accounts_log_failures(pail_buckets_accounts(preparation->buckets));
        else
                log_finding(&preparation->finding);
        return new_volumes(mount, preparation->memory_limit_bytes, ret_error);
}

/* The mount may be gone already, unless a signal stopped us; then it stays until all is sent. */
static void on_end(void *context)
{
        struct mount *mount = context;
        if (pail_signal_thread_was_signalled(mount->signals))
                return;
        pail_unmount_wait_accept(&mount->unmount_wait);
}

static int mount_at_mountpoint(struct mount *mount, struct pail_error *ret_error)
{
        /* From here on the signal thread takes the place of the parent's death: a report that nobody hears ends the mount. */
        pail_signal_thread_set_driver(mount->signals, mount->preparation->driver);
        prctl(PR_SET_PDEATHSIG, 0);
        _cleanup_free_ char *message = NULL;
        int r = pail_driver_mount(mount->preparation->driver, &message);
        if (r < 0) {
                pail_error_set(ret_error, PAIL_ERROR_CONFIG, "cannot mount on %s: %s", mount->preparation->mountpoint,
                               message ? message : strerror(-r));
                return r;
        }
        _cleanup_(pail_mountinfo_done) struct pail_mountinfo info = { 0 };
        if (pail_mountinfo_find(mount->preparation->mountpoint, &info) < 0 ||
            pail_unmount_wait_listen(&mount->unmount_wait, info.device_major, info.device_minor) < 0)
                pail_log_debug("umount will not be able to wait for the end");
        pail_driver_set_on_end(mount->preparation->driver, on_end, mount);
        return 0;
}

/* On a thread of the driver, once the kernel has begun to ask. */
static void on_ready(void *context)
{
        struct mount *mount = context;
        if (!pail_launch_report(mount->launch, NULL)) {
                pail_driver_stop(mount->preparation->driver);
                return;
        }
        if (mount->is_daemon) {
                char identity[64];
                snprintf(identity, sizeof(identity), "pail %s", pail_source_name_label(&mount->preparation->source));
                pail_log_to_syslog(identity);
                pail_launch_detach_stdio();
        }
        pail_log_info("%s is mounted on %s%s", mount->preparation->source.text, mount->preparation->mountpoint,
                      mount->options->read_only ? ", read-only" : "");
}

/* Returns the exit status. */
static int end_mount(struct mount *mount, int run_error)
{
        pail_signal_thread_set_draining(mount->signals);
        if (run_error < 0)
                pail_log_error("the connection to the kernel broke: %s", strerror(-run_error));
        unsigned unsent = pail_mount_drain(mount->router, pail_clock_monotonic_ms() + mount->options->timeout_ms);
        pail_unmount_wait_accept(&mount->unmount_wait);
        pail_driver_unmount(mount->preparation->driver);
        char message[512] = "";
        if (unsent > 0) {
                snprintf(message, sizeof(message),
                         "%u files could not be sent; their bytes are in %s/%s" PAIL_STATE_DIRECTORY_LOST, unsent,
                         mount->preparation->buckets ? pail_buckets_state_dir(mount->preparation->buckets)
                                                     : mount->preparation->state.directory.path,
                         mount->preparation->buckets ? "*/" : "");
                pail_log_error("%s", message);
        }
        pail_log_info("%s is unmounted from %s", mount->preparation->source.text, mount->preparation->mountpoint);
        pail_unmount_wait_tell(&mount->unmount_wait, message);
        return unsent > 0 || run_error < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

int pail_serve(struct pail_preparation *preparation, struct pail_launch *launch)
{
        prepare_process(preparation->options);
        _cleanup_(mount_done) struct mount mount = {
                .preparation = preparation,
                .options = preparation->options,
                .launch = launch,
                .is_daemon = launch->fd >= 0,
                .unmount_wait = PAIL_UNMOUNT_WAIT_INIT,
        };
        struct pail_error error = PAIL_ERROR_INIT;
        int r = pail_signal_thread_new(&mount.signals);
        if (r < 0)
                pail_error_set_errno(&error, -r, "cannot start");
        if (r == 0)
                r = prepare_mount(&mount, &error);
        if (r == 0)
                r = mount_at_mountpoint(&mount, &error);
        if (r < 0) {
                pail_launch_report(launch, error.message[0] ? error.message : strerror(-r));
                return EXIT_FAILURE;
        }
        if (mount.is_daemon && chdir("/") < 0)
                pail_log_debug("the working directory stays in use");
        r = pail_driver_run(mount.preparation->driver, on_ready, &mount);
        return end_mount(&mount, r);
}
