/* SPDX-License-Identifier: Apache-2.0 */
/* What a piece of code, and the programs it starts, print on stderr. Process-wide: one at a time. Private to the layer. */
#ifndef PAIL_FUSE_CAPTURE_H
#define PAIL_FUSE_CAPTURE_H

struct pail_capture {
        int saved_fd;  /* the true stderr */
        int memory_fd; /* what stands in its place; -1: nothing is captured */
};

void pail_capture_begin(struct pail_capture *capture);
/* Puts stderr back. The text as one line (owned), NULL when nothing was printed. */
char *pail_capture_end(struct pail_capture *capture);

#endif
