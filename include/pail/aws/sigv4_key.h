/* SPDX-License-Identifier: Apache-2.0 */
/* Keys that signatures are made with, kept from one request to the next: that of a day, and that of V4A. Thread safe. */
#ifndef PAIL_AWS_SIGV4_KEY_H
#define PAIL_AWS_SIGV4_KEY_H

struct pail_sigv4_key_cache;

int pail_sigv4_key_cache_new(struct pail_sigv4_key_cache **ret_cache);
void pail_sigv4_key_cache_free(struct pail_sigv4_key_cache *cache);

#endif
