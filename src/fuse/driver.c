/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of a session: new (options checked, nothing mounted), mount, run (serve), unmount, free. set_mount
 * comes before run; stop may come at any time after new, from a signal handler too.
 *
 * run ends with the connection (umount, abort) or by stop; the mount point is still there after a stop, so that what
 * is unsent can be sent before it vanishes.
 */
#include "pail/fuse/driver.h"

#include <errno.h>
#include <fuse_opt.h>
#include <stdlib.h>
#include <string.h>

#include "capture.h"
#include "context.h"
#include "directories.h"
#include "entries.h"
#include "files.h"
#include "loop.h"
#include "names.h"
#include "negotiate.h"
#include "notify.h"
#include "pail/fuse/mountinfo.h"
#include "pail/util/cleanup.h"
#include "pail/util/log.h"
#include "pail/util/str.h"
#include "unmount.h"

enum { DEFAULT_THREADS = 64, MIN_THREADS = 4 };

struct pail_driver {
        struct pail_fuse_context context;
        struct pail_loop *loop;
        struct pail_notifier *notifier;
        char *mountpoint;
        bool is_mounted;
        struct pail_mountinfo mounted; /* what mount() made of it; empty: not found */
        _Atomic bool is_ready_told;    /* on_ready was called */
        void (*on_ready)(void *context);
        void *on_ready_context;
        void (*on_end)(void *context);
        void *on_end_context;
};

/* libfuse's own lines, once it does not write them to a terminal. */
static __attribute__((format(printf, 2, 0))) void log_line(enum fuse_log_level level, const char *format,
                                                           va_list arguments)
{
        char line[512];
        vsnprintf(line, sizeof(line), format, arguments);
        line[strcspn(line, "\n")] = '\0';
        if (!*line)
                return;
        if (level <= FUSE_LOG_ERR)
                pail_log_error("%s", line);
        else if (level <= FUSE_LOG_WARNING)
                pail_log_warning("%s", line);
        else
                pail_log_debug("%s", line);
}

static int add_option(struct fuse_args *arguments, const char *option, const char *value)
{
        _cleanup_free_ char *text = NULL, *escaped = NULL;
        int r = pail_str_printf(&text, "%s%s", option, value);
        if (r < 0)
                return r;
        if (fuse_opt_add_opt_escaped(&escaped, text) < 0 || fuse_opt_add_arg(arguments, "-o") < 0 ||
            fuse_opt_add_arg(arguments, escaped) < 0)
                return -ENOMEM;
        return 0;
}

/* Ours come first, so that the user's fsname= and subtype= win. default_permissions: the kernel checks modes and owners, which
 * it knows from us. */
static int build_arguments(struct fuse_args *arguments, const struct pail_driver_options *options,
                           unsigned *ret_max_read_bytes)
{
        if (fuse_opt_add_arg(arguments, "pail") < 0)
                return -ENOMEM;
        int r = add_option(arguments, "subtype=", "pail");
        if (r == 0)
                r = add_option(arguments, "fsname=", options->source);
        if (r == 0)
                r = add_option(arguments, "default_permissions", "");
        if (r == 0 && options->debug)
                r = add_option(arguments, "debug", "");
        for (const char *const *option = options->fuse_options; r == 0 && option && *option; option++) {
                uint64_t number;
                if (pail_str_starts_with(*option, "max_read=")) {
                        r = pail_str_to_u64(*option + strlen("max_read="), &number);
                        if (r == 0)
                                *ret_max_read_bytes = (unsigned)number;
                }
                if (r == 0)
                        r = add_option(arguments, *option, "");
        }
        return r;
}

static int new_session(struct pail_driver *driver, const struct pail_driver_options *options)
{
        struct fuse_lowlevel_ops operations = { .init = pail_fuse_negotiate };
        pail_fuse_entries_operations(&operations);
        pail_fuse_names_operations(&operations);
        pail_fuse_files_operations(&operations);
        pail_fuse_directories_operations(&operations);
        struct fuse_args arguments = FUSE_ARGS_INIT(0, NULL);
        int r = build_arguments(&arguments, options, &driver->context.max_read_bytes);
        if (r == 0) {
                driver->context.session = fuse_session_new(&arguments, &operations, sizeof(operations),
                                                           &driver->context);
                if (!driver->context.session)
                        r = -EINVAL;
        }
        fuse_opt_free_args(&arguments);
        return r;
}

