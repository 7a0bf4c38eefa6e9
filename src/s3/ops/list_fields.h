/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PAIL_SRC_S3_OPS_LIST_FIELDS_H
#define PAIL_SRC_S3_OPS_LIST_FIELDS_H

#include "pail/s3/types.h"

/* One element of an entry of a list. 0 too for a name that says nothing to us. -EBADMSG: it is not what it should be. -ENOMEM. */
int pail_s3_list_set_field(struct pail_s3_entry *entry, const char *name, const char *text);

#endif
