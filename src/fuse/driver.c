/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of a session: new (options checked, nothing mounted), mount, run (serve), unmount, free. set_forest
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
#include "internal.h"
#include "loop.h"
#include "notify.h"
#include "pail/fuse/mountinfo.h"
#include "pail/util/cleanup.h"
#include "pail/util/log.h"
#include "pail/util/str.h"
#include "unmount.h"

enum { DEFAULT_THREADS = 64, MIN_THREADS = 4 };

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
        int result = pail_str_printf(&text, "%s%s", option, value);
        if (result < 0)
                return result;
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
        int result = add_option(arguments, "subtype=", "pail");
        if (result == 0)
                result = add_option(arguments, "fsname=", options->source);
        if (result == 0)
                result = add_option(arguments, "default_permissions", "");
        if (result == 0 && options->debug)
                result = add_option(arguments, "debug", "");
        for (const char *const *option = options->fuse_options; result == 0 && option && *option; option++) {
                uint64_t number;
                if (pail_str_starts_with(*option, "max_read=")) {
                        result = pail_str_to_u64(*option + strlen("max_read="), &number);
                        if (result == 0)
                                *ret_max_read_bytes = (unsigned)number;
                }
                if (result == 0)
                        result = add_option(arguments, *option, "");
        }
        return result;
}

static int new_session(struct pail_driver *driver, const struct pail_driver_options *options)
{
        struct fuse_lowlevel_ops operations = { .init = pail_fuse_negotiate };
        pail_fuse_entries_operations(&operations);
        pail_fuse_names_operations(&operations);
        pail_fuse_files_operations(&operations);
        pail_fuse_directories_operations(&operations);
        struct fuse_args arguments = FUSE_ARGS_INIT(0, NULL);
        int result = build_arguments(&arguments, options, &driver->max_read_bytes);
        if (result == 0) {
                driver->session = fuse_session_new(&arguments, &operations, sizeof(operations), driver);
                if (!driver->session)
                        result = -EINVAL;
        }
        fuse_opt_free_args(&arguments);
        return result;
}

/* After each request; the reply to INIT is the first. */
static void on_processed(void *context)
{
        struct pail_driver *driver = context;
        if (!atomic_load_explicit(&driver->said_init, memory_order_relaxed) ||
            atomic_load_explicit(&driver->said_ready, memory_order_relaxed) ||
            atomic_exchange(&driver->said_ready, true))
                return;
        pail_fuse_set_read_ahead(driver);
        if (driver->on_ready)
                driver->on_ready(driver->on_ready_context);
}

static int init_driver(struct pail_driver *driver, const struct pail_driver_options *options)
{
        driver->max_threads = options->max_threads ? options->max_threads : DEFAULT_THREADS;
        if (driver->max_threads < MIN_THREADS)
                driver->max_threads = MIN_THREADS;
        int result = pail_str_dup(options->mountpoint, &driver->mountpoint);
        if (result == 0)
                result = new_session(driver, options);
        if (result == 0)
                result = pail_loop_new(driver->session, driver->max_threads, on_processed, driver, &driver->loop);
        if (result == 0)
                result = pail_notifier_new(driver->session, &driver->notifier);
        return result;
}

int pail_driver_new(const struct pail_driver_options *options, struct pail_driver **ret_driver)
{
        struct pail_driver *driver = calloc(1, sizeof(*driver));
        if (!driver)
                return -ENOMEM;
        int result = init_driver(driver, options);
        if (result < 0)
                pail_driver_free(driver);
        else
                *ret_driver = driver;
        return result;
}

void pail_driver_free(struct pail_driver *driver)
{
        if (!driver)
                return;
        pail_driver_unmount(driver);
        pail_notifier_free(driver->notifier);
        pail_loop_free(driver->loop);
        if (driver->session)
                fuse_session_destroy(driver->session);
        free(driver->mountpoint);
        free(driver);
}

void pail_driver_set_forest(struct pail_driver *driver, struct pail_forest *forest)
{
        driver->forest = forest;
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
        int result = fuse_session_mount(driver->session, driver->mountpoint);
        char *message = pail_capture_end(&capture);
        if (result != 0) {
                *ret_message = message;
                return -EIO; /* libfuse tells no more than the message */
        }
        if (message)
                pail_log_warning("%s", message);
        free(message);
        *ret_message = NULL;
        driver->is_mounted = true;
        fuse_set_log_func(log_line);

        _cleanup_(pail_mountinfo_done) struct pail_mountinfo info = { 0 };
        if (pail_mountinfo_find(driver->mountpoint, &info) == 0) {
                driver->device_major = info.device_major;
                driver->device_minor = info.device_minor;
        }
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
        pail_fuse_abort_connection(driver);
        fuse_session_unmount(driver->session);
        pail_fuse_detach_mountpoint(driver);
}
