/* SPDX-License-Identifier: Apache-2.0 */
/* TLS for the test server, with a certificate made on the spot and signed by itself. */
#ifndef TESTS_HTTP_SERVER_TLS_H
#define TESTS_HTTP_SERVER_TLS_H

#include "server.h"

struct server_tls;

/* A certificate for that name: "IP:127.0.0.1" or "DNS:example.org". Valid for a day; expired: until yesterday. */
struct server_tls *server_tls_new(const char *name, bool expired);
void server_tls_free(struct server_tls *tls);
const struct transport *server_tls_transport(const struct server_tls *tls);
/* Writes the certificate as PEM. */
void server_tls_write(const struct server_tls *tls, const char *path);

#endif
