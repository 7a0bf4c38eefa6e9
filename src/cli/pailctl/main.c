/* SPDX-License-Identifier: Apache-2.0 */
/* pailctl: asks and configures, where pail mounts. One table of commands. */
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "command.h"
#include "pail/daemon/secrets.h"
#include "pail/util/log.h"
#include "pail/util/str.h"

static const struct pail_ctl_command commands[] = {
        { "check", "whether a source can be mounted, step by step, and what to do where it cannot", pail_ctl_check },
        { "buckets", "the buckets of one or several profiles", pail_ctl_buckets },
        { "cp", "copies one file or object to another place", pail_ctl_cp },
        { "versions", "the versions of an object, and an old one brought back", pail_ctl_versions },
        { "tags", "the tags of an object, shown or changed", pail_ctl_tags },
        { "presign", "a URL with which anybody can read or write an object for a while", pail_ctl_presign },
        { "restore", "asks for a readable copy of an archived object", pail_ctl_restore },
        { "configure", "writes a profile, as \"aws configure\" does", pail_ctl_configure },
};
enum { COMMAND_COUNT = sizeof(commands) / sizeof(commands[0]) };

static void print_help(FILE *file)
{
        fputs("Usage: pailctl COMMAND [ARGUMENT...]\n\nCommands (\"pailctl COMMAND -h\" tells more):\n", file);
        for (size_t i = 0; i < COMMAND_COUNT; i++)
                fprintf(file, "  %-12s %s\n", commands[i].name, commands[i].summary);
        fputs("\n  -h           this help\n  -V           the version\n", file);
}

int main(int argc, char **argv)
{
        const char *name = argc > 1 ? argv[1] : "";
        /* Memory holds secrets: no core dump, no debugger of the same user. */
        pail_secrets_prepare();
        prctl(PR_SET_DUMPABLE, 0);
        pail_log_set_level(PAIL_LOG_ERROR);
        if (pail_str_equal(name, "-h") || pail_str_equal(name, "--help")) {
                print_help(stdout);
                return EXIT_SUCCESS;
        }
        if (pail_str_equal(name, "-V") || pail_str_equal(name, "--version")) {
                printf("pailctl (%s)\n", PACKAGE_STRING);
                return EXIT_SUCCESS;
        }
        for (size_t i = 0; i < COMMAND_COUNT; i++)
                if (pail_str_equal(commands[i].name, name))
                        return commands[i].run(argc - 1, argv + 1);
        if (*name)
                fprintf(stderr, "pailctl: there is no command '%s'\n", name);
        print_help(stderr);
        return PAIL_CTL_EXIT_USAGE;
}
