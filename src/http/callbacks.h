/* SPDX-License-Identifier: Apache-2.0 */
/* What curl calls while a transfer runs. */
#ifndef HTTP_CALLBACKS_H
#define HTTP_CALLBACKS_H

#include <curl/curl.h>

struct pail_http_transfer;

/* Once, on a new handle. */
CURLcode pail_http_callbacks_install(struct pail_http_transfer *transfer);

#endif
