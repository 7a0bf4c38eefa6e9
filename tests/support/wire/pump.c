/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes from one socket to the other. What must be understood (heads, lines of chunks) and what is short goes through
 * a buffer; long stretches of a body go through a pipe with splice(), so that they are never copied into this process:
 * the wire shares two cores with a client and a server, and a copying proxy would measure itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wire.h"

int channel_init(struct channel *channel)
{
        *channel = (struct channel){ .from = -1, .to = -1, .pipe = { -1, -1 } };
        channel->buffer = malloc(WIRE_BUFFER_BYTES);
        return channel->buffer ? 0 : -ENOMEM;
}

void channel_done(struct channel *channel)
{
        channel_scrap(channel);
        free(channel->buffer);
        channel->buffer = NULL;
}

/* Moves what is left to the front once the rest has gone out. */
static void compact(struct channel *channel)
{
        if (channel->start == 0)
                return;
        memmove(channel->buffer, channel->buffer + channel->start, channel->end - channel->start);
        channel->ready -= channel->start;
        channel->end -= channel->start;
        channel->start = 0;
}

/* Input's result in our terms: notes its end, and that there is nothing more for now. */
static ssize_t after_read(struct channel *channel, ssize_t n)
{
        if (n > 0)
                return n;
        if (n == 0) {
                channel->eof = true;
                channel->readable = false;
                return 0;
        }
        if (errno == EINTR)
                return 0;
        if (errno != EAGAIN)
                return -errno;
        channel->readable = false;
        return 0;
}

ssize_t channel_fill(struct channel *channel, size_t max)
{
        if (!channel->readable || channel->eof)
                return 0;
        compact(channel);
        size_t room = WIRE_BUFFER_BYTES - channel->end;
        if (max > room)
                max = room;
        if (max == 0)
                return 0;
        ssize_t n = after_read(channel, recv(channel->from, channel->buffer + channel->end, max, 0));
        if (n > 0)
                channel->end += (size_t)n;
        return n;
}

/* A pipe is made at the first long body of a connection; the kernel may refuse the size to ordinary users, which is no harm. */
static int open_pipe(struct channel *channel)
{
        if (channel->pipe[0] >= 0)
                return 0;
        if (pipe2(channel->pipe, O_NONBLOCK | O_CLOEXEC) < 0)
                return -errno;
        (void)fcntl(channel->pipe[0], F_SETPIPE_SZ, WIRE_PIPE_BYTES);
        return 0;
}

/* Only into an empty pipe: EAGAIN would not say which of the two ends is the reason. */
ssize_t channel_splice(struct channel *channel, size_t max)
{
        if (!channel->readable || channel->eof || channel->piped_bytes > 0 || max == 0)
                return 0;
        int r = open_pipe(channel);
        if (r < 0)
                return r;
        ssize_t n = after_read(
                channel, splice(channel->from, NULL, channel->pipe[1], NULL, max, SPLICE_F_NONBLOCK | SPLICE_F_MOVE));
        if (n > 0)
                channel->piped_bytes += (size_t)n;
        return n;
}

static ssize_t after_write(struct channel *channel, ssize_t n)
{
        if (n >= 0 || errno == EINTR)
                return n > 0 ? n : 0;
        if (errno != EAGAIN)
                return -errno;
        channel->writable = false;
        return 0;
}

ssize_t channel_drain(struct channel *channel)
{
        if (!channel->writable || channel_is_drained(channel))
                return 0;
        ssize_t n;
        if (channel->piped_bytes > 0) {
                n = after_write(channel, splice(channel->pipe[0], NULL, channel->to, NULL, channel->piped_bytes,
                                                SPLICE_F_NONBLOCK | SPLICE_F_MOVE));
                if (n > 0)
                        channel->piped_bytes -= (size_t)n;
                return n;
        }
        n = after_write(channel, send(channel->to, channel->buffer + channel->start, channel->ready - channel->start,
                                      MSG_NOSIGNAL));
        if (n > 0)
                channel->start += (size_t)n;
        if (channel->start == channel->end)
                channel->start = channel->ready = channel->end = 0;
        return n;
}

bool channel_is_drained(const struct channel *channel)
{
        return channel->piped_bytes == 0 && channel->start == channel->ready;
}

void channel_forget(struct channel *channel, size_t size)
{
        memmove(channel->buffer + channel->ready, channel->buffer + channel->ready + size,
                channel->end - channel->ready - size);
        channel->end -= size;
}

void channel_scrap(struct channel *channel)
{
        for (int i = 0; i < 2; i++)
                if (channel->pipe[i] >= 0)
                        close(channel->pipe[i]);
        channel->pipe[0] = channel->pipe[1] = -1;
        channel->piped_bytes = 0;
        channel->start = channel->ready;
        if (channel->start == channel->end)
                channel->start = channel->ready = channel->end = 0;
}

int channel_put(struct channel *channel, const void *data, size_t size)
{
        compact(channel);
        if (size > WIRE_BUFFER_BYTES - channel->end)
                return -ENOBUFS;
        memmove(channel->buffer + channel->ready + size, channel->buffer + channel->ready,
                channel->end - channel->ready);
        memcpy(channel->buffer + channel->ready, data, size);
        channel->ready += size;
        channel->end += size;
        return 0;
}
