/* SPDX-License-Identifier: Apache-2.0 */
/* What a thread of another process has pending, read from /proc. Stateless, thread safe, private to the layer. */
#ifndef PAIL_FUSE_SIGNALS_H
#define PAIL_FUSE_SIGNALS_H

#include <sys/types.h>

enum pail_signals {
        PAIL_SIGNALS_UNKNOWN, /* the thread cannot be seen from here */
        PAIL_SIGNALS_GONE,    /* there is no such thread any more */
        PAIL_SIGNALS_NONE,    /* nothing that would end or interrupt it: ignored, blocked, or job control */
        PAIL_SIGNALS_CAUGHT,  /* one that the program handles itself */
        PAIL_SIGNALS_FATAL,   /* one that ends it */
};

/* text: the content of /proc/<tid>/status. */
enum pail_signals pail_signals_parse(const char *text);
/* Does not block on anything but procfs. */
enum pail_signals pail_signals_of_thread(pid_t tid);

#endif
