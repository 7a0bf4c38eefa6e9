/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A strict parser, not curl's: what it accepts is used verbatim in a signature and in a request line, so a host with a space, a
 * backslash or a user name must be refused here rather than be understood differently by each of the two.
 */
#include "url.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "pail/util/buf.h"
#include "pail/util/str.h"

enum { HOST_MAX = 253 };

/* RFC 3986's pchar beside letters and digits. */
#define PATH_CHARACTERS "-._~!$&'()*+,;=:@%"

static int refuse_because(const char **ret_reason, const char *reason)
{
        *ret_reason = reason;
        return -EINVAL;
}

static bool consists_of(const char *text, size_t length, const char *others)
{
        for (size_t i = 0; i < length; i++) {
                unsigned char c = (unsigned char)text[i];
                if (c >= 0x80 || c == 0 || !(isalnum(c) || strchr(others, c)))
                        return false;
        }
        return true;
}

static bool is_ipv6(const char *host, size_t length)
{
        char text[INET6_ADDRSTRLEN];
        struct in6_addr address;

        if (length < 4 || length - 2 >= sizeof(text) || host[0] != '[' || host[length - 1] != ']')
                return false;
        memcpy(text, host + 1, length - 2);
        text[length - 2] = '\0';
        return inet_pton(AF_INET6, text, &address) == 1;
}

bool pail_url_host_is_address(const char *host, size_t length)
{
        char text[INET_ADDRSTRLEN];
        struct in_addr address;

        if (is_ipv6(host, length))
                return true;
        if (length == 0 || length >= sizeof(text))
                return false;
        memcpy(text, host, length);
        text[length] = '\0';
        return inet_pton(AF_INET, text, &address) == 1;
}

static bool is_host(const char *host, size_t length)
{
        if (length == 0 || length > HOST_MAX)
                return false;
        if (host[0] == '[')
                return is_ipv6(host, length);
        return host[0] != '.' && host[0] != '-' && consists_of(host, length, "-._");
}

static int parse_port(const char *text, size_t length, uint16_t *ret_port)
{
        unsigned port = 0;

        if (length == 0 || length > 5)
                return -EINVAL;
        for (size_t i = 0; i < length; i++) {
                if (text[i] < '0' || text[i] > '9')
                        return -EINVAL;
                port = port * 10 + (unsigned)(text[i] - '0');
        }
        if (port == 0 || port > UINT16_MAX)
                return -EINVAL;
        *ret_port = (uint16_t)port;
        return 0;
}

static int parse_authority(const char *text, size_t length, struct pail_url *url, const char **ret_reason)
{
        const char *colon = memrchr(text, ':', length), *bracket = memrchr(text, ']', length);

        if (memchr(text, '@', length))
                return refuse_because(ret_reason, "it must not contain a user name or a password");
        if (colon && bracket && colon < bracket)
                colon = NULL;
        url->host = text;
        url->host_length = colon ? (size_t)(colon - text) : length;
        url->port = pail_url_default_port(url->is_https);
        if (!is_host(url->host, url->host_length))
                return refuse_because(ret_reason, "it has no valid host name");
        if (colon && parse_port(colon + 1, length - url->host_length - 1, &url->port) < 0)
                return refuse_because(ret_reason, "its port is not a number from 1 to 65535");
        return 0;
}

int pail_url_parse(const char *text, struct pail_url *ret_url, const char **ret_reason)
{
        struct pail_url url = { .is_https = strncasecmp(text, "https://", 8) == 0 };
        const char *authority = text + (url.is_https ? 8 : 7);
        size_t length;
        int r;

        if (!url.is_https && strncasecmp(text, "http://", 7) != 0)
                return refuse_because(ret_reason, "it does not begin with http:// or https://");
        length = strcspn(authority, "/?#");
        r = parse_authority(authority, length, &url, ret_reason);
        if (r < 0)
                return r;
        url.path = authority + length;
        url.path_length = strcspn(url.path, "?#");
        if (!consists_of(url.path, url.path_length, "/" PATH_CHARACTERS))
                return refuse_because(ret_reason, "its path has characters that must be percent-encoded");
        if (url.path[url.path_length] == '?') {
                url.query = url.path + url.path_length + 1;
                url.query_length = strcspn(url.query, "#");
                if (!consists_of(url.query, url.query_length, "/?" PATH_CHARACTERS))
                        return refuse_because(ret_reason, "its query has characters that must be percent-encoded");
        }
        if (strchr(authority, '#'))
                return refuse_because(ret_reason, "it must not contain a '#'");
        *ret_url = url;
        return 0;
}

int pail_url_append_host(struct pail_buf *target, const struct pail_url *url)
{
        for (size_t i = 0; i < url->host_length; i++)
                pail_buf_append_char(target, (char)tolower((unsigned char)url->host[i]));
        if (url->port != pail_url_default_port(url->is_https))
                pail_buf_printf(target, ":%u", url->port);
        return target->error;
}
