/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One program under several names: pail, the helpers mount.pail and mount.fuse.pail of mount(8), and umount.fuse.pail
 * of umount(8). What can be told to be wrong without threads or network is told here, before the fork.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command_line.h"
#include "daemon.h"
#include "mountpoint.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"
#include "profiles.h"
#include "serve.h"
#include "source.h"
#include "umount.h"

enum { EXIT_USAGE = 2 };

static int fail(const struct pail_error *error, int status)
{
        fprintf(stderr, "pail: %s\n", error->message);
        return status;
}

/* Flags of ours that the kernel must know as well. */
static int add_mount_flags(struct pail_options *options, struct pail_error *ret_error)
{
        int result = pail_options_add_fuse(options, options->read_only ? "ro" : "rw");
        if (result == 0 && options->allow_other)
                result = pail_options_add_fuse(options, "allow_other");
        if (result == 0 && options->allow_root)
                result = pail_options_add_fuse(options, "allow_root");
        return result < 0 ? pail_error_set_errno(ret_error, -result, "options") : 0;
}

static int serve(const struct pail_command_line *line, const struct pail_source_name *source, const char *mountpoint)
{
        struct pail_verdict verdict = { .fd = -1 };
        int status = EXIT_FAILURE, forked = 0;
        if (!line->options.foreground)
                forked = pail_daemon_fork(&verdict, &status);
        if (forked < 0)
                fprintf(stderr, "pail: fork: %s\n", strerror(-forked));
        return forked == 0 ? pail_serve(&line->options, source, mountpoint, &verdict) : status;
}

static int mount_main(int argc, char **argv, bool is_helper)
{
        struct pail_error error = PAIL_ERROR_INIT;
        _cleanup_(pail_command_line_done) struct pail_command_line line = { 0 };
        _cleanup_(pail_source_done) struct pail_source_name source = { 0 };
        _cleanup_free_ char *mountpoint = NULL;
        if (pail_command_line_parse(argc, argv, is_helper, &line, &error) < 0)
                return fail(&error, EXIT_USAGE);
        if (line.wants_help) {
                pail_help_print(stdout);
                return EXIT_SUCCESS;
        }
        if (line.wants_version) {
                puts(PACKAGE_STRING);
                return EXIT_SUCCESS;
        }
        if (pail_source_parse(line.source, &source, &error) < 0 ||
            pail_profile_list_check(&line.options, &source, &error) < 0)
                return fail(&error, EXIT_USAGE);
        if (add_mount_flags(&line.options, &error) < 0 || pail_mountpoint_check_fuse(&line.options, &error) < 0 ||
            pail_mountpoint_check(line.mountpoint, &line.options, &mountpoint, &error) < 0)
                return fail(&error, EXIT_FAILURE);
        return line.options.fake ? EXIT_SUCCESS : serve(&line, &source, mountpoint);
}

int main(int argc, char **argv)
{
        const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
        const char *name = slash ? slash + 1 : argc > 0 ? argv[0] : "pail";
        if (pail_str_starts_with(name, "umount."))
                return pail_umount_main(argc, argv);
        return mount_main(argc, argv, pail_str_starts_with(name, "mount."));
}
