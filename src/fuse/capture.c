/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libfuse reports why a mount failed on stderr only, and so does fusermount3, a process of its own. The
 * file descriptor is replaced for that moment, by memory rather than a pipe, which could fill up.
 */
#include "capture.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pail/util/buf.h"
#include "pail/util/str.h"

enum { TEXT_MAX = 4096 };

void pail_capture_begin(struct pail_capture *capture)
{
        fflush(stderr);
        *capture = (struct pail_capture){ .saved_fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3), .memory_fd = -1 };
        if (capture->saved_fd < 0)
                return;
        capture->memory_fd = memfd_create("pail-stderr", MFD_CLOEXEC);
        if (capture->memory_fd >= 0)
                dup2(capture->memory_fd, STDERR_FILENO);
}

/* "fuse: one\nfuse: two\n" becomes "one; two". */
static char *join_lines(char *text)
{
        _cleanup_buf_ struct pail_buf joined = PAIL_BUF_INIT(TEXT_MAX);
        char *save = NULL;
        for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
                line = pail_str_strip(line);
                if (pail_str_starts_with(line, "fuse: "))
                        line += strlen("fuse: ");
                if (!*line)
                        continue;
                if (joined.length > 0)
                        pail_buf_append_string(&joined, "; ");
                pail_buf_append_string(&joined, line);
        }
        char *one_line = NULL;
        if (joined.length == 0 || pail_buf_steal(&joined, &one_line, NULL) < 0)
                return NULL;
        return one_line;
}

char *pail_capture_end(struct pail_capture *capture)
{
        if (capture->saved_fd < 0)
                return NULL;
        fflush(stderr);
        dup2(capture->saved_fd, STDERR_FILENO);
        close(capture->saved_fd);
        if (capture->memory_fd < 0)
                return NULL;
        char text[TEXT_MAX / 2];
        ssize_t length = pread(capture->memory_fd, text, sizeof(text) - 1, 0);
        close(capture->memory_fd);
        if (length <= 0)
                return NULL;
        text[length] = '\0';
        return join_lines(text);
}
