/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys of the customer (SSE-C), as they stand in a file, and the headers that carry one. Which key an object was written with is
 * searched for in customer_key.h. Wiped when they are freed.
 */
#ifndef PAIL_SRC_S3_CALL_CUSTOMER_KEYS_H
#define PAIL_SRC_S3_CALL_CUSTOMER_KEYS_H

#include <stdbool.h>

#include "pail/http/request.h"
#include "pail/util/error.h"

struct pail_s3_customer_keys;

/* CONFIG, naming the file: it cannot be read, others can read it, or there is a line that is no key. */
int pail_s3_customer_keys_load(const char *path, struct pail_s3_customer_keys **ret_keys, struct pail_error *ret_error);
void pail_s3_customer_keys_free(struct pail_s3_customer_keys *keys);
unsigned pail_s3_customer_keys_count(const struct pail_s3_customer_keys *keys);

/* Sets the three headers of a key, or of the source's key in a copy; number == count: removes them. */
int pail_s3_customer_keys_set(const struct pail_s3_customer_keys *keys, bool of_source, unsigned number,
                              struct pail_http_headers *headers);
/* Wipes what the headers of a request hold. */
void pail_s3_customer_keys_wipe(struct pail_http_headers *headers);

#endif
