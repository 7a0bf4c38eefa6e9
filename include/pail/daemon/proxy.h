/* SPDX-License-Identifier: Apache-2.0 */
/* Which of the environment's proxies stands between us and a host: libcurl's rules, for messages. Stateless. */
#ifndef PAIL_DAEMON_PROXY_H
#define PAIL_DAEMON_PROXY_H

#include <stdbool.h>

/* host: as in a Host header, "name", "name:port" or "[::1]:port". *ret_words: "https_proxy (http://proxy:3128)", without user and
 * password; NULL: none is asked. Owned by the caller. -ENOMEM. */
int pail_proxy_find(bool https, const char *host, char **ret_words);

#endif
