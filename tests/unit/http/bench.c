/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How fast the engine is on this machine: keeps a number of requests under way for some seconds, against a server in
 * another process that does as little as it can, and prints requests and bytes a second, and the client's CPU time.
 *
 *     bench METHOD SIZE_BYTES REQUESTS_AT_ONCE [THREADS [SECONDS]]
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pail/http/engine.h"
#include "pail/util/clock.h"

enum { BLOCK = 1024 * 1024, MAX_CALLS = 1024 };

static char block[BLOCK];

static bool send_all(int fd, const char *data, size_t size, int flags)
{
        while (size > 0) {
                ssize_t n = send(fd, data, size, flags | MSG_NOSIGNAL);
                if (n <= 0)
                        return false;
                data += n;
                size -= (size_t)n;
        }
        return true;
}

static bool send_body(int fd, uint64_t size)
{
        while (size > 0) {
                size_t n = size < BLOCK ? (size_t)size : BLOCK;
                if (!send_all(fd, block, n, 0))
                        return false;
                size -= n;
        }
        return true;
}

static bool skip_body(int fd, uint64_t size)
{
        static _Thread_local char waste[BLOCK / 2];
        while (size > 0) {
                ssize_t n = recv(fd, waste, size < sizeof(waste) ? (size_t)size : sizeof(waste), 0);
                if (n <= 0)
                        return false;
                size -= (size_t)n;
        }
        return true;
}

/* One request at a time: "GET /SIZE" is answered with SIZE bytes; "PUT /SIZE" reads as many and answers nothing. */
static bool serve_one(int fd)
{
        char head[4096];
        size_t length = 0;
        const char *end = NULL;
        while (!end) {
                ssize_t n = recv(fd, head + length, sizeof(head) - 1 - length, 0);
                if (n <= 0)
                        return false;
                length += (size_t)n;
                head[length] = '\0';
                end = strstr(head, "\r\n\r\n");
        }
        uint64_t size = strtoull(strchr(head, '/') + 1, NULL, 10);
        uint64_t upload = head[0] == 'P' ? size : 0;
        uint64_t have = length - (size_t)(end + 4 - head);
        if (!skip_body(fd, upload - have))
                return false;
        char answer[128];
        int n = snprintf(answer, sizeof(answer), "HTTP/1.1 200 OK\r\nContent-Length: %" PRIu64 "\r\n\r\n",
                         size - upload);
        return send_all(fd, answer, (size_t)n, upload == size ? 0 : MSG_MORE) && send_body(fd, size - upload);
}

static void *serve(void *argument)
{
        int fd = (int)(intptr_t)argument;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
        while (serve_one(fd))
                ;
        close(fd);
        return NULL;
}

static void run_server(int listener)
{
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;) {
                int fd = accept(listener, NULL, NULL);
                pthread_t thread;
                if (fd >= 0 && pthread_create(&thread, NULL, serve, (void *)(intptr_t)fd) == 0)
                        pthread_detach(thread);
        }
}

static unsigned start_server(pid_t *ret_pid)
{
        union {
                struct sockaddr any;
                struct sockaddr_in ip;
        } address = { .ip = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) } };
        socklen_t length = sizeof(address);
        int listener = socket(AF_INET, SOCK_STREAM, 0);
        if (bind(listener, &address.any, sizeof(address.ip)) < 0 || listen(listener, 1024) < 0 ||
            getsockname(listener, &address.any, &length) < 0) {
                perror("the server's socket");
                exit(1);
        }
        *ret_pid = fork();
        if (*ret_pid == 0)
                run_server(listener);
        close(listener);
        return ntohs(address.ip.sin_port);
}

struct bench {
        struct pail_http_engine *engine;
        int64_t end_ms;
        atomic_uint running;
        atomic_uint_fast64_t requests, bytes, failures;
        struct pail_http_request calls[MAX_CALLS];
};

static int take(void *context, const void *data, size_t size)
{
        (void)data;
        struct bench *bench = context;
        /* What a cache does with it: one copy. */
        static _Thread_local char target[128 * 1024];
        memcpy(target, data, size < sizeof(target) ? size : sizeof(target));
        atomic_fetch_add_explicit(&bench->bytes, size, memory_order_relaxed);
        return 0;
}

static const struct pail_http_sink sink = { .on_body = take };

