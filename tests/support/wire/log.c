/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One line a request, written with one write() as soon as the request is over, so that a test may read the file at
 * any time; and the same in numbers. Columns are separated by tabs and explained by the file's first line.
 */
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "wire.h"

#define HEADER                                                                                                         \
        "#time_s\tconnection\tkind\tmethod\tpath\tquery\tstatus\tup_bytes\tdown_bytes\tduration_ms\trange\trule\tnote\n"

static struct count *count_of(struct wire *wire, const char *kind)
{
        for (unsigned i = 0; i < wire->kind_count; i++)
                if (strcmp(wire->counts[i].kind, kind) == 0)
                        return &wire->counts[i];
        /* kind.c knows fewer kinds than there is room for */
        struct count *count = &wire->counts[wire->kind_count++];
        *count = (struct count){ .kind = kind };
        return count;
}

static const char *or_dash(const char *text)
{
        return text && *text ? text : "-";
}

void log_request(struct wire *wire, const struct connection *connection, const char *note)
{
        const struct exchange *exchange = &connection->exchange;
        const struct request *request = &exchange->request;
        char line[WIRE_BUFFER_BYTES + 1024]; /* a head fits, so its parts do */

        struct count *count = count_of(wire, request->kind);
        count->requests++;
        count->up_bytes += exchange->up_bytes;
        count->down_bytes += exchange->down_bytes;
        if (wire->log < 0)
                return;
        bool first = lseek(wire->log, 0, SEEK_END) == 0;
        double duration_s = (double)(clock_us() - exchange->started_us) / 1e6;
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        int length = snprintf(line, sizeof line, "%s%.6f\t%llu\t%s\t%s\t%s\t%s\t%d\t%llu\t%llu\t%.3f\t%s\t%u:%s\t%s\n",
                              first ? HEADER : "", (double)now.tv_sec + (double)now.tv_nsec / 1e9 - duration_s,
                              (unsigned long long)connection->id, request->kind, request->method,
                              or_dash(request->path), or_dash(request->query), exchange->response.status,
                              (unsigned long long)exchange->up_bytes, (unsigned long long)exchange->down_bytes,
                              duration_s * 1e3, or_dash(request->range), exchange->fault.rule,
                              action_name(exchange->fault.given), note);
        if (length > 0 && (size_t)length < sizeof line && write(wire->log, line, (size_t)length) < 0)
                perror("wire: log");
}

void log_counts(const struct wire *wire, FILE *reply)
{
        for (unsigned i = 0; i < wire->kind_count; i++) {
                const struct count *count = &wire->counts[i];
                fprintf(reply, "%s %llu %llu %llu\n", count->kind, (unsigned long long)count->requests,
                        (unsigned long long)count->up_bytes, (unsigned long long)count->down_bytes);
        }
}
