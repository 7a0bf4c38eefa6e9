/* SPDX-License-Identifier: Apache-2.0 */
/* The credential service of a container. */
#ifndef PAIL_SRC_AWS_CREDENTIALS_PROVIDERS_CONTAINER_H
#define PAIL_SRC_AWS_CREDENTIALS_PROVIDERS_CONTAINER_H

#include "context.h"
#include "pail/util/buf.h"

/* "container-role". */
int pail_provider_container_add(struct pail_provider_chain *chain, const struct pail_provider_context *context);

/*
 * The URL that the environment names, appended. -ENOENT: none. -EINVAL with class CREDENTIALS: one that no token may be sent to. ret_who: for
 * messages, the service and its host without the path, which may be a secret.
 */
int pail_container_url(char *const *environment, struct pail_buf *ret_url, struct pail_buf *ret_who,
                       struct pail_error *ret_error);
/* What such a service answered. -EINVAL or -EKEYEXPIRED with class CREDENTIALS. */
int pail_container_parse(const char *who, const char *text, size_t length, struct pail_credentials *ret_credentials,
                         struct pail_error *ret_error);

#endif
