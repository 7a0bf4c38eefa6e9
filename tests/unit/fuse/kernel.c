/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel.h"

#include <fuse_opt.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>

#include "fake_mount.h"
#include "fuse/directories.h"
#include "fuse/entries.h"
#include "fuse/files.h"
#include "fuse/names.h"
#include "fuse/negotiate.h"

enum { PATIENCE_MS = 20000 };

void kernel_open_device(struct kernel *kernel, char *ret_mountpoint, size_t size)
{
        int pair[2];
        *kernel = (struct kernel){ .pid = getpid() };
        signal(SIGPIPE, SIG_IGN);
        assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
        kernel->fd = pair[0];
        snprintf(ret_mountpoint, size, "/dev/fd/%d", pair[1]);
}

void kernel_open_with(struct kernel *kernel, const struct fuse_lowlevel_ops *operations)
{
        char mountpoint[32];
        struct fuse_args arguments = FUSE_ARGS_INIT(0, NULL);
        kernel_open_device(kernel, mountpoint, sizeof(mountpoint));
        assert_int_equal(fuse_opt_add_arg(&arguments, "pail"), 0);
        kernel->context.session = fuse_session_new(&arguments, operations, sizeof(*operations), &kernel->context);
        assert_non_null(kernel->context.session);
        assert_int_equal(fuse_session_mount(kernel->context.session, mountpoint), 0);
        fuse_opt_free_args(&arguments);
}

void kernel_open(struct kernel *kernel, unsigned max_threads)
{
        struct fuse_lowlevel_ops operations = { .init = pail_fuse_negotiate };
        pail_fuse_entries_operations(&operations);
        pail_fuse_names_operations(&operations);
        pail_fuse_files_operations(&operations);
        pail_fuse_directories_operations(&operations);
        kernel_open_with(kernel, &operations);
        kernel->context.max_threads = max_threads;
        kernel->context.mount = fake_mount();
}

void kernel_init(struct kernel *kernel, uint32_t flags)
{
        const struct fuse_init_in in = {
                .major = FUSE_KERNEL_VERSION, .minor = KERNEL_MINOR, .max_readahead = 128 * 1024, .flags = flags
        };
        assert_int_equal(kernel_ask(kernel, FUSE_INIT, 0, &in, offsetof(struct fuse_init_in, flags) + 4, NULL, 0), 0);
}

void kernel_start(struct kernel *kernel)
{
        fake = (struct fake){ 0 };
        kernel_open(kernel, 8);
        kernel_init(kernel, KERNEL_ALL_FLAGS);
}

void kernel_stop(struct kernel *kernel)
{
        if (kernel->context.session)
                fuse_session_destroy(kernel->context.session);
        free(kernel->request.mem);
        kernel_hang_up(kernel);
}

void kernel_hang_up(struct kernel *kernel)
{
        if (kernel->fd >= 0)
                close(kernel->fd);
        kernel->fd = -1;
}

void kernel_send(struct kernel *kernel, uint32_t opcode, uint64_t node, const void *head, size_t head_size,
                 const void *tail, size_t tail_size)
{
        struct fuse_in_header header = {
                .len = (uint32_t)(sizeof(header) + head_size + tail_size),
                .opcode = opcode,
                .unique = kernel->unique += 2,
                .nodeid = node,
                .uid = KERNEL_UID,
                .gid = KERNEL_GID,
                .pid = (uint32_t)kernel->pid,
        };
        struct iovec parts[] = {
                { .iov_base = &header, .iov_len = sizeof(header) },
                { .iov_base = (void *)(uintptr_t)head, .iov_len = head_size },
                { .iov_base = (void *)(uintptr_t)tail, .iov_len = tail_size },
        };
        const struct msghdr message = { .msg_iov = parts, .msg_iovlen = TEST_COUNT(parts) };
        assert_int_equal(sendmsg(kernel->fd, &message, 0), header.len);
}

void kernel_serve(struct kernel *kernel)
{
        assert_true(fuse_session_receive_buf(kernel->context.session, &kernel->request) > 0);
        fuse_session_process_buf(kernel->context.session, &kernel->request);
}

bool kernel_receive(struct kernel *kernel)
{
        ssize_t size = recv(kernel->fd, &kernel->reply, sizeof(kernel->reply), MSG_DONTWAIT);
        if (size < 0 && errno == EAGAIN)
                return false;
        assert_true(size >= (ssize_t)sizeof(kernel->reply.header));
        assert_int_equal(kernel->reply.header.len, size);
        kernel->size = (size_t)size - sizeof(kernel->reply.header);
        return true;
}

void kernel_await(struct kernel *kernel)
{
        struct pollfd poll_fd = { .fd = kernel->fd, .events = POLLIN };
        assert_int_equal(poll(&poll_fd, 1, PATIENCE_MS), 1);
        assert_true(kernel_receive(kernel));
}

int kernel_ask(struct kernel *kernel, uint32_t opcode, uint64_t node, const void *head, size_t head_size,
               const void *tail, size_t tail_size)
{
        kernel_send(kernel, opcode, node, head, head_size, tail, tail_size);
        kernel_serve(kernel);
        if (!kernel_receive(kernel))
                return KERNEL_NO_REPLY;
        assert_int_equal(kernel->reply.header.unique, kernel->unique);
        return kernel->reply.header.error;
}

int kernel_ask_name(struct kernel *kernel, uint32_t opcode, uint64_t node, const void *head, size_t head_size,
                    const char *name)
{
        return kernel_ask(kernel, opcode, node, head, head_size, name, name ? strlen(name) + 1 : 0);
}

void kernel_ask_and_hang_up(struct kernel *kernel, uint32_t opcode, uint64_t node, const void *head, size_t head_size,
                            const void *tail, size_t tail_size)
{
        kernel_send(kernel, opcode, node, head, head_size, tail, tail_size);
        kernel_hang_up(kernel);
        kernel_serve(kernel);
}
