/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One request and its answer, as two state machines that a connection steps until neither moves:
 *
 *   request   HEAD -(parsed; the rule is chosen)-> WAIT -(latency over, not held)-> BODY -(all sent)-> DONE
 *                                                                         BODY <-(time)-> STALL
 *   response  HEAD -(parsed; 1xx stays)-> WAIT -(delay over, not held)-> BODY -(all read)-> LAST
 *                                                                         BODY <-(time)-> STALL
 *   DONE and LAST with everything sent: the exchange is logged, both return to HEAD.
 *
 * A fault acts at exactly one place: the end of a WAIT, or an offset in a BODY once all bytes before it have left.
 * A server that no longer takes the body may still have answered: then the rest of the body is discarded, and the
 * answer decides.
 */
#include "wire.h"

enum verdict exchange_end(struct connection *connection, enum verdict verdict, const char *note)
{
        connection->exchange.note = note;
        return verdict;
}

bool exchange_waits(struct connection *connection, int64_t until_us)
{
        if (connection->exchange.held || (until_us > 0 && clock_us() < until_us)) {
                if (!connection->exchange.held)
                        connection_wake_at(connection, until_us);
                return true;
        }
        return false;
}

enum verdict exchange_hold(struct wire *wire, struct exchange *exchange)
{
        exchange->held = true;
        script_fired(wire, &exchange->fault);
        exchange->fault.action = ACTION_NONE; /* what follows the release is an ordinary request */
        return VERDICT_IDLE;
}

enum verdict exchange_stall(struct wire *wire, struct exchange *exchange, int64_t *ret_until_us)
{
        script_fired(wire, &exchange->fault);
        *ret_until_us = exchange->fault.wait_us > 0 ? clock_us() + exchange->fault.wait_us : 0;
        exchange->fault.action = ACTION_NONE;
        return VERDICT_PROGRESS;
}

/* A stall ends by time (0: never), or with the client. */
enum verdict exchange_end_stall(struct connection *connection, int64_t until_us)
{
        if (connection->client_gone)
                return exchange_end(connection, VERDICT_CLOSE, "client gone in stall");
        if (until_us == 0 || exchange_waits(connection, until_us))
                return VERDICT_IDLE;
        return VERDICT_PROGRESS;
}

enum verdict exchange_corrupt(struct wire *wire, struct connection *connection, struct channel *channel,
                              const struct framing *framing)
{
        struct exchange *exchange = &connection->exchange;

        if (framing_bulk(framing) == 0) {
                exchange->fault.at++;
                return VERDICT_PROGRESS;
        }
        if (channel->ready == channel->end) {
                ssize_t n = channel_fill(channel, 1);
                if (n <= 0)
                        return n < 0 || channel->eof ? exchange_end(connection, VERDICT_CLOSE, "gone") : VERDICT_IDLE;
        }
        channel->buffer[channel->ready] = (char)~channel->buffer[channel->ready];
        script_fired(wire, &exchange->fault);
        exchange->fault.action = ACTION_NONE;
        return VERDICT_PROGRESS;
}

enum verdict exchange_step(struct wire *wire, struct connection *connection)
{
        enum verdict of_request = request_step(wire, connection);
        if (of_request >= VERDICT_CLOSE)
                return of_request;
        enum verdict of_response = response_step(wire, connection);
        return of_response > of_request ? of_response : of_request;
}
