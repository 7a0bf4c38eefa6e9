/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"

#include <errno.h>
#include <string.h>

int pail_ctl_fail(const struct pail_error *error, int status)
{
        fprintf(stderr, "pailctl: %s\n", error->message);
        return status;
}

int pail_ctl_refuse(struct pail_error *ret_error, const char *command, const char *what, const char *why)
{
        pail_error_set(ret_error, PAIL_ERROR_CONFIG, "%s: %s %s (\"pailctl %s -h\" shows the usage)", command, what,
                       why, command);
        return -EINVAL;
}

int pail_ctl_refuse_option(struct pail_error *ret_error, const char *command, int letter, const char *word)
{
        char name[64];
        snprintf(name, sizeof(name), "%.*s", (int)strcspn(word, "="), word);
        return pail_ctl_refuse(ret_error, command, name, letter == ':' ? "needs an argument" : "is not understood");
}
