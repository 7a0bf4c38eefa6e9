/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to S3 in the log. Private to the layer. */
#ifndef PAIL_DAEMON_SOURCE_TRACE_H
#define PAIL_DAEMON_SOURCE_TRACE_H

#include <stdint.h>

#include "pail/util/error.h"

struct pail_trace;
int pail_trace_new(struct pail_trace **ret_trace);
void pail_trace_free(struct pail_trace *trace);
/* For pail_s3_client_options.trace; context is a struct pail_trace. Failures are warnings, a few in a row; everything is at level debug. */
void pail_trace_request(void *context, const char *operation, const char *path, int http_status, unsigned attempt,
                        int64_t duration_ms, const struct pail_error *error, const char *request_id);
/* For .warn of the same; context may be NULL. */
void pail_trace_warn(void *context, const char *message);

#endif
