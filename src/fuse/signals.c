/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A FUSE INTERRUPT says that some signal came, not which. The difference matters: a program being killed
 * must not wait for the network, while one whose interval timer fired must not see EINTR from open(2). The
 * masks in /proc/<tid>/status tell them apart. When a signal with a fatal default action arrives, the kernel adds SIGKILL
 * to the thread's own pending set (complete_signal() in kernel/signal.c), except where a core is dumped; both are looked at.
 */
#include "signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pail/util/cleanup.h"
#include "pail/util/str.h"

static uint64_t bit(int signal)
{
        return UINT64_C(1) << (signal - 1);
}

/* The hexadecimal mask after "\nName:\t". */
static bool find_mask(const char *text, const char *name, uint64_t *ret_mask)
{
        const char *at = strstr(text, name);
        if (!at)
                return false;
        at += strlen(name);
        at += strspn(at, " \t");
        char *end;
        errno = 0;
        uint64_t mask = strtoull(at, &end, 16);
        if (end == at || errno != 0)
                return false;
        *ret_mask = mask;
        return true;
}

enum pail_signals pail_signals_parse(const char *text)
{
        uint64_t own, shared, blocked, ignored, caught;
        if (!find_mask(text, "\nSigPnd:", &own) || !find_mask(text, "\nShdPnd:", &shared) ||
            !find_mask(text, "\nSigBlk:", &blocked) || !find_mask(text, "\nSigIgn:", &ignored) ||
            !find_mask(text, "\nSigCgt:", &caught))
                return PAIL_SIGNALS_UNKNOWN;
        uint64_t pending = own | shared;
        if (pending & bit(SIGKILL))
                return PAIL_SIGNALS_FATAL;
        pending &= ~(blocked | ignored);
        const uint64_t harmless = bit(SIGCHLD) | bit(SIGURG) | bit(SIGWINCH) | bit(SIGCONT) | bit(SIGSTOP) |
                                  bit(SIGTSTP) | bit(SIGTTIN) | bit(SIGTTOU);
        if (pending & ~caught & ~harmless)
                return PAIL_SIGNALS_FATAL;
        return pending & caught ? PAIL_SIGNALS_CAUGHT : PAIL_SIGNALS_NONE;
}

enum pail_signals pail_signals_of_thread(pid_t tid)
{
        if (tid <= 0)
                return PAIL_SIGNALS_UNKNOWN;
        char path[40];
        snprintf(path, sizeof(path), "/proc/%ld/status", (long)tid);
        _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
        /* Under hidepid= a file that is absent proves nothing; ESRCH does. */
        if (fd < 0)
                return kill(tid, 0) < 0 && errno == ESRCH ? PAIL_SIGNALS_GONE : PAIL_SIGNALS_UNKNOWN;
        char text[4096]; /* about 1.5 KiB; the masks are in its second half */
        ssize_t length = read(fd, text, sizeof(text) - 1);
        if (length <= 0)
                return PAIL_SIGNALS_UNKNOWN;
        text[length] = '\0';
        return pail_signals_parse(text);
}
