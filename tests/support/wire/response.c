/* SPDX-License-Identifier: Apache-2.0 */
/* The answer's half of an exchange: see exchange.c. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "wire.h"

/* The error answer of S3, in place of the server's. */
static enum verdict answer(struct wire *wire, struct connection *connection)
{
        struct exchange *exchange = &connection->exchange;
        struct fault *fault = &exchange->fault;
        char body[512], head[512];

        int size = snprintf(body, sizeof body,
                            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>%s</Code>"
                            "<Message>Answered by the wire.</Message><RequestId>wire-%u</RequestId></Error>",
                            fault->code, fault->rule);
        int length = snprintf(head, sizeof head,
                              "HTTP/1.1 %d %s\r\nContent-Type: application/xml\r\nContent-Length: %d\r\n"
                              "x-amz-request-id: wire-%u\r\n%s\r\n",
                              fault->status, fault->code, size, fault->rule,
                              exchange->request.closes ? "Connection: close\r\n" : "");
        if (channel_put(&connection->down, head, (size_t)length) < 0)
                return VERDICT_CLOSE;
        if (strcmp(exchange->request.method, "HEAD") != 0) {
                if (channel_put(&connection->down, body, (size_t)size) < 0)
                        return VERDICT_CLOSE;
                exchange->down_bytes = (uint64_t)size;
        }
        exchange->response.status = fault->status;
        exchange->response_phase = RESPONSE_LAST;
        script_fired(wire, fault);
        return VERDICT_PROGRESS;
}

static enum verdict read_response_head(struct wire *wire, struct connection *connection)
{
        struct exchange *exchange = &connection->exchange;
        struct channel *down = &connection->down;
        struct response response;

        if (exchange->fault.action == ACTION_ANSWER)
                return exchange->request_phase == REQUEST_DONE ? answer(wire, connection) : VERDICT_IDLE;
        ssize_t sent = channel_drain(down); /* of an interim answer */
        ssize_t n = sent < 0 ? sent : channel_fill(down, WIRE_BUFFER_BYTES);
        if (n < 0)
                return exchange_end(connection, VERDICT_CLOSE, sent < 0 ? "client gone" : "server gone");
        size_t length = http_head_length(down->buffer + down->ready, down->end - down->ready);
        if (length == 0) {
                if (down->eof || down->end - down->ready == WIRE_BUFFER_BYTES)
                        return exchange_end(connection, VERDICT_CLOSE, "server closed");
                return n > 0 || sent > 0 ? VERDICT_PROGRESS : VERDICT_IDLE;
        }
        if (!exchange->request.kind ||
            http_parse_response(down->buffer + down->ready, length, &exchange->request, &response) < 0)
                return exchange_end(connection, VERDICT_CLOSE, "not HTTP");
        if (response.status < 200) {
                down->ready += length;
                return VERDICT_PROGRESS;
        }
        exchange->response = response;
        exchange->head_bytes = length;
        exchange->response_at_us = exchange->fault.action == ACTION_DELAY_AFTER ? clock_us() + exchange->fault.wait_us
                                                                                : 0;
        exchange->response_phase = RESPONSE_WAIT;
        return VERDICT_PROGRESS;
}

static enum verdict pass_response(struct wire *wire, struct connection *connection)
{
        struct exchange *exchange = &connection->exchange;

        if (exchange->held && connection->client_gone)
                return exchange_end(connection, VERDICT_CLOSE, "client gone while held");
        if (exchange_waits(connection, exchange->response_at_us))
                return VERDICT_IDLE;
        switch (exchange->fault.action) {
        case ACTION_HOLD_AFTER:
                return exchange_hold(wire, exchange);
        case ACTION_RESET_AFTER:
                script_fired(wire, &exchange->fault);
                return exchange_end(connection, VERDICT_RESET, "reset after");
        case ACTION_ANSWER_AFTER:
                exchange->discard_response = true;
                channel_forget(&connection->down, exchange->head_bytes);
                break;
        case ACTION_DELAY_AFTER:
                script_fired(wire, &exchange->fault);
                connection->down.ready += exchange->head_bytes;
                break;
        default:
                connection->down.ready += exchange->head_bytes;
                break;
        }
        exchange->response_phase = RESPONSE_BODY;
        return VERDICT_PROGRESS;
}

/* The fault's offset is reached, and all before it has been sent. */
static enum verdict act_in_body(struct wire *wire, struct connection *connection)
{
        struct exchange *exchange = &connection->exchange;

