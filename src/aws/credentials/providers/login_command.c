/* SPDX-License-Identifier: Apache-2.0 */
/* A name that a shell would split is put between single quotes; the text is cut where it is longer than a message should be. */
#include "login_command.h"

#include <stdio.h>
#include <string.h>

#include "pail/util/str.h"

static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@%+=,";

void pail_login_command(const char *command, const char *option, const char *name,
                        char ret_text[static PAIL_LOGIN_COMMAND_SIZE])
{
        /* One with a quote in it would need more than quotes; whoever has one knows. */
        const char *quote = name && name[strspn(name, plain)] ? "'" : "";

        if (option)
                snprintf(ret_text, PAIL_LOGIN_COMMAND_SIZE, "%s %s %s%s%s", command, option, quote, name, quote);
        else
                snprintf(ret_text, PAIL_LOGIN_COMMAND_SIZE, "%s", command);
}

void pail_login_command_of_profile(const char *command, const char *profile,
                                   char ret_text[static PAIL_LOGIN_COMMAND_SIZE])
{
        pail_login_command(command, pail_str_equal(profile, "default") ? NULL : "--profile", profile, ret_text);
}
