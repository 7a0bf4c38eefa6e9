/* SPDX-License-Identifier: Apache-2.0 */
#include "help.h"

#include "option_table.h"

static const char *const category_titles[] = {
        [PAIL_OPTIONS_ACCESS] = "Access",
        [PAIL_OPTIONS_FILES] = "Files and directories",
        [PAIL_OPTIONS_OBJECTS] = "Objects on the server",
        [PAIL_OPTIONS_BEHAVIOUR] = "Behaviour",
        [PAIL_OPTIONS_LOCAL] = "On this machine",
};

static void print_option(FILE *file, const struct pail_option *option)
{
        char left[48];
        snprintf(left, sizeof(left), "%s%s%s", option->name, option->argument ? "=" : "",
                 option->argument ? option->argument : "");
        fprintf(file, "  %-24s %s", left, option->help);
        const char *words = option->default_words ? option->default_words : option->default_value;
        if (option->type != PAIL_OPTION_FLAG && words)
                fprintf(file, " [%s]", words);
        fputc('\n', file);
}

void pail_help_print(FILE *file)
{
        fputs("Usage: pail SOURCE MOUNTPOINT [-o OPTION[,OPTION...]] [-f] [-d]\n"
              "Mounts an S3 bucket as a directory.\n"
              "\n"
              "SOURCE is BUCKET, BUCKET:/PREFIX or s3://BUCKET/PREFIX; s3:// is all buckets. Unmount with\n"
              "\"umount MOUNTPOINT\", or \"fusermount3 -u MOUNTPOINT\" when not root.\n"
              "\n"
              "  -o OPTION,...            mount options, see below; a later one overrides an earlier one\n"
              "  -f                       stay in the foreground and log to stderr\n"
              "  -d                       the same, with everything that happens\n"
              "  -h                       this help\n"
              "  -V                       the version\n",
              file);
        for (int category = 0; category < PAIL_OPTIONS_CATEGORIES; category++) {
                fprintf(file, "\n%s:\n", category_titles[category]);
                for (const struct pail_option *option = pail_option_table; option->name; option++)
                        if (option->category == (enum pail_option_category)category)
                                print_option(file, option);
        }
        fputs("\nSizes take K, M, G, T; times take ms, s, m, h. The options of every FUSE file system (allow_root,\n"
              "auto_unmount, nosuid, noexec, fsname=, max_read= ...) and of mount(8) and fstab(5) are taken as well.\n",
              file);
}
