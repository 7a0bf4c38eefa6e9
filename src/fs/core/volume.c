/* SPDX-License-Identifier: Apache-2.0 */
/* What all folders need of their volume: its words for the log, its deadlines, the pool that operations run on. */
#include "fs/core/volume.h"

#include <stdarg.h>
#include <stdio.h>

#include "pail/util/clock.h"

enum { MESSAGE_SIZE = 1024 };

void pail_fs_log(const struct pail_fs *fs, bool is_error, const char *format, ...)
{
        char message[MESSAGE_SIZE];
        va_list arguments;

        if (!fs->options.log)
                return;
        va_start(arguments, format);
        vsnprintf(message, sizeof(message), format, arguments);
        va_end(arguments);
        fs->options.log(fs->options.log_context, is_error, message);
}

const char *pail_fs_content_type(const struct pail_fs *fs, mode_t mode, const char *name)
{
        if (S_ISDIR(mode))
                return "application/x-directory";
        return S_ISREG(mode) && fs->options.types ? pail_mime_type(fs->options.types, name) : NULL;
}

int64_t pail_fs_deadline(const struct pail_fs *fs)
{
        return pail_clock_monotonic_ms() + fs->options.timeout_ms;
}

int pail_fs_run_operation(struct pail_fs *fs, int (*run)(void *argument), void (*release)(void *argument),
                          void *argument, struct pail_future **ret_future)
{
        int r = pail_future_start(fs->shared->operations, run, release, argument, ret_future);

        return r < 0 ? r : pail_future_wait(*ret_future, INT64_MAX);
}
