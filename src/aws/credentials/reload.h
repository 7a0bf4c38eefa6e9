/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The shared files of a session while it lives: programs that get keys for a person (aws-vault, saml2aws, a cron job) write them there when
 * the old ones have ended. They are looked at again before each load of the credentials, and when S3 does not accept those in use; read
 * only when a file is another one than before, by its inode, size or times. All else that a session was configured with, its
 * region and endpoints say, stays as it was when the session was made.
 */
#ifndef PAIL_SRC_AWS_CREDENTIALS_RELOAD_H
#define PAIL_SRC_AWS_CREDENTIALS_RELOAD_H

#include <sys/stat.h>

#include "aws/config/settings.h"
#include "chain.h"

/* What tells one state of a file from another. All zero: it is not there. */
struct pail_reload_stamp {
        dev_t device;
        ino_t inode;
        off_t size;
        struct timespec modified, changed;
};
/* path NULL: there is no such file. */
void pail_reload_stamp_read(const char *path, struct pail_reload_stamp *ret_stamp);

/* How a chain was filled, to fill it again. All but the stamps borrowed for the life of the chain. */
struct pail_reload_recipe {
        const struct pail_provider_context *context;
        const enum pail_provider_kind *order; /* PAIL_PROVIDER_KINDS of them */
        bool with_environment;
        bool config_required, credentials_required;   /* the user has named the file */
        struct pail_reload_stamp config, credentials; /* read before the files were */
};

/* Fills the chain, and lets it be made anew. -ENOMEM, -E2BIG. */
int pail_reload_fill(struct pail_provider_chain *chain, const struct pail_reload_recipe *recipe);

#endif