static void again(struct pail_http_request *request, void *context)
{
        struct bench *bench = context;
        atomic_fetch_add(&bench->requests, 1);
        if (request->error.class != PAIL_ERROR_NONE && atomic_fetch_add(&bench->failures, 1) == 0)
                fprintf(stderr, "%s\n", request->error.message);
        atomic_fetch_add(&bench->bytes, request->body.size_bytes);
        if (pail_clock_monotonic_ms() < bench->end_ms)
                pail_http_engine_submit(bench->engine, request);
        else
                atomic_fetch_sub(&bench->running, 1);
}

static void start_call(struct bench *bench, struct pail_http_request *request, unsigned port, const char *method,
                       uint64_t size, const struct iovec *vector)
{
        pail_http_request_init(request);
        request->method = strdup(method);
        if (asprintf(&request->url, "http://127.0.0.1:%u/%" PRIu64, port, size) < 0)
                abort();
        pail_http_headers_addf(&request->headers, "Range", "bytes=0-%" PRIu64, size ? size - 1 : 0);
        for (int i = 0; i < 6; i++)
                pail_http_headers_addf(&request->headers, "x-amz-something", "as long as a header is %d", i);
        if (method[0] == 'P')
                request->body = (struct pail_http_body){ .vector = vector,
                                                         .vector_count = (size + BLOCK - 1) / BLOCK,
                                                         .size_bytes = size };
        request->sink = &sink;
        request->sink_context = bench;
        request->done = again;
        request->done_context = bench;
        pail_http_engine_submit(bench->engine, request);
}

static double seconds(const struct timeval *time)
{
        return (double)time->tv_sec + (double)time->tv_usec / 1e6;
}

int main(int argc, char **argv)
{
        if (argc < 4) {
                fprintf(stderr, "usage: bench GET|PUT SIZE_BYTES REQUESTS_AT_ONCE [THREADS [SECONDS]]\n");
                return 2;
        }
        uint64_t size = strtoull(argv[2], NULL, 10);
        unsigned at_once = (unsigned)strtoul(argv[3], NULL, 10);
        unsigned threads = argc > 4 ? (unsigned)strtoul(argv[4], NULL, 10) : 2;
        double duration_s = argc > 5 ? strtod(argv[5], NULL) : 3;
        if (at_once > MAX_CALLS)
                at_once = MAX_CALLS;

        memset(block, 'x', BLOCK);
        pid_t server;
        unsigned port = start_server(&server);
        static struct bench bench;
        static struct iovec vector[8192];
        for (size_t i = 0; i < 8192; i++)
                vector[i] = (struct iovec){ block, BLOCK };
        struct pail_error error = PAIL_ERROR_INIT;
        if (pail_http_engine_new(&(struct pail_http_engine_options){ .threads = threads }, &bench.engine, &error) < 0) {
                fprintf(stderr, "%s\n", error.message);
                return 1;
        }
        int64_t start_ms = pail_clock_monotonic_ms();
        bench.end_ms = start_ms + (int64_t)(duration_s * 1000);
        atomic_store(&bench.running, at_once);
        for (unsigned i = 0; i < at_once; i++)
                start_call(&bench, &bench.calls[i], port, argv[1], size, vector);
        while (atomic_load(&bench.running) > 0)
                usleep(1000);
        double wall_s = (double)(pail_clock_monotonic_ms() - start_ms) / 1000;
        struct rusage usage;
        getrusage(RUSAGE_SELF, &usage);
        pail_http_engine_free(bench.engine);
        for (unsigned i = 0; i < at_once; i++)
                pail_http_request_done(&bench.calls[i]);
        kill(server, SIGKILL);
        waitpid(server, NULL, 0);

        double cpu_s = seconds(&usage.ru_utime) + seconds(&usage.ru_stime);
        double gib = (double)atomic_load(&bench.bytes) / (1 << 30);
        double count = (double)atomic_load(&bench.requests);
        printf("%s %" PRIu64 " bytes, %u at once, %u threads: %.0f requests/s, %.2f GB/s, %.1f us CPU a request, "
               "%.2f CPU s a GiB, %" PRIuFAST64 " failed, %ld KiB peak\n",
               argv[1], size, at_once, threads, count / wall_s, gib * 1.073741824 / wall_s, cpu_s / count * 1e6,
               gib > 0 ? cpu_s / gib : 0, atomic_load(&bench.failures), usage.ru_maxrss);
        return atomic_load(&bench.failures) > 0;
}
