/* SPDX-License-Identifier: Apache-2.0 */
/* Listings of the remote. */
#ifndef PAIL_SRC_S3_REMOTE_LIST_H
#define PAIL_SRC_S3_REMOTE_LIST_H

#include "pail/remote/remote.h"

int pail_s3_remote_list(struct pail_remote *remote, const struct pail_remote_listing *listing,
                        struct pail_remote_list **ret_list);
int pail_s3_remote_next_page(struct pail_remote_list *list, struct pail_remote_page *ret_page,
                             struct pail_remote_error *ret_error);
void pail_s3_remote_end_list(struct pail_remote_list *list);

#endif
