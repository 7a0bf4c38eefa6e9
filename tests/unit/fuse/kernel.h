/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's end of a FUSE device, for tests: a socket pair, whose other end libfuse has been given as /dev/fd/N. Requests are
 * built by hand and replies are looked at as bytes. Nothing runs by itself: a request is served by the thread that asks.
 */
#ifndef PAIL_TESTS_UNIT_FUSE_KERNEL_H
#define PAIL_TESTS_UNIT_FUSE_KERNEL_H

#include "../support/test.h"
#include "fuse/context.h"

#include <linux/fuse.h>

enum { KERNEL_DATA_MAX = 128 * 1024, KERNEL_UID = 1001, KERNEL_GID = 1002, KERNEL_MINOR = 31 };
/* All flags of INIT but those that make it longer. */
enum { KERNEL_ALL_FLAGS = 0x3fffffff };

struct kernel {
        int fd; /* the kernel's end; -1: hung up */
        struct pail_fuse_context context;
        struct fuse_buf request;
        uint64_t unique; /* of the last request */
        pid_t pid;       /* who asks */
        struct {
                struct fuse_out_header header;
                char data[KERNEL_DATA_MAX];
        } reply;
        size_t size; /* of the reply's data */
};

/* A session with all callbacks, on a mount that is only an address (fake_mount.h). */
void kernel_open(struct kernel *kernel, unsigned max_threads);
/* The same with callbacks of the test's own. */
void kernel_open_with(struct kernel *kernel, const struct fuse_lowlevel_ops *operations);
/* INIT with these flags; the reply is there. */
void kernel_init(struct kernel *kernel, uint32_t flags);
/* Both. */
void kernel_start(struct kernel *kernel);
void kernel_stop(struct kernel *kernel);

/* Puts a request on its way: head, then tail, which is a name or data. */
void kernel_send(struct kernel *kernel, uint32_t opcode, uint64_t node, const void *head, size_t head_size,
                 const void *tail, size_t tail_size);
/* Lets libfuse take one request and serve it. */
void kernel_serve(struct kernel *kernel);
/* Takes a reply, or a notification, if there is one. */
bool kernel_receive(struct kernel *kernel);
/* Waits for it; fails the test after some seconds. */
void kernel_await(struct kernel *kernel);
enum { KERNEL_NO_REPLY = 1 };
/* Sends, serves and receives: 0 or -errno as replied, or KERNEL_NO_REPLY. */
int kernel_ask(struct kernel *kernel, uint32_t opcode, uint64_t node, const void *head, size_t head_size,
               const void *tail, size_t tail_size);
/* The same with a name, or none. */
int kernel_ask_name(struct kernel *kernel, uint32_t opcode, uint64_t node, const void *head, size_t head_size,
                    const char *name);
/* Nobody hears a reply any more. */
void kernel_hang_up(struct kernel *kernel);
/* Sends a request, hangs up and serves it. */
void kernel_ask_and_hang_up(struct kernel *kernel, uint32_t opcode, uint64_t node, const void *head, size_t head_size,
                            const void *tail, size_t tail_size);

/* For a driver that the test mounts itself: makes the pair and names the other end, as a mount point. */
void kernel_open_device(struct kernel *kernel, char *ret_mountpoint, size_t size);

#endif
