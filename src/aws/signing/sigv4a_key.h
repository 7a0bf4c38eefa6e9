/* SPDX-License-Identifier: Apache-2.0 */
/* The key of Signature Version 4A, which depends on the credentials alone, and the slot in which the last one is kept. */
#ifndef PAIL_SRC_AWS_SIGNING_SIGV4A_KEY_H
#define PAIL_SRC_AWS_SIGNING_SIGV4A_KEY_H

#include <openssl/types.h>

#include "pail/util/mutex.h"
#include "sigv4_digest.h"

/* One key: a client signs with one pair of credentials at a time. */
struct pail_sigv4a_slot {
        struct pail_mutex mutex;
        unsigned char id[PAIL_SHA256_SIZE]; /* digest of the credentials */
        EVP_PKEY *key;                      /* NULL: none yet */
};

void pail_sigv4a_slot_init(struct pail_sigv4a_slot *slot);
void pail_sigv4a_slot_done(struct pail_sigv4a_slot *slot);

/* The key of these credentials; slot NULL: derived in any case. One reference, the caller's (EVP_PKEY_free). -EIO: OpenSSL failed. Thread safe. */
int pail_sigv4a_key(struct pail_sigv4a_slot *slot, const char *access_key_id, const char *secret_access_key,
                    EVP_PKEY **ret_key);

#endif
