/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire: stands between an S3 client and an S3 server on 127.0.0.1 and adds what a real network and a
 * bad day have. One thread, one epoll set; every connection of a client has one connection to the
 * server, one request of a connection is under way at a time (nobody pipelines S3), and what a
 * connection may hold is bounded: two buffers of WIRE_BUFFER_BYTES and two pipes of WIRE_PIPE_BYTES.
 *
 *   main.c       options, the event loop, the listener, timers
 *   connection.c life of a connection; which events make it run
 *   exchange.c   one request and its answer: the two state machines, in request.c and response.c, and where faults act
 *   body.c       bodies: framing, rates and limits; pump.c moves their bytes, with and without a look at them
 *   http.c       heads and framing of HTTP/1.1; kind.c names the S3 operation
 *   shaping.c    latency, jitter, rates, the seeded random numbers
 *   script.c     rules and settings in words; control.c takes them over a unix socket
 *   log.c        a line a request, and counts by kind
 */
#ifndef WIRE_H
#define WIRE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#define WIRE_BUFFER_BYTES (64 * 1024) /* also the cap of a head */
#define WIRE_PIPE_BYTES (1024 * 1024)
#define WIRE_MAX_CONNECTIONS 512
#define WIRE_MAX_RULES 256
#define WIRE_MAX_CONTROLS 16
#define WIRE_LINE_BYTES 4096 /* a line of a script or of the control socket */

struct wire;
struct connection;

/* ---- http.c, kind.c ---- */

enum framing_type { FRAMING_NONE, FRAMING_LENGTH, FRAMING_CHUNKED, FRAMING_UNTIL_CLOSE };
enum chunk_state { CHUNK_SIZE, CHUNK_EXTENSION, CHUNK_DATA, CHUNK_DATA_END, CHUNK_TRAILER, CHUNK_TRAILER_LINE };

/* Where in a body we are. */
struct framing {
        enum framing_type type;
        enum chunk_state state;
        uint64_t left; /* bytes of the body, or of the chunk, to come */
        bool ended;
};

struct request {
        const char *kind; /* a string of kind.c; NULL: no request is under way */
        char method[16];
        char *path;   /* as sent, owned */
        char *query;  /* as sent, owned, "" for none */
        char *range;  /* owned, "" for none */
        bool expects; /* Expect: 100-continue */
        bool closes;  /* Connection: close */
        struct framing framing;
};

struct response {
        int status;
        bool closes;
        struct framing framing;
};

/* Length of the head that data begins with, including its empty line; 0 when it is not complete. */
size_t http_head_length(const char *data, size_t size);
/* Parses a complete head (modifies nothing). -EBADMSG for what is no HTTP/1.x, -ENOMEM. On success the strings of ret_request are owned by it. */
int http_parse_request(const char *head, size_t length, struct request *ret_request);
/* request is what this answers: it decides whether a body follows. */
int http_parse_response(const char *head, size_t length, const struct request *request, struct response *ret_response);
void http_request_done(struct request *request);

/* Consumes those of size bytes that belong to the body; returns how many, -EBADMSG for a broken chunk. Sets framing->ended. */
ssize_t framing_consume(struct framing *framing, const char *data, size_t size);
/* How many bytes may pass without a look at them (0 inside chunk lines), and the note that they did. */
uint64_t framing_bulk(const struct framing *framing);
void framing_skip(struct framing *framing, uint64_t size);

/* The S3 operation that a request of path-style addressing means, "Other" where it is none we know. */
const char *kind_guess(const char *method, const char *path, const char *query, bool copies);

/* ---- shaping.c ---- */

struct bucket {
        double tokens; /* bytes; may be negative after a charge that was not asked for */
        int64_t filled_us;
};

struct shaping {
        int64_t latency_us;     /* before a request is passed on */
        int64_t connect_us;     /* before the first request of a connection, in addition */
        int64_t jitter_us;      /* 0..this much is added to both */
        uint64_t rate;          /* bytes a second, each direction of each connection; 0: unlimited */
        uint64_t total_rate;    /* bytes a second, each direction, all connections */
        struct bucket total[2]; /* up, down */
};

int64_t clock_us(void);
uint64_t shaping_random(struct wire *wire);
int64_t shaping_jitter_us(struct wire *wire);
/* How many of want bytes may move now; 0 sets *ret_wake_us to when it is worth asking again. */
size_t shaping_allow(struct wire *wire, struct bucket *own, int direction, size_t want, int64_t *ret_wake_us);
void shaping_charge(struct wire *wire, struct bucket *own, int direction, size_t size);

/* ---- script.c: rules ---- */

