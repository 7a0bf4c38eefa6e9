/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets are copied into memory that is wiped when it is released. */
#include "pail/aws/credentials.h"

#include <errno.h>

#include "pail/util/cleanup.h"
#include "pail/util/secret.h"
#include "pail/util/str.h"

void pail_credentials_done(struct pail_credentials *credentials)
{
        if (!credentials)
                return;
        pail_secret_free(credentials->access_key_id);
        pail_secret_free(credentials->secret_access_key);
        pail_secret_free(credentials->session_token);
        free(credentials->account_id);
        *credentials = (struct pail_credentials){ 0 };
}

int pail_credentials_copy(const struct pail_credentials *source, struct pail_credentials *ret_copy)
{
        struct pail_credentials copy = { .expires_at = source->expires_at, .provider = source->provider };
        int r = pail_str_dup(source->access_key_id, &copy.access_key_id);

        if (r == 0)
                r = pail_secret_dup(source->secret_access_key, &copy.secret_access_key);
        if (r == 0)
                r = pail_secret_dup(source->session_token, &copy.session_token);
        if (r == 0)
                r = pail_str_dup(source->account_id, &copy.account_id);
        if (r < 0) {
                pail_credentials_done(&copy);
                return r;
        }
        *ret_copy = copy;
        return 0;
}

bool pail_credentials_equal(const struct pail_credentials *a, const struct pail_credentials *b)
{
        return pail_str_equal(a->access_key_id, b->access_key_id) &&
               pail_str_equal(a->secret_access_key, b->secret_access_key) &&
               pail_str_equal(a->session_token, b->session_token);
}
