/* SPDX-License-Identifier: Apache-2.0 */
/* The ACL of an object across a copy, which would otherwise reset it. */
#ifndef PAIL_SRC_S3_OPS_ACL_H
#define PAIL_SRC_S3_OPS_ACL_H

#include <stdbool.h>

#include "s3/call/client.h"

/*
 * true: the owner has full control and nobody else anything, which is what a new object gets. false also when in
 * doubt.
 */
bool pail_s3_acl_is_default(const char *document);

struct pail_s3_acl_reading {
        struct pail_s3_client *client;
        const char *bucket;
        struct pail_s3_call *call; /* NULL: nothing is asked */
        char *document;
};
/*
 * Starts to read the ACL, unless the client knows that it cannot be. Strings are borrowed until done. Never fails: an
 * ACL that cannot be read is not kept.
 */
void pail_s3_acl_begin(struct pail_s3_client *client, const char *bucket, const char *key, const char *version_id,
                       struct pail_s3_acl_reading *ret_reading);
/* Waits. The document, owned by the reading; NULL: the default, or not readable. May be called again. */
const char *pail_s3_acl_wait(struct pail_s3_acl_reading *reading);
void pail_s3_acl_done(struct pail_s3_acl_reading *reading);

#endif
