/* SPDX-License-Identifier: Apache-2.0 */
/*
 * As libcurl reads the environment: the lower-case name before the upper-case one, no HTTP_PROXY (a web server's CGI puts a client's header
 * "Proxy:" there), all_proxy last. no_proxy is a list of names, each with all names below it, of addresses, and of networks in CIDR notation.
 */
#include "pail/daemon/proxy.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "pail/util/cleanup.h"
#include "pail/util/str.h"

static const char *first_set(const char *const *names, const char **ret_name)
{
        for (; *names; names++) {
                const char *value = getenv(*names);
                if (!pail_str_is_empty(value)) {
                        *ret_name = *names;
                        return value;
                }
        }
        return NULL;
}

/* Without the port and the brackets of IPv6. */
static int bare_host(const char *host, char **ret_host)
{
        size_t length = host[0] == '[' ? strcspn(host, "]") : strcspn(host, ":");
        const char *start = host + (host[0] == '[');
        *ret_host = strndup(start, (size_t)(host + length - start));
        return *ret_host ? 0 : -ENOMEM;
}

/* item: "10.0.0.0/8" or an address alone. */
static bool is_in_network(const char *host, const char *item)
{
        for (int i = 0; i < 2; i++) {
                int family = i == 0 ? AF_INET : AF_INET6;
                unsigned char address[16], network[16];
                size_t length = strcspn(item, "/");
                uint64_t bits = i == 0 ? 32 : 128, given = bits;
                _cleanup_free_ char *base = strndup(item, length);
                if (!base || inet_pton(family, host, address) != 1 || inet_pton(family, base, network) != 1)
                        continue;
                if (item[length] && (pail_str_to_u64(item + length + 1, &given) < 0 || given > bits))
                        return false;
                size_t whole = given / 8;
                unsigned rest = given % 8;
                return memcmp(address, network, whole) == 0 &&
                       (rest == 0 || ((address[whole] ^ network[whole]) >> (8 - rest)) == 0);
        }
        return false;
}

/* The host itself, or a name below it. */
static bool is_below(const char *host, const char *name)
{
        while (*name == '.')
                name++;
        size_t host_length = strlen(host), length = strlen(name);
        if (length == 0 || host_length < length || strcasecmp(host + host_length - length, name) != 0)
                return false;
        return host_length == length || host[host_length - length - 1] == '.';
}

static bool is_excepted(const char *host)
{
        static const char *const names[] = { "no_proxy", "NO_PROXY", NULL };
        const char *name, *list = first_set(names, &name);
        if (pail_str_equal(list, "*"))
                return true;
        while (list && *list) {
                list += strspn(list, ", ");
                size_t length = strcspn(list, ", ");
                _cleanup_free_ char *item = strndup(list, length);
                if (item && (is_below(host, item) || is_in_network(host, item)))
                        return true;
                list += length;
        }
        return false;
}

/* A proxy's URL may hold a user and a password. */
static int describe_proxy(const char *variable, const char *url, char **ret_words)
{
        const char *scheme_end = strstr(url, "://"), *authority = scheme_end ? scheme_end + 3 : url;
        const char *at = strrchr(authority, '@');
        return pail_str_printf(ret_words, "%s (%.*s%s)", variable, (int)(authority - url), url,
                               at ? at + 1 : authority);
}

int pail_proxy_find(bool https, const char *host, char **ret_words)
{
        static const char *const for_http[] = { "http_proxy", "all_proxy", "ALL_PROXY", NULL };
        static const char *const for_https[] = { "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", NULL };
        _cleanup_free_ char *bare = NULL;
        const char *variable, *url = first_set(https ? for_https : for_http, &variable);
        int r = bare_host(host, &bare);
        *ret_words = NULL;
        if (r < 0 || !url || is_excepted(bare))
                return r;
        return describe_proxy(variable, url, ret_words);
}
