/* SPDX-License-Identifier: Apache-2.0 */
/* The request's half of an exchange: see exchange.c. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "wire.h"

static enum verdict read_request_head(struct wire *wire, struct connection *connection)
{
        struct exchange *exchange = &connection->exchange;
        struct channel *up = &connection->up;

        ssize_t n = channel_fill(up, WIRE_BUFFER_BYTES);
        if (n < 0)
                return VERDICT_CLOSE;
        size_t length = http_head_length(up->buffer + up->ready, up->end - up->ready);
        if (length == 0) {
                if (up->eof || up->end - up->ready == WIRE_BUFFER_BYTES)
                        return VERDICT_CLOSE;
                return n > 0 ? VERDICT_PROGRESS : VERDICT_IDLE;
        }
        if (http_parse_request(up->buffer + up->ready, length, &exchange->request) < 0)
                return VERDICT_RESET;
        exchange->head_bytes = length;
        exchange->started_us = clock_us();
        exchange->fault = script_choose(wire, &exchange->request);
        exchange->request_at_us = exchange->started_us + wire->shaping.latency_us + shaping_jitter_us(wire);
        if (connection->fresh && wire->shaping.connect_us > 0)
                exchange->request_at_us += wire->shaping.connect_us + shaping_jitter_us(wire);
        if (exchange->fault.action == ACTION_DELAY)
                exchange->request_at_us += exchange->fault.wait_us;
        connection->fresh = false;
        exchange->request_phase = REQUEST_WAIT;
        return VERDICT_PROGRESS;
}

static enum verdict pass_request(struct wire *wire, struct connection *connection)
{
        struct exchange *exchange = &connection->exchange;

        if (exchange->held && connection->client_gone)
                return exchange_end(connection, VERDICT_CLOSE, "client gone while held");
        if (exchange_waits(connection, exchange->request_at_us))
                return VERDICT_IDLE;
        exchange->request_phase = REQUEST_BODY;
        switch (exchange->fault.action) {
        case ACTION_HOLD:
                exchange->request_phase = REQUEST_WAIT;
                return exchange_hold(wire, exchange);
        case ACTION_RESET_BEFORE:
                script_fired(wire, &exchange->fault);
                return exchange_end(connection, VERDICT_RESET, "reset before");
        case ACTION_ANSWER:
                exchange->discard_request = true;
                if (exchange->request.expects) { /* it waits for a word before it sends: the answer is that word */
                        exchange->request.closes = true;
                        exchange->request_phase = REQUEST_DONE;
                }
                channel_forget(&connection->up, exchange->head_bytes);
                return VERDICT_PROGRESS;
        case ACTION_DELAY:
                script_fired(wire, &exchange->fault);
                break;
        default:
                break;
        }
        connection->up.ready += exchange->head_bytes;
        return VERDICT_PROGRESS;
}

static enum verdict pump_request(struct wire *wire, struct connection *connection)
{
        struct exchange *exchange = &connection->exchange;
        enum action action = exchange->fault.action;
        bool limited = action == ACTION_RESET_UPLOAD || action == ACTION_STALL_UPLOAD ||
                       action == ACTION_CORRUPT_UPLOAD;
        struct body body = { &connection->up,
                             UP,
                             &exchange->request.framing,
                             &exchange->up_bytes,
                             limited ? exchange->fault.at : UINT64_MAX,
                             exchange->discard_request };

        ssize_t n = body_pump(wire, connection, &body);
        if (n < 0 && (n == -EPIPE || n == -ECONNRESET) && !exchange->discard_request && !connection->up.eof) {
                channel_scrap(&connection->up);
                exchange->discard_request = true;
                return VERDICT_PROGRESS;
        }
        if (n < 0)
                return exchange_end(connection, VERDICT_CLOSE, "client gone in request");
        if (!channel_is_drained(&connection->up))
                return n > 0 ? VERDICT_PROGRESS : VERDICT_IDLE;
        if (limited && exchange->up_bytes >= body.limit) {
                if (action == ACTION_CORRUPT_UPLOAD)
                        return exchange_corrupt(wire, connection, &connection->up, &exchange->request.framing);
                if (action == ACTION_STALL_UPLOAD) {
                        exchange->request_phase = REQUEST_STALL;
                        return exchange_stall(wire, exchange, &exchange->request_at_us);
                }
                script_fired(wire, &exchange->fault);
                return exchange_end(connection, VERDICT_RESET, "reset in upload");
        }
        if (exchange->request.framing.ended) {
                if (exchange->request.framing.type == FRAMING_UNTIL_CLOSE)
                        shutdown(connection->server, SHUT_WR);
                exchange->request_phase = REQUEST_DONE;
                return VERDICT_PROGRESS;
        }
        return n > 0 ? VERDICT_PROGRESS : VERDICT_IDLE;
}

enum verdict request_step(struct wire *wire, struct connection *connection)
{
        struct exchange *exchange = &connection->exchange;
        enum verdict verdict;

        switch (exchange->request_phase) {
        case REQUEST_HEAD:
                return read_request_head(wire, connection);
        case REQUEST_WAIT:
                return pass_request(wire, connection);
        case REQUEST_BODY:
                return pump_request(wire, connection);
        case REQUEST_STALL:
                verdict = exchange_end_stall(connection, exchange->request_at_us);
                if (verdict == VERDICT_PROGRESS)
                        exchange->request_phase = REQUEST_BODY;
                return verdict;
        case REQUEST_DONE:
                break;
        }
        return VERDICT_IDLE;
}
