/* SPDX-License-Identifier: Apache-2.0 */
/* The commands that a message tells the user to run. Stateless. */
#ifndef PAIL_SRC_AWS_CREDENTIALS_PROVIDERS_LOGIN_COMMAND_H
#define PAIL_SRC_AWS_CREDENTIALS_PROVIDERS_LOGIN_COMMAND_H

enum { PAIL_LOGIN_COMMAND_SIZE = 160 };

/* "aws login --profile me", as it can be typed: a name is quoted where a shell would split it; option NULL: no option. */
void pail_login_command(const char *command, const char *option, const char *name,
                        char ret_text[static PAIL_LOGIN_COMMAND_SIZE]);
/* The same with --profile, which the profile "default" needs not. */
void pail_login_command_of_profile(const char *command, const char *profile,
                                   char ret_text[static PAIL_LOGIN_COMMAND_SIZE]);

#endif