        switch (exchange->fault.action) {
        case ACTION_CORRUPT:
                return exchange_corrupt(wire, connection, &connection->down, &exchange->response.framing);
        case ACTION_STALL:
                exchange->response_phase = RESPONSE_STALL;
                return exchange_stall(wire, exchange, &exchange->response_at_us);
        case ACTION_TRUNCATE:
                script_fired(wire, &exchange->fault);
                return exchange_end(connection, VERDICT_CLOSE, "truncated");
        default:
                script_fired(wire, &exchange->fault);
                return exchange_end(connection, VERDICT_RESET, "reset in body");
        }
}

static enum verdict end_body(struct wire *wire, struct connection *connection)
{
        struct exchange *exchange = &connection->exchange;
        char excess[1024];

        if (exchange->fault.action == ACTION_ANSWER_AFTER)
                return answer(wire, connection);
        if (exchange->fault.action == ACTION_OVERLONG) {
                memset(excess, 'X', sizeof excess);
                for (uint64_t left = exchange->fault.at; left > 0; left -= size_min(left, sizeof excess))
                        if (channel_put(&connection->down, excess, size_min(left, sizeof excess)) < 0)
                                break;
                exchange->response.closes = true;
                script_fired(wire, &exchange->fault);
        }
        exchange->response_phase = RESPONSE_LAST;
        return VERDICT_PROGRESS;
}

static bool has_offset_in_answer(enum action action)
{
        return action == ACTION_RESET_BODY || action == ACTION_TRUNCATE || action == ACTION_STALL ||
               action == ACTION_CORRUPT;
}

static enum verdict pump_response(struct wire *wire, struct connection *connection)
{
        struct exchange *exchange = &connection->exchange;
        bool limited = has_offset_in_answer(exchange->fault.action);
        struct body body = { &connection->down,
                             DOWN,
                             &exchange->response.framing,
                             &exchange->down_bytes,
                             limited ? exchange->fault.at : UINT64_MAX,
                             exchange->discard_response };

        ssize_t n = body_pump(wire, connection, &body);
        if (n < 0)
                return exchange_end(connection, VERDICT_CLOSE,
                                    connection->down.eof ? "server closed in body" : "broken");
        if (exchange->response.framing.ended && channel_is_drained(&connection->down))
                return end_body(wire, connection);
        if (limited && exchange->down_bytes >= body.limit && channel_is_drained(&connection->down))
                return act_in_body(wire, connection);
        return n > 0 ? VERDICT_PROGRESS : VERDICT_IDLE;
}

static enum verdict finish(struct wire *wire, struct connection *connection)
{
        struct exchange *exchange = &connection->exchange;
        bool closes = exchange->response.closes || exchange->request.closes || connection->down.eof ||
                      exchange->response.framing.type == FRAMING_UNTIL_CLOSE;

        log_request(wire, connection, "ok");
        http_request_done(&exchange->request);
        *exchange = (struct exchange){ 0 };
        return closes ? VERDICT_CLOSE : VERDICT_PROGRESS;
}

/* The whole answer is in our hands. A server that closed after an early answer gets no more of the body, but the
 * client must be read to its end: closing a socket with unread bytes would reset it and lose the answer. */
static enum verdict end_response(struct wire *wire, struct connection *connection)
{
        struct exchange *exchange = &connection->exchange;

        ssize_t n = channel_drain(&connection->down);
        if (n < 0)
                return exchange_end(connection, VERDICT_CLOSE, "client gone");
        if (!channel_is_drained(&connection->down))
                return n > 0 ? VERDICT_PROGRESS : VERDICT_IDLE;
        if (exchange->request_phase == REQUEST_DONE)
                return finish(wire, connection);
        if (connection->down.eof && !exchange->discard_request) {
                channel_scrap(&connection->up);
                exchange->discard_request = true;
                shutdown(connection->client, SHUT_WR);
                return VERDICT_PROGRESS;
        }
        return VERDICT_IDLE;
}

enum verdict response_step(struct wire *wire, struct connection *connection)
{
        struct exchange *exchange = &connection->exchange;
        enum verdict verdict;

        switch (exchange->response_phase) {
        case RESPONSE_HEAD:
                return read_response_head(wire, connection);
        case RESPONSE_WAIT:
                return pass_response(wire, connection);
        case RESPONSE_BODY:
                return pump_response(wire, connection);
        case RESPONSE_STALL:
                verdict = exchange_end_stall(connection, exchange->response_at_us);
                if (verdict == VERDICT_PROGRESS)
                        exchange->response_phase = RESPONSE_BODY;
                return verdict;
        case RESPONSE_LAST:
                return end_response(wire, connection);
        }
        return VERDICT_IDLE;
}