enum action {
        ACTION_NONE,
        ACTION_RESET_BEFORE,   /* the request does not reach the server */
        ACTION_RESET_AFTER,    /* the server has answered, the client never learns it */
        ACTION_RESET_UPLOAD,   /* after `at` bytes of the request's body */
        ACTION_RESET_BODY,     /* after `at` bytes of the answer's body */
        ACTION_TRUNCATE,       /* an orderly close after `at` bytes of the answer's body */
        ACTION_OVERLONG,       /* `at` bytes too many after the answer's body */
        ACTION_CORRUPT,        /* the byte at `at` of the answer's body is inverted */
        ACTION_CORRUPT_UPLOAD, /* the same of the request's body */
        ACTION_STALL_UPLOAD,   /* nothing more moves after `at` bytes of the request's body, for ms (0: for ever) */
        ACTION_STALL,          /* the same for the answer's body */
        ACTION_DELAY,          /* ms more before the request is passed on */
        ACTION_DELAY_AFTER,    /* ms before the answer is passed on */
        ACTION_HOLD,           /* until released, before the request is passed on */
        ACTION_HOLD_AFTER,     /* until released, with the answer's head at hand and nothing of it passed on */
        ACTION_ANSWER,         /* status and S3 error code instead of asking the server */
        ACTION_ANSWER_AFTER,   /* the same, but the server has done the request */
};

/* What a rule does to one request: a copy, so that rules may go while requests live. */
struct fault {
        enum action action;
        unsigned rule;     /* id; 0: none */
        enum action given; /* as the rule gave it, for the log; action becomes ACTION_NONE once it is spent */
        uint64_t at;       /* bytes */
        int64_t wait_us;
        int status;
        char code[64];
};

struct rule {
        struct fault fault;   /* fault.rule is this rule's id */
        char kind[64];        /* glob over kinds */
        char path[512];       /* glob over the path as sent, "" for any */
        char query[256];      /* glob over the query as sent, "" for any */
        uint64_t nth;         /* the first match that counts, from 1 */
        uint64_t every;       /* then each so-manieth */
        uint64_t count;       /* at most so often; 0: no limit */
        double probability;   /* 0..1 */
        uint64_t seen, given; /* matches; matches that got the fault */
        uint64_t fired;       /* faults that took effect */
};

struct control;
/* Runs one line. Data lines, then "ok…" or "error…", go to reply; nothing when the answer comes later, by control_wait().
 * control: who asks; NULL for a script. line is taken apart. */
void script_run(struct wire *wire, char *line, FILE *reply, struct control *control);
/* Clears rules and settings and runs every line of the file; complaints go to stderr. 0, or -errno for an unreadable or wrong file. */
int script_load(struct wire *wire, const char *path);
/* The fault for a request whose head has just been read. */
struct fault script_choose(struct wire *wire, const struct request *request);
/* A fault takes effect: counts it and wakes who waits for it. */
void script_fired(struct wire *wire, const struct fault *fault);
const char *action_name(enum action action);

/* ---- control.c ---- */

int control_listen(struct wire *wire, const char *path);
/* script.c: control's next answer comes when rule has fired `times` times. */
void control_wait(struct control *control, unsigned rule, uint64_t times);
/* Answers those who wait for a rule that has fired often enough, or that exists no more. */
void control_check_waits(struct wire *wire);
void control_done(struct wire *wire);

/* ---- log.c ---- */

struct count {
        const char *kind;
        uint64_t requests, up_bytes, down_bytes;
};
#define WIRE_MAX_KINDS 64

/* A line for the request under way on a connection. note: how it ended, "ok" when it did well. */
void log_request(struct wire *wire, const struct connection *connection, const char *note);
void log_counts(const struct wire *wire, FILE *reply);

/* ---- pump.c ---- */

/* One direction of a connection. buffer[start..ready) may go out, [ready..end) has not been understood yet. What the
 * pipe holds is older than what the buffer holds: the pipe is filled only while the buffer is empty. */
struct channel {
        int from, to;
        bool readable, writable, eof;
        char *buffer;
        size_t start, ready, end;
        int pipe[2];
        size_t piped_bytes;
        struct bucket bucket;
};

int channel_init(struct channel *channel);
void channel_done(struct channel *channel);
/* Each: bytes moved, 0 when nothing can move now, -errno. End of input: 0 with eof set. */
ssize_t channel_fill(struct channel *channel, size_t max);
ssize_t channel_splice(struct channel *channel, size_t max);
ssize_t channel_drain(struct channel *channel);
bool channel_is_drained(const struct channel *channel);
/* Drops the next size bytes of those not understood yet. */
void channel_forget(struct channel *channel, size_t size);
/* Drops all that was to go out. */
void channel_scrap(struct channel *channel);
/* Adds bytes of our own to those that go out. -ENOBUFS */
int channel_put(struct channel *channel, const void *data, size_t size);

