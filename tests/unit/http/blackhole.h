/* SPDX-License-Identifier: Apache-2.0 */
/* A port of 127.0.0.1 that neither accepts nor refuses a connection: its queue is full, so the kernel drops what comes. */
#ifndef TESTS_HTTP_BLACKHOLE_H
#define TESTS_HTTP_BLACKHOLE_H

enum { BLACKHOLE_FILL = 4 };

struct blackhole {
        unsigned port;
        int listener;
        int fill[BLACKHOLE_FILL];
};

void blackhole_open(struct blackhole *hole);
void blackhole_close(struct blackhole *hole);

#endif
