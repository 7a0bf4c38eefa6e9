/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets and the memory, the environment and the libraries that may hold them. */
#ifndef PAIL_DAEMON_SECRETS_H
#define PAIL_DAEMON_SECRETS_H

/* Has all libraries that see secrets keep them in memory for secrets. First of all in a process. */
void pail_secrets_prepare(void);
/*
 * Takes the secrets out of this process's environment: out of what /proc/PID/environ shows, of dumps, and of what child processes
 * inherit. For when the session has its copy, and before other threads use the environment.
 */
void pail_secrets_hide(void);

/*
 * A copy of this process's environment in memory for secrets, for sessions that are made after the above and in another working directory:
 * the files that it names for them are named from the root. NULL-terminated. -errno.
 */
int pail_secrets_keep_environment(char ***ret_environment);
void pail_secrets_free_environment(char **environment);

#endif