/* After each request; the reply to INIT is the first. */
static void on_processed(void *context)
{
        struct pail_driver *driver = context;
        if (!atomic_load_explicit(&driver->context.is_negotiated, memory_order_relaxed) ||
            atomic_load_explicit(&driver->is_ready_told, memory_order_relaxed) ||
            atomic_exchange(&driver->is_ready_told, true))
                return;
        pail_fuse_set_read_ahead(&driver->mounted);
        if (driver->on_ready)
                driver->on_ready(driver->on_ready_context);
}

static int init_driver(struct pail_driver *driver, const struct pail_driver_options *options)
{
        driver->context.max_threads = options->max_threads ? options->max_threads : DEFAULT_THREADS;
        if (driver->context.max_threads < MIN_THREADS)
                driver->context.max_threads = MIN_THREADS;
        int r = pail_str_dup(options->mountpoint, &driver->mountpoint);
        if (r == 0)
                r = new_session(driver, options);
        if (r == 0)
                r = pail_loop_new(driver->context.session, driver->context.max_threads, on_processed, driver,
                                  &driver->loop);
        if (r == 0)
                r = pail_notifier_new(driver->context.session, &driver->notifier);
        return r;
}

int pail_driver_new(const struct pail_driver_options *options, struct pail_driver **ret_driver)
{
        struct pail_driver *driver = calloc(1, sizeof(*driver));
        if (!driver)
                return -ENOMEM;
        int r = init_driver(driver, options);
        if (r < 0)
                pail_driver_free(driver);
        else
                *ret_driver = driver;
        return r;
}

void pail_driver_free(struct pail_driver *driver)
{
        if (!driver)
                return;
        pail_driver_unmount(driver);
        pail_notifier_free(driver->notifier);
        pail_loop_free(driver->loop);
        if (driver->context.session)
                fuse_session_destroy(driver->context.session);
        free(driver->mountpoint);
        free(driver);
}

void pail_driver_set_mount(struct pail_driver *driver, struct pail_mount *mount)
{
        driver->context.mount = mount;
}

void pail_driver_invalidate_node(void *driver_, uint64_t node_id)
{
        struct pail_driver *driver = driver_;
        pail_notifier_node(driver->notifier, node_id);
}

void pail_driver_invalidate_entry(void *driver_, uint64_t parent_id, const char *name)
{
        struct pail_driver *driver = driver_;
        pail_notifier_entry(driver->notifier, parent_id, name);
}

int pail_driver_mount(struct pail_driver *driver, char **ret_message)
{
        struct pail_capture capture;
        pail_capture_begin(&capture);
        int r = fuse_session_mount(driver->context.session, driver->mountpoint);
        char *message = pail_capture_end(&capture);
        if (r != 0) {
                *ret_message = message;
                return -EIO; /* libfuse tells no more than the message */
        }
        if (message)
                pail_log_warning("%s", message);
        free(message);
        *ret_message = NULL;
        driver->is_mounted = true;
        fuse_set_log_func(log_line);

        (void)pail_mountinfo_find(driver->mountpoint, &driver->mounted);
        return 0;
}

int pail_driver_run(struct pail_driver *driver, void (*on_ready)(void *context), void *context)
{
        driver->on_ready = on_ready;
        driver->on_ready_context = context;
        return pail_loop_run(driver->loop, driver->on_end, driver->on_end_context);
}

void pail_driver_set_on_end(struct pail_driver *driver, void (*on_end)(void *context), void *context)
{
        driver->on_end = on_end;
        driver->on_end_context = context;
}

void pail_driver_stop(struct pail_driver *driver)
{
        pail_loop_stop(driver->loop);
}

void pail_driver_unmount(struct pail_driver *driver)
{
        if (!driver->is_mounted)
                return;
        driver->is_mounted = false;
        pail_fuse_abort_connection(&driver->mounted);
        fuse_session_unmount(driver->context.session);
        pail_fuse_detach_mountpoint(&driver->mounted);
        pail_mountinfo_done(&driver->mounted);
}
