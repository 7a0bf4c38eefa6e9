/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One program under several names: pail, the helpers mount.pail and mount.fuse.pail of mount(8), and umount.fuse.pail
 * of umount(8). What can be told to be wrong without threads or network is told here, before the fork.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command_line.h"
#include "help.h"
#include "mount_request.h"
#include "pail/daemon/launch.h"
#include "pail/daemon/prepare.h"
#include "pail/daemon/serve.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"
#include "umount.h"

enum { EXIT_USAGE = 2 };

static int print_failure(const struct pail_error *error, int status)
{
        fprintf(stderr, "pail: %s\n", error->message);
        return status;
}

static int serve_source(struct pail_preparation *preparation)
{
        struct pail_launch launch = { .fd = -1 };
        int status = EXIT_FAILURE, forked = 0;
        if (!preparation->options->foreground)
                forked = pail_launch_fork(&launch, &status);
        if (forked < 0)
                fprintf(stderr, "pail: fork: %s\n", strerror(-forked));
        return forked == 0 ? pail_serve(preparation, &launch) : status;
}

static int mount_source(struct pail_command_line *line)
{
        struct pail_error error = PAIL_ERROR_INIT;
        _cleanup_(pail_preparation_done) struct pail_preparation preparation = PAIL_PREPARATION_INIT;
        preparation.options = &line->options;
        preparation.mountpoint_text = line->mountpoint;
        preparation.is_for_mount = true;
        if (pail_mount_request_check(&line->options, line->source, &preparation.source, &error) < 0)
                return print_failure(&error, EXIT_USAGE);
        if (pail_prepare(&preparation, PAIL_PREPARE_FUSE, &error) < 0)
                return print_failure(&error, EXIT_FAILURE);
        return line->options.fake ? EXIT_SUCCESS : serve_source(&preparation);
}

static int mount_main(int argc, char **argv, bool is_helper)
{
        struct pail_error error = PAIL_ERROR_INIT;
        _cleanup_(pail_command_line_done) struct pail_command_line line = { 0 };
        if (pail_command_line_parse(argc, argv, is_helper, &line, &error) < 0)
                return print_failure(&error, EXIT_USAGE);
        if (line.is_help_wanted) {
                pail_help_print(stdout);
                return EXIT_SUCCESS;
        }
        if (line.is_version_wanted) {
                puts(PACKAGE_STRING);
                return EXIT_SUCCESS;
        }
        return mount_source(&line);
}

int main(int argc, char **argv)
{
        const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
        const char *name = slash ? slash + 1 : argc > 0 ? argv[0] : "pail";
        if (pail_str_starts_with(name, "umount."))
                return pail_umount_main(argc, argv);
        return mount_main(argc, argv, pail_str_starts_with(name, "mount."));
}
