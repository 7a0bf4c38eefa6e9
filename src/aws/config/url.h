/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of an http or https URL that requests are addressed with (RFC 3986). Stateless. */
#ifndef PAIL_SRC_AWS_CONFIG_URL_H
#define PAIL_SRC_AWS_CONFIG_URL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All borrowed from the text; lengths, since nothing is terminated. */
struct pail_url {
        bool is_https;
        const char *host; /* name, IPv4 address, or IPv6 address with its brackets */
        size_t host_length;
        uint16_t port;    /* the scheme's own when none is written */
        const char *path; /* from the first '/' on; "" when there is none */
        size_t path_length;
        const char *query; /* after '?'; NULL: none */
        size_t query_length;
};

/* 0, or -EINVAL and in *ret_reason (static) what is wrong, in words. User names, passwords and fragments are refused. */
int pail_url_parse(const char *text, struct pail_url *ret_url, const char **ret_reason);
/* true for an IPv6 address in brackets and for four decimal numbers. */
bool pail_url_host_is_address(const char *host, size_t length);
/* The scheme's own port. */
static inline uint16_t pail_url_default_port(bool https)
{
        return https ? 443 : 80;
}

struct pail_buf;
/* Appends the Host header's value: the host in lower case, and ":port" when it is not the scheme's own. */
int pail_url_append_host(struct pail_buf *target, const struct pail_url *url);

#endif