/* ---- exchange.c ---- */

enum request_phase { REQUEST_HEAD, REQUEST_WAIT, REQUEST_BODY, REQUEST_STALL, REQUEST_DONE };
enum response_phase { RESPONSE_HEAD, RESPONSE_WAIT, RESPONSE_BODY, RESPONSE_STALL, RESPONSE_LAST };

struct exchange {
        enum request_phase request_phase;
        enum response_phase response_phase;
        struct request request;
        struct response response;
        struct fault fault;
        size_t head_bytes; /* of the head that waits in the buffer */
        bool held;
        bool discard_request, discard_response;
        int64_t started_us;
        int64_t request_at_us;         /* when the request goes on, or a stall of it ends; 0: never */
        int64_t response_at_us;        /* the same for the answer */
        const char *note;              /* why it ended as it did */
        uint64_t up_bytes, down_bytes; /* of the bodies, as they pass */
};

enum verdict {
        VERDICT_IDLE,     /* nothing can move now */
        VERDICT_PROGRESS, /* call again */
        VERDICT_CLOSE,    /* over: close both sides in order */
        VERDICT_RESET,    /* over: reset the client */
};

/* One step of each machine. */
enum verdict exchange_step(struct wire *wire, struct connection *connection);
enum verdict request_step(struct wire *wire, struct connection *connection);
enum verdict response_step(struct wire *wire, struct connection *connection);

/* For both halves. The note, a literal, is what the log says. */
enum verdict exchange_end(struct connection *connection, enum verdict verdict, const char *note);
/* Held, or not yet time (a timer is set then); 0 is any time. */
bool exchange_waits(struct connection *connection, int64_t until_us);
/* Inverts the byte at the fault's offset; an offset among the lines of chunks moves on to the next byte of data. */
enum verdict exchange_corrupt(struct wire *wire, struct connection *connection, struct channel *channel,
                              const struct framing *framing);
enum verdict exchange_hold(struct wire *wire, struct exchange *exchange);
enum verdict exchange_stall(struct wire *wire, struct exchange *exchange, int64_t *ret_until_us);
enum verdict exchange_end_stall(struct connection *connection, int64_t until_us);

/* ---- body.c ---- */

enum direction { UP, DOWN };

struct body {
        struct channel *channel;
        enum direction direction;
        struct framing *framing;
        uint64_t *bytes;
        uint64_t limit; /* stop at this many bytes */
        bool discard;
};

/* Moves what can be moved of a body. Bytes moved, 0, or -errno; -EPIPE when input ended before the body did. */
ssize_t body_pump(struct wire *wire, struct connection *connection, const struct body *body);

static inline size_t size_min(uint64_t a, uint64_t b)
{
        return (size_t)(a < b ? a : b);
}

/* ---- connection.c ---- */

struct source {
        void (*handle)(struct wire *wire, struct source *source, uint32_t events);
};

struct connection {
        struct connection *previous, *next;
        struct connection *next_dead;
        struct source client_source, server_source;
        uint64_t id;
        int client, server;
        bool client_gone; /* it has closed, though bytes of it may be unread */
        bool fresh;       /* no request was seen on it yet */
        bool queued, dead;
        int64_t wake_us; /* 0: no timer */
        struct channel up, down;
        struct exchange exchange;
};

void connection_accept(struct wire *wire);
void connection_run(struct wire *wire, struct connection *connection);
void connection_run_all(struct wire *wire);
void connection_close(struct wire *wire, struct connection *connection, bool reset, const char *note);
void connection_close_all(struct wire *wire);
void connection_reap(struct wire *wire);
/* Asks for a run at a time. */
void connection_wake_at(struct connection *connection, int64_t time_us);

/* ---- main.c ---- */

struct wire {
        int epoll, listener, log, control_listener;
        struct source listener_source, control_source, signal_source;
        int signals;
        struct sockaddr_in server_address;
        uint16_t port;
        bool raw, paused, refusing, quit, again;
        bool listening; /* the listener is watched */
        char *control_path;
        const char *script_path;
        uint64_t random;
        struct shaping shaping;
        struct connection *connections, *dead;
        unsigned connection_count;
        uint64_t next_connection, next_request;
        struct rule rules[WIRE_MAX_RULES];
        unsigned rule_count, next_rule;
        struct count counts[WIRE_MAX_KINDS];
        unsigned kind_count;
        struct control *controls[WIRE_MAX_CONTROLS];
};

int wire_watch(struct wire *wire, int fd, uint32_t events, struct source *source);
/* Opens the port again after wire_refuse() closed it and reset everybody. */
int wire_listen(struct wire *wire);
void wire_refuse(struct wire *wire);

#endif
