/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A body on its way: framing, rate and limit decide how much may pass, the channel moves it. Once the framing says that
 * a long stretch is nothing but data, and nothing older waits in the buffer, it goes through the pipe unseen.
 */
#include <errno.h>

#include "wire.h"

/* Understands what the buffer holds. Bytes consumed, -errno. */
static ssize_t consume_buffered(const struct body *body)
{
        struct channel *channel = body->channel;
        uint64_t size = channel->end - channel->ready, left = body->limit - *body->bytes;

        ssize_t n = framing_consume(body->framing, channel->buffer + channel->ready, size < left ? size : left);
        if (n <= 0)
                return n;
        *body->bytes += (uint64_t)n;
        if (body->discard)
                channel_forget(channel, (size_t)n);
        else
                channel->ready += (size_t)n;
        return n;
}

/* Takes bytes from the socket: long stretches into the pipe, all else into the buffer. Bytes moved, -errno. */
static ssize_t read_more(struct wire *wire, struct connection *connection, const struct body *body)
{
        struct channel *channel = body->channel;
        uint64_t bulk = framing_bulk(body->framing), left = body->limit - *body->bytes;
        bool piped = !body->discard && channel->end == 0 && bulk >= WIRE_BUFFER_BYTES && left >= WIRE_BUFFER_BYTES;
        size_t want = piped ? size_min(WIRE_PIPE_BYTES, size_min(bulk, left)) : WIRE_BUFFER_BYTES;
        int64_t wake_us = 0;

        if (!channel->readable || (piped && channel->piped_bytes > 0))
                return 0;
        want = shaping_allow(wire, &channel->bucket, body->direction, want, &wake_us);
        if (want == 0) {
                connection_wake_at(connection, wake_us);
                return 0;
        }
        ssize_t n = piped ? channel_splice(channel, want) : channel_fill(channel, want);
        if (n <= 0)
                return n;
        shaping_charge(wire, &channel->bucket, body->direction, (size_t)n);
        if (piped) {
                framing_skip(body->framing, (uint64_t)n);
                *body->bytes += (uint64_t)n;
        }
        return n;
}

ssize_t body_pump(struct wire *wire, struct connection *connection, const struct body *body)
{
        struct channel *channel = body->channel;
        ssize_t moved = channel_drain(channel);

        if (moved < 0 || body->framing->ended || *body->bytes >= body->limit)
                return moved;
        ssize_t n = channel->ready < channel->end ? consume_buffered(body) : read_more(wire, connection, body);
        if (n != 0)
                return n < 0 ? n : moved + n;
        if (moved == 0 && channel->eof && channel->ready == channel->end) {
                if (body->framing->type != FRAMING_UNTIL_CLOSE)
                        return channel_is_drained(channel) ? -EPIPE : 0;
                body->framing->ended = true;
                return 1;
        }
        return moved;
}
