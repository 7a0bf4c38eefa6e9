/* SPDX-License-Identifier: Apache-2.0 */
#include "blackhole.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server.h"

void blackhole_open(struct blackhole *hole)
{
        union {
                struct sockaddr any;
                struct sockaddr_in ip;
        } address = { .ip = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) } };
        socklen_t length = sizeof(address);
        hole->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (bind(hole->listener, &address.any, sizeof(address.ip)) < 0 || listen(hole->listener, 0) < 0 ||
            getsockname(hole->listener, &address.any, &length) < 0)
                abort();
        hole->port = ntohs(address.ip.sin_port);
        for (int i = 0; i < BLACKHOLE_FILL; i++) {
                hole->fill[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
                /* Some succeed, the rest never does. */
                if (connect(hole->fill[i], &address.any, sizeof(address.ip)) < 0)
                        sleep_ms(1);
        }
}

void blackhole_close(struct blackhole *hole)
{
        for (int i = 0; i < BLACKHOLE_FILL; i++)
                close(hole->fill[i]);
        close(hole->listener);
}
